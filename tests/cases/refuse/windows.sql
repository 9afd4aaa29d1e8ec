-- a window over everybody
SELECT COUNT(*) FROM (SELECT household_id, ROW_NUMBER() OVER (ORDER BY sales_value) AS n FROM transactions) t WHERE n = 1
--- expected
[J302] a window function inside a subquery must be partitioned by the unit key
       SELECT COUNT(*) FROM (SELECT household_id, ROW_NUMBER() OVER (ORDER BY sales_value) AS n FROM transa
                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write OVER (PARTITION BY unit ...), or aggregate and write the window over the answers

-- a window over many units
SELECT COUNT(*) FROM (SELECT household_id, RANK() OVER (PARTITION BY week ORDER BY sales_value) AS n FROM transactions) t WHERE n = 1
--- expected
[J302] a window function inside a subquery must be partitioned by the unit key
       SELECT COUNT(*) FROM (SELECT household_id, RANK() OVER (PARTITION BY week ORDER BY sales_value) AS n
                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write OVER (PARTITION BY unit ...), or aggregate and write the window over the answers

-- a unit that may be NULL
SELECT COUNT(*) FROM (SELECT ROW_NUMBER() OVER (PARTITION BY t.household_id ORDER BY t.week) AS n FROM demographics d LEFT JOIN transactions t USING (household_id)) t WHERE n = 1
--- expected
[J302] a window function inside a subquery must be partitioned by the unit key
       SELECT COUNT(*) FROM (SELECT ROW_NUMBER() OVER (PARTITION BY t.household_id ORDER BY t.week) AS n FR
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write OVER (PARTITION BY unit ...), or aggregate and write the window over the answers

-- a unit that may be NULL beside a window
SELECT COUNT(DISTINCT h) FROM (SELECT t.household_id AS h, ROW_NUMBER() OVER (PARTITION BY d.household_id ORDER BY t.week) AS n FROM demographics d LEFT JOIN transactions t USING (household_id)) t WHERE n = 1
--- expected
[J302] a unit key that may be NULL stands beside a window function
       SELECT COUNT(DISTINCT h) FROM (SELECT t.household_id AS h, ROW_NUMBER() OVER (PARTITION BY d.househo
                                             ^^^^^^^^^^^^^^
Hint: select the unit key of the left table of the LEFT JOIN

-- ROW_NUMBER without an order
SELECT COUNT(*) FROM (SELECT household_id, ROW_NUMBER() OVER (PARTITION BY household_id) AS n FROM transactions) t WHERE n = 1
--- expected
[J104] ROW_NUMBER needs ORDER BY in its window, and no frame
       SELECT COUNT(*) FROM (SELECT household_id, ROW_NUMBER() OVER (PARTITION BY household_id) AS n FROM t
                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write OVER (PARTITION BY unit ORDER BY column)

-- a frame that is not answered
SELECT AVG(m) FROM (SELECT household_id, AVG(quantity) OVER (PARTITION BY household_id ORDER BY week ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS m FROM transactions) t
--- expected
[J104] this frame of a window is not answered
       SELECT AVG(m) FROM (SELECT household_id, AVG(quantity) OVER (PARTITION BY household_id ORDER BY week
                                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: leave it out, or write ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW after ORDER BY

-- NTILE
SELECT COUNT(*) FROM (SELECT household_id, NTILE(4) OVER (PARTITION BY household_id ORDER BY week) AS n FROM transactions) t WHERE n = 1
--- expected
[J104] NTILE is not answered in a window within one unit
       SELECT COUNT(*) FROM (SELECT household_id, NTILE(4) OVER (PARTITION BY household_id ORDER BY week) A
                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: answered: ROW_NUMBER, RANK, DENSE_RANK, LAG, LEAD, COUNT, SUM, AVG, MIN, MAX

-- FIRST_VALUE
SELECT COUNT(*) FROM (SELECT household_id, FIRST_VALUE(week) OVER (PARTITION BY household_id ORDER BY week) AS n FROM transactions) t WHERE n = 1
--- expected
[J104] FIRST_VALUE is not answered in a window within one unit
       SELECT COUNT(*) FROM (SELECT household_id, FIRST_VALUE(week) OVER (PARTITION BY household_id ORDER B
                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: answered: ROW_NUMBER, RANK, DENSE_RANK, LAG, LEAD, COUNT, SUM, AVG, MIN, MAX

-- COUNT DISTINCT in a window
SELECT SUM(n) FROM (SELECT household_id, COUNT(DISTINCT week) OVER (PARTITION BY household_id) AS n FROM transactions) t
--- expected
[J104] DISTINCT and FILTER in a window are not answered
       SELECT SUM(n) FROM (SELECT household_id, COUNT(DISTINCT week) OVER (PARTITION BY household_id) AS n 
                                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: use CASE, or aggregate per unit

-- a named window
SELECT COUNT(*) FROM (SELECT household_id, ROW_NUMBER() OVER w AS n FROM transactions WINDOW w AS (PARTITION BY household_id ORDER BY week)) t WHERE n = 1
--- expected
[J104] SELECT with windows is not answered here
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- a window beside GROUP BY
SELECT COUNT(*) FROM (SELECT household_id, COUNT(*) AS c, RANK() OVER (PARTITION BY household_id ORDER BY COUNT(*)) AS n FROM transactions GROUP BY household_id) t WHERE n = 1
--- expected
[J104] window functions together with GROUP BY, HAVING or DISTINCT are not answered
       SELECT COUNT(*) FROM (SELECT household_id, COUNT(*) AS c, RANK() OVER (PARTITION BY household_id ORD
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: compute the window in a subquery of its own, then aggregate

-- a window beside an aggregate
SELECT COUNT(*) FROM (SELECT household_id, SUM(quantity) AS c, RANK() OVER (PARTITION BY household_id ORDER BY week) AS n FROM transactions) t WHERE n = 1
--- expected
[J104] SUM is not answered here
       SELECT COUNT(*) FROM (SELECT household_id, SUM(quantity) AS c, RANK() OVER (PARTITION BY household_i
                                                  ^^^^^^^^^^^^
Hint: answered: COUNT, SUM, AVG over rows

-- LAG with a default
SELECT SUM(b) FROM (SELECT household_id, LAG(week, 1, 0) OVER (PARTITION BY household_id ORDER BY week) AS b FROM transactions) t
--- expected
[J104] LAG with default is not answered here
       SELECT SUM(b) FROM (SELECT household_id, LAG(week, 1, 0) OVER (PARTITION BY household_id ORDER BY we
                                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- LAG that ignores NULL
SELECT SUM(b) FROM (SELECT household_id, LAG(week IGNORE NULLS) OVER (PARTITION BY household_id ORDER BY week) AS b FROM transactions) t
--- expected
[J104] IGNORE NULLS is not answered in a window within one unit
       SELECT SUM(b) FROM (SELECT household_id, LAG(week IGNORE NULLS) OVER (PARTITION BY household_id ORDE
                                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: answered: ROW_NUMBER, RANK, DENSE_RANK, LAG, LEAD, COUNT, SUM, AVG, MIN, MAX

-- ordered by an identifier
SELECT COUNT(*) FROM (SELECT household_id, ROW_NUMBER() OVER (PARTITION BY household_id ORDER BY basket_id) AS n FROM transactions) t WHERE n = 1
--- expected
[J209] an identifier cannot be used in ORDER BY of a window
       SELECT COUNT(*) FROM (SELECT household_id, ROW_NUMBER() OVER (PARTITION BY household_id ORDER BY bas
                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- a key from a column that is no key
SELECT m, COUNT(*) FROM (SELECT household_id, MAX(quantity) OVER (PARTITION BY household_id) AS m FROM transactions) t GROUP BY m
--- expected
[J207] grouping by quantity is not allowed
       SELECT m, COUNT(*) FROM (SELECT household_id, MAX(quantity) OVER (PARTITION BY household_id) AS m FR
                                                         ^^^^^^^^
Rule: complete-journey.odcs.yaml, line 58
Hint: group by a column the contract opens