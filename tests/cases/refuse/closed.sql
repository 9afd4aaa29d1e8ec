-- GROUP BY ALL names a closed column
SELECT quantity, COUNT(*) FROM transactions GROUP BY ALL
--- expected
[J207] grouping by quantity is not allowed
       SELECT quantity, COUNT(*) FROM transactions GROUP BY ALL
              ^^^^^^^^
Rule: complete-journey.odcs.yaml, line 58
Hint: group by a column the contract opens

-- a closed column as text
SELECT CAST(quantity AS TEXT) AS q, COUNT(*) FROM transactions GROUP BY 1
--- expected
[J207] grouping by quantity is not allowed
       SELECT CAST(quantity AS TEXT) AS q, COUNT(*) FROM transactions GROUP BY 1
                   ^^^^^^^^
Rule: complete-journey.odcs.yaml, line 58
Hint: group by a column the contract opens

-- a closed column joined to a text
SELECT 'p' || product_id AS p, COUNT(*) FROM transactions GROUP BY 1
--- expected
[J207] grouping by product_id is not allowed
       SELECT 'p' || product_id AS p, COUNT(*) FROM transactions GROUP BY 1
                     ^^^^^^^^^^
Rule: complete-journey.odcs.yaml, line 56
Hint: group by a column the contract opens

-- COUNT DISTINCT of an expression of a column that is not counted distinct
SELECT COUNT(DISTINCT quantity + 1) FROM transactions
--- expected
[J206] count_distinct of quantity is not allowed
       SELECT COUNT(DISTINCT quantity + 1) FROM transactions
                             ^^^^^^^^
Rule: complete-journey.odcs.yaml, line 58
Hint: allowed for quantity: count, mean, minmax, quantile, sum

-- the length of a column that is not summed
--: house hospital
SELECT SUM(LENGTH(diagnosis_icd10)) FROM stays
--- expected
[J206] sum of diagnosis_icd10 is not allowed
       SELECT SUM(LENGTH(diagnosis_icd10)) FROM stays
                         ^^^^^^^^^^^^^^^
Rule: hospital-stays.odcs.yaml, line 54
Hint: allowed for diagnosis_icd10: count, count_distinct

-- pieces of a column that is not averaged
--: house hospital
SELECT AVG(LENGTH(SPLIT_PART(REPLACE(diagnosis_icd10, 'X', '.'), '.', 1))) FROM stays
--- expected
[J206] mean of diagnosis_icd10 is not allowed
       SELECT AVG(LENGTH(SPLIT_PART(REPLACE(diagnosis_icd10, 'X', '.'), '.', 1))) FROM stays
                                            ^^^^^^^^^^^^^^^
Rule: hospital-stays.odcs.yaml, line 54
Hint: allowed for diagnosis_icd10: count, count_distinct

-- the largest value of one person, of a column without MAX
--: house hospital
SELECT COUNT(*) FROM stays s WHERE (SELECT MAX(t.cost_gbp) FROM stays t WHERE t.patient_id = s.patient_id) > 5
--- expected
[J206] minmax of cost_gbp is not allowed
       SELECT COUNT(*) FROM stays s WHERE (SELECT MAX(t.cost_gbp) FROM stays t WHERE t.patient_id = s.patie
                                                        ^^^^^^^^
Rule: hospital-stays.odcs.yaml, line 52
Hint: allowed for cost_gbp: mean, sum

-- a value of one person, finer by a closed column
SELECT COUNT(*) FROM transactions t WHERE (SELECT COUNT(*) FROM transactions u WHERE u.household_id = t.household_id AND u.quantity = t.quantity) > 1
--- expected
[J207] grouping by quantity is not allowed, also within a unit
       ons u WHERE u.household_id = t.household_id AND u.quantity = t.quantity) > 1
                                                         ^^^^^^^^
Rule: complete-journey.odcs.yaml, line 58
Hint: group by a column the contract opens or lets be counted distinct

-- a dropped column as a condition that is counted
--: house hospital
SELECT COUNT_IF(notes LIKE '100!%' ESCAPE '!') FROM patients
--- expected
[J205] notes cannot be read
       SELECT COUNT_IF(notes LIKE '100!%' ESCAPE '!') FROM patients
                       ^^^^^
Rule: hospital-stays.odcs.yaml, line 35
Hint: leave it out, or ask the data owner

-- constants in UNION ALL that say which condition a row met
SELECT v, COUNT(*) FROM (SELECT household_id, 1 AS v FROM transactions WHERE quantity = 1 UNION ALL SELECT household_id, 2 FROM transactions WHERE quantity = 2) u GROUP BY v
--- expected
[J207] grouping by quantity is not allowed
       LECT household_id, 1 AS v FROM transactions WHERE quantity = 1 UNION ALL SELECT household_id, 2 FROM
                                                         ^^^^^^^^
Rule: complete-journey.odcs.yaml, line 58
Hint: group by a column the contract opens

-- a column that never lands, moved by a window
SELECT COUNT(*) FROM (SELECT household_id, LAG(marital_status) OVER (PARTITION BY household_id ORDER BY age) AS m FROM demographics) t
--- expected
[J205] marital_status cannot be read
       SELECT COUNT(*) FROM (SELECT household_id, LAG(marital_status) OVER (PARTITION BY household_id ORDER
                                                      ^^^^^^^^^^^^^^
Rule: complete-journey.odcs.yaml, line 35
Hint: leave it out, or ask the data owner

-- a column that never lands in a branch
SELECT COUNT(*) FROM (SELECT household_id, marital_status FROM demographics UNION ALL SELECT household_id, marital_status FROM demographics) t
--- expected
[J205] marital_status cannot be read
       SELECT COUNT(*) FROM (SELECT household_id, marital_status FROM demographics UNION ALL SELECT househo
                                                  ^^^^^^^^^^^^^^
Rule: complete-journey.odcs.yaml, line 35
Hint: leave it out, or ask the data owner