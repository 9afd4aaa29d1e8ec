-- every column
SELECT * FROM transactions
--- expected
[J301] SELECT * would show rows
       SELECT * FROM transactions
              ^
Hint: name aggregates, such as COUNT(*)

-- one column
SELECT sales_value FROM transactions
--- expected
[J301] sales_value is neither grouped nor aggregated: that would show rows
       SELECT sales_value FROM transactions
              ^^^^^^^^^^^
Hint: aggregate it, or add it to GROUP BY

-- a column beside an aggregate
SELECT week, COUNT(*) FROM transactions
--- expected
[J301] week is neither grouped nor aggregated: that would show rows
       SELECT week, COUNT(*) FROM transactions
              ^^^^
Hint: aggregate it, or add it to GROUP BY

-- a constant
SELECT 1 FROM transactions
--- expected
[J104] a constant is not an answer
       SELECT 1 FROM transactions
              ^
Hint: leave it out

-- a constant beside an aggregate
SELECT COUNT(*), 1 FROM transactions
--- expected
[J104] a constant is not an answer
       SELECT COUNT(*), 1 FROM transactions
                        ^
Hint: leave it out

-- the unit key
SELECT household_id, COUNT(*) FROM transactions GROUP BY household_id
--- expected
[J209] an identifier cannot be a key of the answer
       SELECT household_id, COUNT(*) FROM transactions GROUP BY household_id
                                                                ^^^^^^^^^^^^
Hint: group by a column that describes many

-- the unit key in an expression
SELECT household_id + 1 AS h, COUNT(*) FROM transactions GROUP BY 1
--- expected
[J209] an identifier cannot be used in the operator +
       SELECT household_id + 1 AS h, COUNT(*) FROM transactions GROUP BY 1
              ^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- H4: the unit key under another name
SELECT h, COUNT(*) FROM (SELECT household_id AS h FROM transactions) t GROUP BY h
--- expected
[J209] an identifier cannot be a key of the answer
       SELECT h, COUNT(*) FROM (SELECT household_id AS h FROM transactions) t GROUP BY h
                                                                                       ^
Hint: group by a column that describes many

-- H4: the unit key through a common table expression
WITH x AS (SELECT household_id AS k, week FROM transactions) SELECT k, COUNT(*) FROM x GROUP BY k
--- expected
[J209] an identifier cannot be a key of the answer
       WITH x AS (SELECT household_id AS k, week FROM transactions) SELECT k, COUNT(*) FROM x GROUP BY k
                                                                                                       ^
Hint: group by a column that describes many

-- H4: the unit key through CONCAT
SELECT COUNT(*) FROM transactions GROUP BY CONCAT(household_id, '')
--- expected
[J209] an identifier cannot be used in a text
       SELECT COUNT(*) FROM transactions GROUP BY CONCAT(household_id, '')
                                                  ^^^^^^^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- H4: the unit key through ||
SELECT COUNT(*) FROM transactions GROUP BY household_id || ''
--- expected
[J209] an identifier cannot be used in a text
       SELECT COUNT(*) FROM transactions GROUP BY household_id || ''
                                                  ^^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- H4: the unit key through CAST
SELECT CAST(household_id AS VARCHAR) AS h, COUNT(*) FROM transactions GROUP BY 1
--- expected
[J209] an identifier cannot be used in CAST
       SELECT CAST(household_id AS VARCHAR) AS h, COUNT(*) FROM transactions GROUP BY 1
              ^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- H4: the unit key through CASE
SELECT CASE WHEN week = 1 THEN household_id END AS h, COUNT(*) FROM transactions GROUP BY 1
--- expected
[J209] an identifier cannot be used in CASE
       SELECT CASE WHEN week = 1 THEN household_id END AS h, COUNT(*) FROM transactions GROUP BY 1
                        ^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- H4: the unit key through COALESCE
SELECT COUNT(*) FROM transactions GROUP BY COALESCE(household_id, 0)
--- expected
[J209] an identifier cannot be used in COALESCE
       SELECT COUNT(*) FROM transactions GROUP BY COALESCE(household_id, 0)
                                                  ^^^^^^^^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- an identifier as key
