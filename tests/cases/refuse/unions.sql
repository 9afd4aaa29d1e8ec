-- UNION
SELECT COUNT(*) FROM (SELECT household_id FROM transactions UNION SELECT household_id FROM demographics) u
--- expected
[J104] UNION without ALL is not answered: it would compare rows of different units
       SELECT COUNT(*) FROM (SELECT household_id FROM transactions UNION SELECT household_id FROM demograph
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write UNION ALL, and SELECT DISTINCT with the unit key around it where a row should count once

-- INTERSECT
SELECT COUNT(*) FROM (SELECT household_id FROM transactions INTERSECT SELECT household_id FROM demographics) u
--- expected
[J104] INTERSECT is not answered
       SELECT COUNT(*) FROM (SELECT household_id FROM transactions INTERSECT SELECT household_id FROM demog
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write it with EXISTS or NOT EXISTS on the unit and the columns compared

-- EXCEPT ALL
SELECT COUNT(*) FROM (SELECT household_id FROM transactions EXCEPT ALL SELECT household_id FROM demographics) u
--- expected
[J104] EXCEPT is not answered
       SELECT COUNT(*) FROM (SELECT household_id FROM transactions EXCEPT ALL SELECT household_id FROM demo
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write it with EXISTS or NOT EXISTS on the unit and the columns compared

-- a UNION inside a UNION ALL
SELECT COUNT(*) FROM (SELECT household_id FROM transactions UNION ALL (SELECT household_id FROM demographics UNION SELECT household_id FROM coupon_redemptions)) u
--- expected
[J104] UNION without ALL is not answered: it would compare rows of different units
        household_id FROM transactions UNION ALL (SELECT household_id FROM demographics UNION SELECT househ
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write UNION ALL, and SELECT DISTINCT with the unit key around it where a row should count once

-- different numbers of columns
SELECT COUNT(*) FROM (SELECT household_id, week FROM transactions UNION ALL SELECT household_id FROM demographics) u
--- expected
[J104] the branches of UNION ALL have different numbers of columns
       SELECT COUNT(*) FROM (SELECT household_id, week FROM transactions UNION ALL SELECT household_id FROM
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: select the same columns in each, or NULL AS name where one has no such column

-- different types
SELECT COUNT(*) FROM (SELECT household_id, week FROM transactions UNION ALL SELECT household_id, age FROM demographics) u
--- expected
[J106] the branches of UNION ALL have different types
       SELECT COUNT(*) FROM (SELECT household_id, week FROM transactions UNION ALL SELECT household_id, age
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: give all branches one type

-- the unit beside another column
SELECT COUNT(*) FROM (SELECT household_id, week FROM transactions UNION ALL SELECT campaign_id, household_id FROM coupon_redemptions) u
--- expected
[J302] one branch of UNION ALL has the unit key where another has something else
       SELECT COUNT(*) FROM (SELECT household_id, week FROM transactions UNION ALL SELECT campaign_id, hous
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: select the unit key at the same place in each (after a LEFT JOIN the left table's)

-- a unit that may be NULL
SELECT COUNT(DISTINCT h) FROM (SELECT t.household_id AS h FROM demographics d LEFT JOIN transactions t USING (household_id) UNION ALL SELECT household_id FROM demographics) u
--- expected
[J302] one branch of UNION ALL has the unit key where another has something else
       SELECT COUNT(DISTINCT h) FROM (SELECT t.household_id AS h FROM demographics d LEFT JOIN transactions
                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: select the unit key at the same place in each (after a LEFT JOIN the left table's)

-- a public branch
SELECT COUNT(*) FROM (SELECT product_id FROM transactions UNION ALL SELECT product_id FROM products) u
--- expected
[J302] a branch of UNION ALL reads only public tables: its rows belong to no unit
       SELECT COUNT(*) FROM (SELECT product_id FROM transactions UNION ALL SELECT product_id FROM products)
                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: join it with the private table it belongs to, or read the public table directly

-- a limit of the whole
SELECT COUNT(*) FROM (SELECT household_id FROM transactions UNION ALL SELECT household_id FROM demographics LIMIT 10) u
--- expected
[J104] LIMIT is not answered here
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- by name
SELECT COUNT(*) FROM (SELECT household_id FROM transactions UNION ALL BY NAME SELECT household_id FROM demographics) u
--- expected
[J104] UNION with by name is not answered here
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- a column closed in one branch
SELECT week, COUNT(*) FROM (SELECT household_id, week FROM transactions UNION ALL SELECT household_id, quantity FROM transactions) u GROUP BY week
--- expected
[J207] grouping by quantity is not allowed
        FROM transactions UNION ALL SELECT household_id, quantity FROM transactions) u GROUP BY week
                                                         ^^^^^^^^
Rule: complete-journey.odcs.yaml, line 58
Hint: group by a column the contract opens

-- a product that is too large
SELECT COUNT(*) FROM (SELECT household_id FROM transactions UNION ALL SELECT household_id FROM transactions) u JOIN coupon_redemptions USING (household_id)
--- expected
[J311] one unit's joined rows have no bound
Hint: declare contribution.joinRows, or aggregate one side per unit in a subquery first