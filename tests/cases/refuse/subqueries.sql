-- C14: LIMIT inside
SELECT COUNT(*) FROM (SELECT household_id, week FROM transactions LIMIT 5) t
--- expected
[J104] LIMIT is not answered here
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- C14: ORDER BY inside
SELECT COUNT(*) FROM (SELECT household_id FROM transactions ORDER BY sales_value) t
--- expected
[J104] ORDER BY is not answered here
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- C14: DISTINCT ON
SELECT COUNT(*) FROM (SELECT DISTINCT ON (week) household_id, week FROM transactions) t
--- expected
[J104] DISTINCT ON is not answered here
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- C14: TABLESAMPLE
SELECT COUNT(*) FROM transactions TABLESAMPLE 10 PERCENT
--- expected
[J104] a sample of a table is not answered here
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- C14: USING SAMPLE
SELECT COUNT(*) FROM transactions USING SAMPLE 10
--- expected
[J104] SELECT with SAMPLE is not answered
Hint: sampling is not answered

-- a subquery that loses the unit
SELECT AVG(s) FROM (SELECT week, SUM(sales_value) AS s FROM transactions GROUP BY week) w
--- expected
[J302] a subquery that aggregates must group by the unit key
       SELECT AVG(s) FROM (SELECT week, SUM(sales_value) AS s FROM transactions GROUP BY week) w
                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: add the unit key to its GROUP BY (after a LEFT JOIN the left table's), or ask the aggregate directly

-- DISTINCT without the unit
SELECT COUNT(*) FROM (SELECT DISTINCT week FROM transactions) w
--- expected
[J302] a subquery that aggregates must group by the unit key
       SELECT COUNT(*) FROM (SELECT DISTINCT week FROM transactions) w
                                             ^^^^^^^^^^^^^^^^^^^^^^
Hint: add the unit key to its GROUP BY (after a LEFT JOIN the left table's), or ask the aggregate directly

-- the unit on the side that may be missing
SELECT COUNT(*) FROM (SELECT t.household_id FROM demographics d LEFT JOIN transactions t USING (household_id) GROUP BY t.household_id) x
--- expected
[J302] a subquery that aggregates must group by the unit key
       SELECT COUNT(*) FROM (SELECT t.household_id FROM demographics d LEFT JOIN transactions t USING (hous
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: add the unit key to its GROUP BY (after a LEFT JOIN the left table's), or ask the aggregate directly

-- C15: compared with an exact average
SELECT COUNT(*) FROM transactions WHERE sales_value > (SELECT AVG(sales_value) FROM transactions)
--- expected
[J104] a subquery over everybody is not compared with rows or used in them
       SELECT COUNT(*) FROM transactions WHERE sales_value > (SELECT AVG(sales_value) FROM transactions)
                                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: ask it first, then write its value; or link it to the same unit: WHERE inner.unit = outer.unit

-- C15: a scalar subquery in SELECT
SELECT COUNT(*), (SELECT COUNT(*) FROM demographics) FROM transactions
--- expected
[J104] a subquery over everybody is not compared with rows or used in them
       SELECT COUNT(*), (SELECT COUNT(*) FROM demographics) FROM transactions
                                ^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: ask it first, then write its value; or link it to the same unit: WHERE inner.unit = outer.unit

-- windows under an aggregate
SELECT SUM(r) FROM (SELECT household_id, ROW_NUMBER() OVER (ORDER BY sales_value) AS r FROM transactions) t
--- expected
[J302] a window function inside a subquery must be partitioned by the unit key
       SELECT SUM(r) FROM (SELECT household_id, ROW_NUMBER() OVER (ORDER BY sales_value) AS r FROM transact
                                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write OVER (PARTITION BY unit ...), or aggregate and write the window over the answers

-- D4: QUALIFY without a window
SELECT week, COUNT(*) FROM transactions GROUP BY week QUALIFY COUNT(*) > 1
--- expected
[J104] QUALIFY without a window is not answered
Hint: write HAVING

-- WITH RECURSIVE
WITH RECURSIVE r AS (SELECT household_id FROM transactions UNION ALL SELECT household_id FROM r) SELECT COUNT(*) FROM r
--- expected
[J104] WITH RECURSIVE is not answered
Hint: write the query without recursion

-- a common table expression that names itself
WITH r AS (SELECT * FROM r) SELECT COUNT(*) FROM r
--- expected
[J104] a common table expression cannot refer to itself
Hint: recursion is not answered

-- J3: a common table expression named like a table
WITH transactions AS (SELECT * FROM demographics) SELECT COUNT(*) FROM transactions
--- expected
[J108] transactions already names a table or expression
Hint: choose another name in WITH

-- J3: an alias twice
SELECT COUNT(*) FROM transactions d JOIN demographics d USING (household_id)
--- expected
[J108] the name d stands for two relations
Hint: give each its own alias

-- a name in two tables
SELECT COUNT(*) FROM transactions t JOIN products p ON t.product_id = p.product_id WHERE product_id > 3
--- expected
[J108] product_id exists in t, p
       N products p ON t.product_id = p.product_id WHERE product_id > 3
                                                         ^^^^^^^^^^
Hint: put the alias in front

-- an aggregate in an aggregate
SELECT SUM(COUNT(*)) FROM transactions
--- expected
[J104] an aggregate inside an aggregate is not answered
       SELECT SUM(COUNT(*)) FROM transactions
              ^^^^^^^^^^^
Hint: aggregate per unit in a subquery

-- an aggregate in WHERE
SELECT COUNT(*) FROM transactions WHERE COUNT(*) > 3
--- expected
[J104] COUNT is not answered here
       SELECT COUNT(*) FROM transactions WHERE COUNT(*) > 3
                                               ^^^^^^^
Hint: answered: COUNT, SUM, AVG over rows

-- a second unit key that may be NULL
SELECT COUNT(DISTINCT h) FROM (SELECT d.household_id, t.household_id AS h, COUNT(*) AS n FROM demographics d LEFT JOIN transactions t USING (household_id) GROUP BY 1, 2) u
--- expected
[J302] a subquery that aggregates must group by the unit key
       SELECT COUNT(DISTINCT h) FROM (SELECT d.household_id, t.household_id AS h, COUNT(*) AS n FROM demogr
                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: add the unit key to its GROUP BY (after a LEFT JOIN the left table's), or ask the aggregate directly