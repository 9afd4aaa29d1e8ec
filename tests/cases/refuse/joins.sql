-- C5: off the unit path
SELECT COUNT(*) FROM transactions t JOIN coupon_redemptions c ON t.week = c.campaign_id
--- expected
[J212] two private tables are joined off the unit path
       SELECT COUNT(*) FROM transactions t JOIN coupon_redemptions c ON t.week = c.campaign_id
                                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: join them on the unit key, or along a foreign key the contract declares

-- C5: non-equi
SELECT COUNT(*) FROM transactions t JOIN demographics d ON t.household_id > d.household_id
--- expected
[J209] an identifier cannot be used in a comparison
       SELECT COUNT(*) FROM transactions t JOIN demographics d ON t.household_id > d.household_id
                                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- C5: two tables of many rows without joinRows
SELECT COUNT(*) FROM transactions JOIN coupon_redemptions USING (household_id)
--- expected
[J311] one unit's joined rows have no bound
Hint: declare contribution.joinRows, or aggregate one side per unit in a subquery first

-- C5: a self-join of a table of many rows
SELECT COUNT(*) FROM transactions a JOIN transactions b USING (household_id)
--- expected
[J311] one unit's joined rows have no bound
Hint: declare contribution.joinRows, or aggregate one side per unit in a subquery first

-- C6: CROSS JOIN
SELECT COUNT(*) FROM transactions CROSS JOIN products
--- expected
[J212] a join needs an equality between columns of both sides
       SELECT COUNT(*) FROM transactions CROSS JOIN products
                                                    ^^^^^^^^
Hint: write JOIN ... ON a.key = b.key or USING (key)

-- C6: a comma without a condition
SELECT COUNT(*) FROM transactions, demographics
--- expected
[J212] a join needs an equality between columns of both sides
       SELECT COUNT(*) FROM transactions, demographics
                                          ^^^^^^^^^^^^
Hint: write JOIN ... ON a.key = b.key or USING (key)

-- C6: VALUES
SELECT COUNT(*) FROM transactions, (VALUES (1), (2)) v(x)
--- expected
[J104] FROM takes tables and subqueries
       SELECT COUNT(*) FROM transactions, (VALUES (1), (2)) v(x)
                                                   ^^^^^^^^^^^^
Hint: table functions and files are not answered

-- C6: generate_series
SELECT COUNT(*) FROM transactions, generate_series(1, 1000)
--- expected
[J104] FROM takes tables and subqueries
       SELECT COUNT(*) FROM transactions, generate_series(1, 1000)
                                          ^^^^^^^^^^^^^^^^^^^^^^^
Hint: table functions and files are not answered

-- C6: range
SELECT COUNT(*) FROM transactions CROSS JOIN range(1000)
--- expected
[J104] FROM takes tables and subqueries
       SELECT COUNT(*) FROM transactions CROSS JOIN range(1000)
                                                    ^^^^^^^^^^
Hint: table functions and files are not answered

-- C6: UNNEST
SELECT COUNT(*) FROM transactions, UNNEST([1, 2, 3])
--- expected
[J104] FROM takes tables and subqueries
       SELECT COUNT(*) FROM transactions, UNNEST([1, 2, 3])
                                                  ^^^^^^^
Hint: table functions and files are not answered