SELECT basket_id, COUNT(*) FROM transactions GROUP BY basket_id
--- expected
[J209] an identifier cannot be a key of the answer
       SELECT basket_id, COUNT(*) FROM transactions GROUP BY basket_id
                                                             ^^^^^^^^^
Hint: group by a column that describes many

-- an identifier in a sum
SELECT SUM(basket_id) FROM transactions
--- expected
[J209] an identifier cannot be used in SUM
       SELECT SUM(basket_id) FROM transactions
              ^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- A3: a condition on the unit key
SELECT COUNT(*) FROM transactions WHERE household_id <> 777
--- expected
[J209] an identifier cannot be used in a comparison
       SELECT COUNT(*) FROM transactions WHERE household_id <> 777
                                               ^^^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- A3: a list of unit keys
SELECT COUNT(*) FROM transactions WHERE household_id IN (1, 2)
--- expected
[J209] an identifier cannot be used in a comparison
       SELECT COUNT(*) FROM transactions WHERE household_id IN (1, 2)
                                               ^^^^^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- H5: an order on the unit key
SELECT COUNT(*) FROM transactions WHERE household_id < 100
--- expected
[J209] an identifier cannot be used in a comparison
       SELECT COUNT(*) FROM transactions WHERE household_id < 100
                                               ^^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- C1: one person's weight through CASE
SELECT SUM(CASE WHEN household_id = 777 THEN 100 ELSE 0 END) FROM transactions
--- expected
[J209] an identifier cannot be used in a comparison
       SELECT SUM(CASE WHEN household_id = 777 THEN 100 ELSE 0 END) FROM transactions
                            ^^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- H5: a condition on an identifier
--: house hospital
SELECT COUNT(*) FROM patients WHERE nhs_number LIKE '94%'
--- expected
[J209] an identifier cannot be used in LIKE
       SELECT COUNT(*) FROM patients WHERE nhs_number LIKE '94%'
                                           ^^^^^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- H5: the length of an identifier
--: house hospital
SELECT COUNT(*) FROM patients WHERE LENGTH(nhs_number) = 10
--- expected
[J209] an identifier cannot be used in LENGTH
       SELECT COUNT(*) FROM patients WHERE LENGTH(nhs_number) = 10
                                           ^^^^^^^^^^^^^^^^^
Hint: count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out

-- a column that never lands
--: house hospital
SELECT notes, COUNT(*) FROM patients GROUP BY notes
--- expected
[J205] notes cannot be read
       SELECT notes, COUNT(*) FROM patients GROUP BY notes
              ^^^^^
Rule: hospital-stays.odcs.yaml, line 35
Hint: leave it out, or ask the data owner

-- a column that never lands, in a condition
SELECT COUNT(*) FROM demographics WHERE marital_status = 'Married'
--- expected
[J205] marital_status cannot be read
       SELECT COUNT(*) FROM demographics WHERE marital_status = 'Married'
                                               ^^^^^^^^^^^^^^
Rule: complete-journey.odcs.yaml, line 35
Hint: leave it out, or ask the data owner

-- a key the contract denies
SELECT product_id, COUNT(*) FROM transactions GROUP BY product_id
--- expected
[J207] grouping by product_id is not allowed
       SELECT product_id, COUNT(*) FROM transactions GROUP BY product_id
              ^^^^^^^^^^
Rule: complete-journey.odcs.yaml, line 56
Hint: group by a column the contract opens

-- a key open only in bins
SELECT sales_value, COUNT(*) FROM transactions GROUP BY sales_value
--- expected
[J207] sales_value may be grouped only in bins
       SELECT sales_value, COUNT(*) FROM transactions GROUP BY sales_value
              ^^^^^^^^^^^
Rule: complete-journey.odcs.yaml, line 60
Hint: write FLOOR(sales_value / 10) or another range of bins

-- COUNT of an identifier's rows
SELECT COUNT(household_id) FROM transactions
--- expected
[J209] an identifier is only counted distinct
       SELECT COUNT(household_id) FROM transactions
              ^^^^^^^^^^^^^^^^^^
Hint: use COUNT(*) for rows, COUNT(DISTINCT key) for units