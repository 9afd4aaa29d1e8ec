-- IN between people
SELECT COUNT(*) FROM transactions WHERE week IN (SELECT week FROM transactions WHERE sales_value > 100)
--- expected
[J212] a subquery over private rows is not linked to the same unit: it would compare people with each other
       SELECT COUNT(*) FROM transactions WHERE week IN (SELECT week FROM transactions WHERE sales_value > 1
                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write unit IN (SELECT unit FROM ...), or WHERE inner.unit = outer.unit inside EXISTS

-- EXISTS without the unit
SELECT COUNT(*) FROM transactions t WHERE EXISTS (SELECT 1 FROM coupon_redemptions c WHERE c.campaign_id = t.week)
--- expected
[J212] a subquery over private rows is not linked to the same unit: it would compare people with each other
       COUNT(*) FROM transactions t WHERE EXISTS (SELECT 1 FROM coupon_redemptions c WHERE c.campaign_id = 
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write unit IN (SELECT unit FROM ...), or WHERE inner.unit = outer.unit inside EXISTS

-- EXISTS without any link
SELECT COUNT(*) FROM transactions WHERE EXISTS (SELECT 1 FROM coupon_redemptions)
--- expected
[J212] a subquery over private rows is not linked to the same unit: it would compare people with each other
       SELECT COUNT(*) FROM transactions WHERE EXISTS (SELECT 1 FROM coupon_redemptions)
                                                              ^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write unit IN (SELECT unit FROM ...), or WHERE inner.unit = outer.unit inside EXISTS

-- NOT EXISTS without the unit
SELECT COUNT(*) FROM transactions t WHERE NOT EXISTS (SELECT 1 FROM transactions u WHERE u.basket_id = t.basket_id)
--- expected
[J212] a subquery over private rows is not linked to the same unit: it would compare people with each other
       T(*) FROM transactions t WHERE NOT EXISTS (SELECT 1 FROM transactions u WHERE u.basket_id = t.basket
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write unit IN (SELECT unit FROM ...), or WHERE inner.unit = outer.unit inside EXISTS

-- NOT IN with a value that may be NULL
SELECT COUNT(*) FROM transactions t WHERE t.week NOT IN (SELECT u.week FROM transactions u WHERE u.household_id = t.household_id AND u.sales_value > 9)
--- expected
[J212] NOT IN compares a value that may be NULL, so all rows inside decide about each row
       SELECT COUNT(*) FROM transactions t WHERE t.week NOT IN (SELECT u.week FROM transactions u WHERE u.h
                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write NOT EXISTS (SELECT 1 FROM ... WHERE inner.x = outer.x), which a NULL never meets

-- a unit that may be NULL, NOT IN
SELECT COUNT(*) FROM demographics d LEFT JOIN transactions t USING (household_id) WHERE t.household_id NOT IN (SELECT household_id FROM coupon_redemptions)
--- expected
[J212] NOT IN compares a value that may be NULL, so all rows inside decide about each row
       FT JOIN transactions t USING (household_id) WHERE t.household_id NOT IN (SELECT household_id FROM co
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write NOT EXISTS (SELECT 1 FROM ... WHERE inner.x = outer.x), which a NULL never meets

-- private rows inside a public list
SELECT COUNT(*) FROM transactions WHERE product_id IN (SELECT product_id FROM products WHERE product_id IN (SELECT product_id FROM transactions))
--- expected
[J212] a subquery over private rows is not linked to the same unit: it would compare people with each other
       duct_id IN (SELECT product_id FROM products WHERE product_id IN (SELECT product_id FROM transactions
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write unit IN (SELECT unit FROM ...), or WHERE inner.unit = outer.unit inside EXISTS

-- a private list filters a public table
SELECT COUNT(*) FROM transactions JOIN (SELECT * FROM products WHERE product_id IN (SELECT product_id FROM transactions)) p USING (product_id)
--- expected
[J212] a subquery over private rows is not linked to the same unit: it would compare people with each other
       M transactions JOIN (SELECT * FROM products WHERE product_id IN (SELECT product_id FROM transactions
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write unit IN (SELECT unit FROM ...), or WHERE inner.unit = outer.unit inside EXISTS

-- a public table by an inequality
SELECT COUNT(*) FROM transactions t WHERE EXISTS (SELECT 1 FROM products p WHERE p.product_id > t.product_id)
--- expected
[J212] a public table inside IN or EXISTS is compared by equality with the rows outside
       COUNT(*) FROM transactions t WHERE EXISTS (SELECT 1 FROM products p WHERE p.product_id > t.product_i
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write x IN (SELECT x FROM ...), or EXISTS (SELECT 1 FROM p WHERE p.x = outer.x AND ...)

-- IN under OR
SELECT COUNT(*) FROM transactions WHERE week = 3 OR household_id IN (SELECT household_id FROM demographics)
--- expected
[J104] IN (SELECT ...) is answered only as a condition of WHERE that AND joins to the others
       LECT COUNT(*) FROM transactions WHERE week = 3 OR household_id IN (SELECT household_id FROM demograp
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: move it there, or count per unit in a subquery in FROM and compare that number

-- IN in FILTER
SELECT COUNT(*) FILTER (WHERE household_id IN (SELECT household_id FROM demographics)) FROM transactions
--- expected
[J104] IN (SELECT ...) is answered only as a condition of WHERE that AND joins to the others
       SELECT COUNT(*) FILTER (WHERE household_id IN (SELECT household_id FROM demographics)) FROM transact
                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: move it there, or count per unit in a subquery in FROM and compare that number

-- EXISTS as a value
SELECT SUM(CASE WHEN EXISTS (SELECT 1 FROM demographics) THEN 1 ELSE 0 END) FROM transactions
--- expected
[J104] EXISTS is answered only as a condition of WHERE that AND joins to the others
       SELECT SUM(CASE WHEN EXISTS (SELECT 1 FROM demographics) THEN 1 ELSE 0 END) FROM transactions
                                           ^^^^^^^^^^^^^^^^^^^
Hint: move it there, or count per unit in a subquery in FROM and compare that number

-- EXISTS in HAVING
SELECT week, COUNT(*) FROM transactions GROUP BY week HAVING EXISTS (SELECT 1 FROM demographics)
--- expected
[J104] EXISTS is answered only as a condition of WHERE that AND joins to the others
       SELECT week, COUNT(*) FROM transactions GROUP BY week HAVING EXISTS (SELECT 1 FROM demographics)
                                                                                   ^^^^^^^^^^^^^^^^^^^
Hint: move it there, or count per unit in a subquery in FROM and compare that number

-- an aggregate inside EXISTS
SELECT COUNT(*) FROM transactions t WHERE EXISTS (SELECT COUNT(*) FROM coupon_redemptions c WHERE c.household_id = t.household_id)
--- expected
[J104] GROUP BY and aggregates inside EXISTS are not answered
       COUNT(*) FROM transactions t WHERE EXISTS (SELECT COUNT(*) FROM coupon_redemptions c WHERE c.househo
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write unit IN (SELECT unit FROM ... GROUP BY unit HAVING ...), or group in a subquery in its FROM

-- a limit inside IN
SELECT COUNT(*) FROM transactions WHERE household_id IN (SELECT household_id FROM demographics LIMIT 5)
--- expected
[J104] LIMIT is not answered here
       SELECT COUNT(*) FROM transactions WHERE household_id IN (SELECT household_id FROM demographics LIMIT
                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- an order inside EXISTS
SELECT COUNT(*) FROM transactions t WHERE EXISTS (SELECT 1 FROM demographics d WHERE d.household_id = t.household_id ORDER BY d.age)
--- expected
[J104] ORDER BY is not answered here
       COUNT(*) FROM transactions t WHERE EXISTS (SELECT 1 FROM demographics d WHERE d.household_id = t.hou
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- two columns inside IN
SELECT COUNT(*) FROM transactions WHERE household_id IN (SELECT household_id, age FROM demographics)
--- expected
[J104] IN compares 1 values with a subquery of 2 columns
       SELECT COUNT(*) FROM transactions WHERE household_id IN (SELECT household_id, age FROM demographics)
                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: select as many columns as stand before IN

-- sums compared inside and outside
SELECT COUNT(*) FROM transactions t WHERE EXISTS (SELECT 1 FROM transactions u WHERE u.household_id = t.household_id AND u.quantity + t.quantity > 5)
--- expected
[J104] a condition mixes columns of the subquery and of the query around it
       COUNT(*) FROM transactions t WHERE EXISTS (SELECT 1 FROM transactions u WHERE u.household_id = t.hou
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: compare them with one side each, joined by AND: inner.x < outer.y

-- an outer condition inside NOT EXISTS
SELECT COUNT(*) FROM transactions t WHERE NOT EXISTS (SELECT 1 FROM demographics d WHERE d.household_id = t.household_id AND t.week = 3)
--- expected
[J104] a condition on the rows outside stands inside NOT EXISTS, NOT IN or ANTI JOIN
       T(*) FROM transactions t WHERE NOT EXISTS (SELECT 1 FROM demographics d WHERE d.household_id = t.hou
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: filter the rows outside in their own WHERE, or split the question in two

-- a subquery that reaches two levels out
SELECT COUNT(*) FROM transactions t WHERE EXISTS (SELECT 1 FROM coupon_redemptions c WHERE c.household_id = t.household_id AND EXISTS (SELECT 1 FROM demographics d WHERE d.household_id = t.household_id))
--- expected
[J102] no relation t in FROM
       LECT 1 FROM demographics d WHERE d.household_id = t.household_id))
                                                         ^^^^^^^^^^^^^^
Hint: Known: d

-- an inequality whose product is too large
SELECT COUNT(*) FROM transactions t WHERE EXISTS (SELECT 1 FROM coupon_redemptions c WHERE c.household_id = t.household_id AND c.redemption_date <= CAST(t.transaction_timestamp AS DATE))
--- expected
[J311] one unit could make 200000 joined rows; at most 100000 are joined
Hint: aggregate one side per unit in a subquery first

-- ANY of a subquery
SELECT COUNT(*) FROM transactions WHERE household_id = ANY (SELECT household_id FROM demographics)
--- expected
[J104] ANY (SELECT ...) is not answered
       SELECT COUNT(*) FROM transactions WHERE household_id = ANY (SELECT household_id FROM demographics)
                                                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: docs/reference/sql.md lists what is answered

-- ALL of a subquery
SELECT COUNT(*) FROM transactions t WHERE t.week > ALL (SELECT u.week FROM transactions u WHERE u.household_id = t.household_id)
--- expected
[J104] ALL (SELECT ...) is not answered
       *) FROM transactions t WHERE t.week > ALL (SELECT u.week FROM transactions u WHERE u.household_id = 
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: docs/reference/sql.md lists what is answered

-- a set operation inside IN
SELECT COUNT(*) FROM transactions WHERE household_id IN (SELECT household_id FROM demographics UNION SELECT household_id FROM coupon_redemptions)
--- expected
[J104] IN and EXISTS take one SELECT
       SELECT COUNT(*) FROM transactions WHERE household_id IN (SELECT household_id FROM demographics UNION
                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: put a UNION ALL into a subquery in its FROM

-- a semi join on the right of a LEFT JOIN
SELECT COUNT(*) FROM demographics d LEFT JOIN (SELECT * FROM transactions WHERE household_id IN (SELECT household_id FROM coupon_redemptions)) t USING (household_id)
--- expected
[J212] the right side of a LEFT JOIN must be a table or a plain subquery of one
       CT COUNT(*) FROM demographics d LEFT JOIN (SELECT * FROM transactions WHERE household_id IN (SELECT 
                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: join the tables one by one, or aggregate that side per unit in its subquery

-- a semi join as the unit's side
SELECT COUNT(*) FROM transactions t SEMI JOIN demographics d ON t.week = 3
--- expected
[J212] a subquery over private rows is not linked to the same unit: it would compare people with each other
       SELECT COUNT(*) FROM transactions t SEMI JOIN demographics d ON t.week = 3
                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write unit IN (SELECT unit FROM ...), or WHERE inner.unit = outer.unit inside EXISTS

-- a private semi join of a public table alone
SELECT COUNT(*) FROM products SEMI JOIN transactions USING (product_id)
--- expected
[J212] a subquery over private rows is not linked to the same unit: it would compare people with each other
       SELECT COUNT(*) FROM products SEMI JOIN transactions USING (product_id)
                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write unit IN (SELECT unit FROM ...), or WHERE inner.unit = outer.unit inside EXISTS

-- a column of the inner side of SEMI JOIN
SELECT d.age, COUNT(*) FROM transactions t SEMI JOIN demographics d USING (household_id) GROUP BY d.age
--- expected
[J102] no relation d in FROM
       JOIN demographics d USING (household_id) GROUP BY d.age
                                                         ^^^^^
Hint: Known: t