-- C6: LATERAL
SELECT COUNT(*) FROM transactions t, LATERAL (SELECT * FROM demographics d WHERE d.household_id = t.household_id) x
--- expected
[J104] FROM takes tables and subqueries
       ECT COUNT(*) FROM transactions t, LATERAL (SELECT * FROM demographics d WHERE d.household_id = t.hou
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: table functions and files are not answered

-- UNION of answers
SELECT COUNT(*) FROM transactions UNION ALL SELECT COUNT(*) FROM demographics
--- expected
[J104] UNION and other set operations of answers are not answered
Hint: ask the parts one by one, or write FROM (SELECT ... UNION ALL SELECT ...) and aggregate that

-- RIGHT JOIN
SELECT COUNT(*) FROM products p RIGHT JOIN transactions t USING (product_id)
--- expected
[J212] RIGHT JOIN is not answered
       SELECT COUNT(*) FROM products p RIGHT JOIN transactions t USING (product_id)
                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write an inner join, or a LEFT JOIN with the private table on the left

-- FULL JOIN
SELECT COUNT(*) FROM transactions t FULL JOIN demographics d USING (household_id)
--- expected
[J212] FULL JOIN is not answered
       SELECT COUNT(*) FROM transactions t FULL JOIN demographics d USING (household_id)
                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write an inner join, or a LEFT JOIN with the private table on the left

-- public LEFT JOIN private
SELECT p.brand, COUNT(*) FROM products p LEFT JOIN transactions t USING (product_id) GROUP BY p.brand
--- expected
[J212] a public table cannot keep all its rows against a private one: unmatched rows would tell who is absent
       ELECT p.brand, COUNT(*) FROM products p LEFT JOIN transactions t USING (product_id) GROUP BY p.brand
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: put the private table on the left, or use an inner join

-- J2: ASOF
SELECT COUNT(*) FROM transactions t ASOF JOIN coupon_redemptions c ON t.household_id = c.household_id AND t.transaction_timestamp >= c.redemption_date
--- expected
[J104] an ASOF, POSITIONAL or NATURAL join is not answered here
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- J2: POSITIONAL
SELECT COUNT(*) FROM transactions POSITIONAL JOIN demographics
--- expected
[J104] an ASOF, POSITIONAL or NATURAL join is not answered here
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- NATURAL
SELECT COUNT(*) FROM transactions NATURAL JOIN demographics
--- expected
[J104] an ASOF, POSITIONAL or NATURAL join is not answered here
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- only public tables
SELECT COUNT(*) FROM products
--- expected
[J318] the query reads only public tables
Hint: public tables need no private answer; read them directly

-- drugs to patients past their stays
--: house hospital
SELECT COUNT(*) FROM stay_drugs d JOIN patients p ON d.stay_id = p.patient_id
--- expected
[J209] an identifier cannot be used in a comparison
       SELECT COUNT(*) FROM stay_drugs d JOIN patients p ON d.stay_id = p.patient_id
                                                            ^^^^^^^^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- a public table first in FROM, reached over another public table off its key
SELECT COUNT(*) FROM products i JOIN products d ON d.department = i.department JOIN transactions t ON t.product_id = d.product_id
--- expected
[J212] the public table products is joined on columns that are not its key
       SELECT COUNT(*) FROM products i JOIN products d ON d.department = i.department JOIN transactions t O
                            ^^^^^^^^^^
Hint: join it on its primary key (product_id)

-- a public table first in FROM, joined off its key
SELECT COUNT(*) FROM products p JOIN transactions t ON t.store_id = p.product_id AND t.week > 3 JOIN products q ON q.brand = p.brand
--- expected
[J212] the public table products is joined on columns that are not its key
        ON t.store_id = p.product_id AND t.week > 3 JOIN products q ON q.brand = p.brand
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: join it on its primary key (product_id)

-- the condition of a LEFT JOIN does not bind the tables on its left
SELECT COUNT(*) FROM transactions t JOIN products o USING (product_id) JOIN products p ON p.brand = o.brand LEFT JOIN products q ON q.product_id = t.product_id AND p.product_id = t.product_id
--- expected
[J212] the public table products is joined on columns that are not its key
       actions t JOIN products o USING (product_id) JOIN products p ON p.brand = o.brand LEFT JOIN products
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: join it on its primary key (product_id)

-- two public tables keyed only by each other
SELECT COUNT(*) FROM transactions t JOIN products p ON p.product_id = t.store_id JOIN products q ON q.brand = p.brand JOIN products r ON r.product_id = q.product_id
--- expected
[J212] the public table products is joined on columns that are not its key
       JOIN products p ON p.product_id = t.store_id JOIN products q ON q.brand = p.brand JOIN products r ON
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: join it on its primary key (product_id)

-- a plain subquery of a public table joined off its key
SELECT p.brand, COUNT(*) FROM transactions t JOIN (SELECT q.brand, q.product_id FROM products q JOIN products r ON r.brand = q.brand) p ON p.product_id = t.product_id GROUP BY p.brand
--- expected
[J212] the public table products is joined on columns that are not its key
Hint: join it on its primary key (product_id)