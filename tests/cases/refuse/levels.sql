-- ROLLUP over an undeclared key
SELECT store_id, COUNT(*) FROM transactions GROUP BY ROLLUP (store_id)
--- expected
[J319] store_id is not declared, so its totals cannot be added up from its keys
Hint: ask each level by itself, or have the keys declared in the contract

-- a total of units that several parts share
SELECT week, COUNT(DISTINCT household_id) FROM transactions GROUP BY ROLLUP (week)
--- expected
[J319] COUNT(DISTINCT household_id) of a total is not the sum over its parts
Hint: ask each level by itself

-- a total of distinct values
SELECT week, COUNT(DISTINCT basket_id) FROM transactions GROUP BY CUBE (week)
--- expected
[J319] COUNT(DISTINCT basket_id) of a total is not the sum over its parts
Hint: ask each level by itself

-- GROUPING of what is no key
SELECT week, GROUPING(week + 1) AS g, COUNT(*) FROM transactions GROUP BY ROLLUP (week)
--- expected
[J104] GROUPING takes keys of GROUP BY
       SELECT week, GROUPING(week + 1) AS g, COUNT(*) FROM transactions GROUP BY ROLLUP (week)
                    ^^^^^^^^^^^^^^^^^
Hint: write GROUPING(a)

-- CUBE over too many keys
SELECT COUNT(*) FROM demographics GROUP BY CUBE (age, income, home_ownership, kids_count, household_size, age, income, marital_status, kids_count)
--- expected
[J107] CUBE over more than 8 keys is not answered
Hint: name the sets you need

-- ROLLUP in a subquery
SELECT AVG(n) FROM (SELECT household_id, week, COUNT(*) AS n FROM transactions GROUP BY ROLLUP (household_id, week)) t
--- expected
[J104] ROLLUP is not answered
        COUNT(*) AS n FROM transactions GROUP BY ROLLUP (household_id, week)) t
                                                         ^^^^^^^^^^^^^^^^^^
Hint: docs/reference/sql.md lists what is answered

-- more rows in all levels than are answered
SELECT week, income, age, COUNT(*) FROM transactions JOIN demographics USING (household_id) GROUP BY CUBE (week, income, age), CUBE (week, age)
--- expected
[J314] all levels together have 62250 rows; at most 10000 are answered
Hint: ask for fewer levels or coarser keys