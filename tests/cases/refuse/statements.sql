-- no text
--- expected
[J101] the query is empty
Hint: send one SELECT

-- not SQL
hello world
--- expected
[J101] only SELECT is answered; this starts with HELLO
Hint: send one SELECT

-- two statements
SELECT COUNT(*) FROM transactions; SELECT 1
--- expected
[J101] only one statement at a time
       SELECT COUNT(*) FROM transactions; SELECT 1
                                        ^
Hint: send one SELECT

-- an open bracket
SELECT COUNT(* FROM transactions
--- expected
[J101] the text is not valid SQL here
       SELECT COUNT(* FROM transactions
                      ^^^^
Hint: check the spelling and the brackets

-- E8: INSERT
INSERT INTO transactions VALUES (1)
--- expected
[J101] only SELECT is answered; this starts with INSERT
Hint: send one SELECT

-- E8: UPDATE
UPDATE transactions SET week = 1
--- expected
[J101] only SELECT is answered; this starts with UPDATE
Hint: send one SELECT

-- E8: DELETE
DELETE FROM transactions
--- expected
[J101] only SELECT is answered; this starts with DELETE
Hint: send one SELECT

-- E8: CREATE TABLE
CREATE TABLE x AS SELECT * FROM transactions
--- expected
[J101] only SELECT is answered; this starts with CREATE
Hint: send one SELECT

-- E8: DROP
DROP TABLE transactions
--- expected
[J101] only SELECT is answered; this starts with DROP
Hint: send one SELECT

-- E8: COPY
COPY transactions TO '/tmp/x.csv'
--- expected
[J101] only SELECT is answered; this starts with COPY
Hint: send one SELECT

-- E8: ATTACH
ATTACH '/tmp/x.db'
--- expected
[J101] only SELECT is answered; this starts with ATTACH
Hint: send one SELECT

-- E8: PRAGMA
PRAGMA table_info('transactions')
--- expected
[J101] only SELECT is answered; this starts with PRAGMA
Hint: send one SELECT

-- E8: SET
SET memory_limit = '1GB'
--- expected
[J101] only SELECT is answered; this starts with SET
Hint: send one SELECT

-- E8: INSTALL
INSTALL httpfs
--- expected
[J101] only SELECT is answered; this starts with INSTALL
Hint: send one SELECT

-- E8: EXPORT
EXPORT DATABASE '/tmp/x'
--- expected
[J101] the text is not valid SQL here
       EXPORT DATABASE '/tmp/x'
                       ^^^^^^^^
Hint: check the spelling and the brackets

-- E8: CALL
CALL pragma_version()
--- expected
[J101] only SELECT is answered; this starts with CALL
Hint: send one SELECT

-- E8: EXPLAIN SELECT
EXPLAIN SELECT COUNT(*) FROM transactions
--- expected
[J101] only SELECT is answered; this starts with EXPLAIN
Hint: write EXPLAIN PRIVACY SELECT ...

-- E8: EXPLAIN ANALYZE
EXPLAIN ANALYZE SELECT COUNT(*) FROM transactions
--- expected
[J101] only SELECT is answered; this starts with EXPLAIN
Hint: write EXPLAIN PRIVACY SELECT ...

-- J2: FROM first
FROM transactions
--- expected
[J301] SELECT * would show rows
       FROM transactions
       ^
Hint: name aggregates, such as COUNT(*)

-- J2: DESCRIBE
DESCRIBE transactions
--- expected
[J101] only SELECT is answered; this starts with DESCRIBE
Hint: send one SELECT

-- J2: SUMMARIZE
SUMMARIZE transactions
--- expected
[J101] only SELECT is answered; this starts with SUMMARIZE
Hint: send one SELECT

-- J2: SHOW
SHOW TABLES
--- expected
[J101] only SELECT is answered; this starts with SHOW
Hint: send one SELECT

-- J2: TABLE
TABLE transactions
--- expected
[J301] SELECT * would show rows
Hint: name aggregates, such as COUNT(*)

-- J2: VALUES
VALUES (1)
--- expected
[J101] only SELECT is answered; this starts with VALUES
Hint: send one SELECT

-- J2: PIVOT
PIVOT transactions ON week USING COUNT(*)
--- expected
[J101] only SELECT is answered; this starts with PIVOT
Hint: send one SELECT

-- J2: COLUMNS
SELECT SUM(COLUMNS('.*')) FROM transactions
--- expected
[J104] COLUMNS(...) is not answered
       SELECT SUM(COLUMNS('.*')) FROM transactions
              ^^^^^^^^^^^^^^^^^
Hint: docs/reference/sql.md lists what is answered

-- J2: SELECT * REPLACE
SELECT * REPLACE (1 AS week) FROM transactions
--- expected
[J301] SELECT * would show rows
       SELECT * REPLACE (1 AS week) FROM transactions
              ^^^^^^^^^^^^^^^^^^^^
Hint: name aggregates, such as COUNT(*)

-- J2: SELECT * EXCLUDE in a subquery
SELECT COUNT(*) FROM (SELECT * EXCLUDE (week) FROM transactions) t
--- expected
[J104] EXCLUDE is not answered here
Hint: leave that part out; docs/reference/sql.md lists what is answered

-- J2: a pipe
FROM transactions |> AGGREGATE COUNT(*)
--- expected
[J302] a subquery that aggregates must group by the unit key
       FROM transactions |> AGGREGATE COUNT(*)
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: add the unit key to its GROUP BY (after a LEFT JOIN the left table's), or ask the aggregate directly

-- J2: a parameter
SELECT COUNT(*) FROM transactions WHERE week = $1
--- expected
[J104] a parameter without its value is not answered
       SELECT COUNT(*) FROM transactions WHERE week = $1
                                               ^^^^
Hint: docs/reference/sql.md lists what is answered

-- J2: a question mark
SELECT COUNT(*) FROM transactions WHERE week = ?
--- expected
[J104] a parameter without its value is not answered
       SELECT COUNT(*) FROM transactions WHERE week = ?
                                               ^^^^
Hint: docs/reference/sql.md lists what is answered

-- E7: information_schema
SELECT COUNT(*) FROM information_schema.tables
--- expected
[J102] no table information_schema.tables
       SELECT COUNT(*) FROM information_schema.tables
                            ^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: Known: campaign_descriptions, coupon_redemptions, demographics, products, transactions

-- E7: duckdb_tables
SELECT COUNT(*) FROM duckdb_tables()
--- expected
[J104] FROM takes tables and subqueries
       SELECT COUNT(*) FROM duckdb_tables()
                            ^^^^^^^^^^^^^
Hint: table functions and files are not answered

-- E7: pg_class
SELECT COUNT(*) FROM pg_catalog.pg_class
--- expected
[J102] no table pg_catalog.pg_class
       SELECT COUNT(*) FROM pg_catalog.pg_class
                            ^^^^^^^^^^^^^^^^^^^
Hint: Known: campaign_descriptions, coupon_redemptions, demographics, products, transactions

-- no FROM
SELECT COUNT(*)
--- expected
[J318] the query reads no table
Hint: add FROM

-- an unknown table
SELECT COUNT(*) FROM transaction
--- expected
[J102] no table transaction
       SELECT COUNT(*) FROM transaction
                            ^^^^^^^^^^^
Hint: did you mean transactions? Known: campaign_descriptions, coupon_redemptions, demographics, products, transactions

-- an unknown column
SELECT SUM(sale_value) FROM transactions
--- expected
[J103] no column sale_value in the tables of the query
       SELECT SUM(sale_value) FROM transactions
                  ^^^^^^^^^^
Hint: did you mean sales_value? Known: basket_id, coupon_disc, household_id, product_id, quantity, sales_value, store_id, transaction_timestamp, week

-- text compared with a number
SELECT COUNT(*) FROM demographics WHERE age > 30
--- expected
[J106] cannot compare number with text
       SELECT COUNT(*) FROM demographics WHERE age > 30
                                               ^^^^^^^^
Hint: compare values of one type; quote text, do not quote numbers

-- a date that is none
SELECT COUNT(*) FROM coupon_redemptions WHERE redemption_date = '30.6.2017'
--- expected
[J106] a date constant is not of the form YYYY-MM-DD
       SELECT COUNT(*) FROM coupon_redemptions WHERE redemption_date = '30.6.2017'
                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write DATE '2017-06-30'

-- ACCURACY without a number
SELECT COUNT(*) FROM transactions WITH ACCURACY
--- expected
[J101] the text is not valid SQL here
       SELECT COUNT(*) FROM transactions WITH ACCURACY
                                         ^^^^
Hint: check the spelling and the brackets

-- EPSILON and ACCURACY
SELECT COUNT(*) FROM transactions WITH ACCURACY 5 EPSILON 1
--- expected
[J317] epsilon, rho and accuracy exclude each other
Hint: give one of them, once

-- F7: EPSILON 0
SELECT COUNT(*) FROM transactions EPSILON 0
--- expected
[J317] EPSILON must be above 0 and at most 1e15
       SELECT COUNT(*) FROM transactions EPSILON 0
                                                 ^
Hint: for example EPSILON 500

-- an epsilon above the limit
SELECT COUNT(*) FROM transactions EPSILON 3
--- expected
[J402] one question may cost epsilon 2 at most
Hint: ask with --epsilon 2 or less
Would be accepted: SELECT COUNT(*) FROM transactions

-- an accuracy out of reach
SELECT COUNT(DISTINCT household_id) FROM transactions WITH ACCURACY 1
--- expected
[J316] this accuracy costs more than one question may cost
Hint: at the highest price of a question the first aggregate comes within 4
Would be accepted: SELECT COUNT(DISTINCT household_id) FROM transactions WITH ACCURACY 4

-- an aggregate the contract does not allow
SELECT AVG(product_id) FROM transactions
--- expected
[J206] mean of product_id is not allowed
       SELECT AVG(product_id) FROM transactions
                  ^^^^^^^^^^
Rule: complete-journey.odcs.yaml, line 56
Hint: allowed for product_id: count_distinct

-- C4: a value without bounds
SELECT SUM(store_id) FROM transactions
--- expected
[J206] sum of store_id is not allowed
       SELECT SUM(store_id) FROM transactions
                  ^^^^^^^^
Rule: complete-journey.odcs.yaml, line 52
Hint: allowed for store_id: none

-- a sum that could overflow
SELECT SUM(LEAST(GREATEST(week * week * week * week, 0), 9)) FROM transactions
--- expected
[J315] an expression could leave the range of the engine's numbers
       SELECT SUM(LEAST(GREATEST(week * week * week * week, 0), 9)) FROM transactions
                                 ^^^^^^^^^^^^^^^^^^
Hint: multiply fewer columns, or narrow them with LEAST(GREATEST(x, low), high)

-- too many keys
SELECT week, age, income, kids_count, COUNT(*) FROM transactions JOIN demographics USING (household_id) GROUP BY 1, 2, 3, 4
--- expected
[J314] the grouping has 36960 declared keys; at most 10000 are answered
Hint: group by fewer columns or coarser expressions

-- H2: a purpose that needs consent
--: purpose marketing
SELECT COUNT(*) FROM transactions
--- expected
[J203] ana may not ask for purpose marketing
Rule: complete-journey.odcs.yaml, access
Hint: purposes open to you: assortment

[J210] purpose marketing needs each unit's consent, and the consented set is not available yet
Rule: complete-journey.odcs.yaml, line 106
Hint: ask for a purpose without required consent

-- H2: a purpose nobody declared
--: purpose spying
SELECT COUNT(*) FROM transactions
--- expected
[J202] no purpose 'spying' for Household purchases
Rule: complete-journey.odcs.yaml, purposes
Hint: purposes: assortment, marketing

-- H2: a purpose of another role
--: house hospital
--: purpose research
SELECT COUNT(*) FROM stays
--- expected
[J203] ana may not ask for purpose research
Rule: hospital-stays.odcs.yaml, access
Hint: purposes open to you: planning, service_quality

[J210] purpose research needs each unit's consent, and the consented set is not available yet
Rule: hospital-stays.odcs.yaml, line 82
Hint: ask for a purpose without required consent

-- several reasons at once
SELECT product_id, SUM(store_id) FROM transactions WHERE basket_id IS NULL GROUP BY product_id
--- expected
[J209] basket_id cannot be used in a condition
       SELECT product_id, SUM(store_id) FROM transactions WHERE basket_id IS NULL GROUP BY product_id
                                                                ^^^^^^^^^
Rule: complete-journey.odcs.yaml, line 54
Hint: filter on a column that describes many

[J207] grouping by product_id is not allowed
       SELECT product_id, SUM(store_id) FROM transactions WHERE basket_id IS NULL GROUP BY product_id
              ^^^^^^^^^^
Rule: complete-journey.odcs.yaml, line 56
Hint: group by a column the contract opens

[J206] sum of store_id is not allowed
       SELECT product_id, SUM(store_id) FROM transactions WHERE basket_id IS NULL GROUP BY product_id
                              ^^^^^^^^
Rule: complete-journey.odcs.yaml, line 52
Hint: allowed for store_id: none

-- bounds in the query do not open a column
SELECT SUM(LEAST(GREATEST(store_id, 0), 100)) FROM transactions
--- expected
[J206] sum of store_id is not allowed
       SELECT SUM(LEAST(GREATEST(store_id, 0), 100)) FROM transactions
                                 ^^^^^^^^
Rule: complete-journey.odcs.yaml, line 52
Hint: allowed for store_id: none

-- a truth value of a column closed as a key
SELECT quantity > 5 AS many, COUNT(*) FROM transactions GROUP BY 1
--- expected
[J207] grouping by quantity is not allowed
       SELECT quantity > 5 AS many, COUNT(*) FROM transactions GROUP BY 1
              ^^^^^^^^
Rule: complete-journey.odcs.yaml, line 58
Hint: group by a column the contract opens

-- GROUP BY without a key
SELECT COUNT(*) FROM transactions GROUP BY
--- expected
[J101] GROUP BY names no key
Hint: name the keys, or leave GROUP BY out