-- declared keys alone are public
SELECT DISTINCT age FROM demographics
--- expected
t1 = demographics
key age = t1.age
output age = #key.0
distinct rows
key age: 6 declared and (other), (null), every one answered
nothing is measured: the keys are public
age VARCHAR key

-- a list of keys by GROUP BY
SELECT age FROM demographics GROUP BY age ORDER BY age LIMIT 3
--- expected
t1 = demographics
key age = t1.age
output age = #key.0
order by #key.0
limit 3 offset 0
key age: 6 declared and (other), (null), every one answered
nothing is measured: the keys are public
age VARCHAR key

-- undeclared keys alone: everything goes to the selection
SELECT DISTINCT store_id FROM transactions
--- expected
t1 = transactions
key store_id = t1.store_id
output store_id = #key.0
distinct rows
key store_id: found by private selection
at most 5000 rows of a household count
at most 300 keys of a household count (keyed sample)
key selection: discrete Gaussian, threshold 34.19 weight, rho 0.0283967, delta 1e-09
store_id BIGINT key

-- DISTINCT over the answer
SELECT DISTINCT COUNT(*) > 100 AS many FROM demographics GROUP BY age
--- expected
t1 = demographics
key age = t1.age
aggregate 0 = count(*)
output many = (#agg.0 > 100)
distinct rows
key age: 6 declared and (other), (null), every one answered
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
many BOOLEAN derived