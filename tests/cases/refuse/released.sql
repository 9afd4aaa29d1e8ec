-- a window in HAVING
SELECT week, COUNT(*) AS n, RANK() OVER (ORDER BY COUNT(*)) AS r FROM transactions GROUP BY week HAVING r < 5
--- expected
[J104] HAVING comes before windows
Hint: write QUALIFY

-- a window inside a window
SELECT week, SUM(RANK() OVER (ORDER BY COUNT(*))) OVER () FROM transactions GROUP BY week
--- expected
[J104] a window inside a window is not answered
       SELECT week, SUM(RANK() OVER (ORDER BY COUNT(*))) OVER () FROM transactions GROUP BY week
                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: leave one of them out

-- a window over rows
SELECT week, SUM(sales_value) OVER (PARTITION BY week) FROM transactions
--- expected
[J301] week is neither grouped nor aggregated: that would show rows
       SELECT week, SUM(sales_value) OVER (PARTITION BY week) FROM transactions
              ^^^^
Hint: aggregate it, or add it to GROUP BY

-- a window in WHERE
SELECT COUNT(*) FROM transactions WHERE ROW_NUMBER() OVER (ORDER BY week) < 5
--- expected
[J104] a window over rows is not answered here
       SELECT COUNT(*) FROM transactions WHERE ROW_NUMBER() OVER (ORDER BY week) < 5
                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: windows are computed over released values, and in SELECT of a subquery in FROM, partitioned by the unit

-- a frame by distance
SELECT week, SUM(COUNT(*)) OVER (ORDER BY week RANGE BETWEEN 3 PRECEDING AND CURRENT ROW) FROM transactions GROUP BY week
--- expected
[J104] this frame of a window is not answered
       SELECT week, SUM(COUNT(*)) OVER (ORDER BY week RANGE BETWEEN 3 PRECEDING AND CURRENT ROW) FROM trans
                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW, or numbers of rows

-- a window function that is not answered
SELECT week, COUNT(*), MEDIAN(COUNT(*)) OVER () FROM transactions GROUP BY week
--- expected
[J104] this function is not answered in a window
       SELECT week, COUNT(*), MEDIAN(COUNT(*)) OVER () FROM transactions GROUP BY week
                              ^^^^^^^^^^^^^^
Hint: answered: RANK, DENSE_RANK, ROW_NUMBER, PERCENT_RANK, CUME_DIST, NTILE, COUNT, SUM, AVG, MIN, MAX, LAG, LEAD, FIRST_VALUE, LAST_VALUE, NTH_VALUE

-- a window nobody defined
SELECT week, COUNT(*), RANK() OVER w FROM transactions GROUP BY week
--- expected
[J104] no window w is defined here
       SELECT week, COUNT(*), RANK() OVER w FROM transactions GROUP BY week
                              ^^^^^^^^^^^^^
Hint: define it: WINDOW w AS (ORDER BY ...)

-- DISTINCT beside an aggregate without GROUP BY
SELECT DISTINCT age, COUNT(*) FROM demographics
--- expected
[J301] age is neither grouped nor aggregated: that would show rows
       SELECT DISTINCT age, COUNT(*) FROM demographics
                       ^^^
Hint: aggregate it, or add it to GROUP BY

-- a list of keys has no accuracy
SELECT DISTINCT age FROM demographics WITH ACCURACY 5
--- expected
[J317] an accuracy is of an aggregate
Hint: ask for COUNT(*) too, or give an epsilon

-- an identifier in SELECT DISTINCT
SELECT DISTINCT household_id FROM transactions
--- expected
[J209] an identifier cannot be a key of the answer
       SELECT DISTINCT household_id FROM transactions
                       ^^^^^^^^^^^^
Hint: group by a column that describes many

-- SELECT DISTINCT ordered by what it does not show
SELECT DISTINCT age FROM demographics GROUP BY age ORDER BY COUNT(*)
--- expected
[J104] ORDER BY with SELECT DISTINCT takes output columns
Hint: add the expression to SELECT

-- SELECT DISTINCT of rows
SELECT DISTINCT * FROM demographics
--- expected
[J301] SELECT * would show rows
       SELECT DISTINCT * FROM demographics
                       ^
Hint: name aggregates, such as COUNT(*)