-- comments, case and quoting change nothing
select /* x */ Week, count(*) from "transactions" group by WEEK
--- expected
t1 = transactions
key WEEK = t1.week
aggregate 0 = count(*)
output Week = #key.0
output count = #agg.0
key WEEK: 53 declared and (other), (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9536)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-3770 of the bounded total, 19 times in 20
Week BIGINT key
count BIGINT measure

-- constants on the left, NOT and nested brackets
SELECT COUNT(*) FROM transactions WHERE ((NOT (3 > quantity)) AND 1 <= week)
--- expected
t1 = transactions
where not((3 > t1.quantity))
where (1 <= t1.week)
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- Postgres casts and division
--: dialect postgres
SELECT SUM(quantity / 2), SUM(sales_value::int) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum((clamp(t1.quantity, 0, 20) // 2))
aggregate 1 = sum(round(clamp(t1.sales_value, 0, 100)))
output sum = #agg.0
output sum = #agg.1
at most 5000 rows of a household count
sum((clamp(t1.quantity, 0, 20) // 2)): L2 norm of a household over its keys clipped at a bound found privately among 31 up to 50000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-3.771e+04 of the bounded total, 19 times in 20
sum(round(clamp(t1.sales_value, 0, 100))): L2 norm of a household over its keys clipped at a bound found privately among 37 up to 500000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-1.886e+05 of the bounded total, 19 times in 20
sum BIGINT measure
sum BIGINT measure

-- DuckDB division
SELECT SUM(quantity / 2), SUM(quantity // 2) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum((clamp(t1.quantity, 0, 20) / 2))
aggregate 1 = sum((clamp(t1.quantity, 0, 20) // 2))
output sum = #agg.0
output sum = #agg.1
at most 5000 rows of a household count
sum((clamp(t1.quantity, 0, 20) / 2)): L2 norm of a household over its keys clipped at a bound found privately among 71 up to 50000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-1.886e+04 of the bounded total, 19 times in 20
sum((clamp(t1.quantity, 0, 20) // 2)): L2 norm of a household over its keys clipped at a bound found privately among 31 up to 50000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-3.771e+04 of the bounded total, 19 times in 20
sum DECIMAL(18,6) measure
sum BIGINT measure

-- positions
SELECT week, age, COUNT(*) FROM transactions JOIN demographics USING (household_id) GROUP BY 2, 1 ORDER BY 3
--- expected
t1 = transactions
inner join t2 = demographics on (t1.household_id = t2.household_id)
key age = t2.age
key week = t1.week
aggregate 0 = count(*)
output week = #key.1
output age = #key.0
output count = #agg.0
order by #agg.0
key age: 6 declared and (other), (null), every one answered
key week: 53 declared and (other), (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.75)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-3770 of the bounded total, 19 times in 20
week BIGINT key
age VARCHAR key
count BIGINT measure

-- an alias in GROUP BY gives way to a column
SELECT week AS store_id, COUNT(*) FROM transactions GROUP BY week
--- expected
t1 = transactions
key week = t1.week
aggregate 0 = count(*)
output store_id = #key.0
output count = #agg.0
key week: 53 declared and (other), (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9536)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-3770 of the bounded total, 19 times in 20
store_id BIGINT key
count BIGINT measure

-- a schema in front
SELECT COUNT(*) FROM main.transactions
--- expected
t1 = transactions
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- a chain of common table expressions
WITH a AS (SELECT household_id, quantity AS q FROM transactions), b AS (SELECT household_id, q * 2 AS q2 FROM a) SELECT SUM(q2) FROM b
--- expected
t1 = transactions
aggregate 0 = sum((clamp(t1.quantity, 0, 20) * 2))
output sum = #agg.0
at most 5000 rows of a household count
sum((clamp(t1.quantity, 0, 20) * 2)): L2 norm of a household over its keys clipped at a bound found privately among 35 up to 200000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-5.333e+04 of the bounded total, 19 times in 20
sum BIGINT measure

-- IF, NULLIF and CASE with a subject
SELECT SUM(IF(week > 5, 1, 0)), SUM(NULLIF(quantity, 1)), SUM(CASE week WHEN 1 THEN 10 ELSE 0 END) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum(case((t1.week > 5), 1, 0))
aggregate 1 = sum(case((t1.quantity = 1), NULL, t1.quantity))
aggregate 2 = sum(case((t1.week = 1), 10, 0))
output sum = #agg.0
output sum = #agg.1
output sum = #agg.2
at most 5000 rows of a household count
sum(case((t1.week > 5), 1, 0)): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.00757245 + 0.00189311 for the clip
  expected: within about +-4.619e+04 of the bounded total, 19 times in 20
sum(case((t1.quantity = 1), NULL, t1.quantity)): L2 norm of a household over its keys clipped at a bound found privately among 33 up to 100000 (rank 0.9892)
  discrete gaussian, rho 0.00757245 + 0.00189311 for the clip
  expected: within about +-4.619e+04 of the bounded total, 19 times in 20
sum(case((t1.week = 1), 10, 0)): L2 norm of a household over its keys clipped at a bound found privately among 31 up to 50000 (rank 0.9892)
  discrete gaussian, rho 0.00757245 + 0.00189311 for the clip
  expected: within about +-4.619e+04 of the bounded total, 19 times in 20
sum BIGINT measure
sum BIGINT measure
sum BIGINT measure

-- date parts by function and by EXTRACT
SELECT COUNT(*) FROM coupon_redemptions WHERE YEAR(redemption_date) = 2017 AND EXTRACT(dow FROM redemption_date) = 0
--- expected
t1 = coupon_redemptions
where (extract(t1.redemption_date, 'year') = 2017)
where (extract(t1.redemption_date, 'dayofweek') = 0)
aggregate 0 = count(*)
output count = #agg.0
at most 40 rows of a household count
count(*): each key of a household in [0, 40], 1 keys; squared L2 sensitivity 1600 steps
  discrete gaussian, rho 0.0283967
  expected: within +-329 of the bounded total, 19 times in 20
count BIGINT measure

-- IS TRUE and IS NOT NULL
SELECT COUNT(*) FROM transactions WHERE (quantity > 1) IS TRUE AND quantity IS NOT NULL
--- expected
t1 = transactions
where coalesce(((t1.quantity > 1) = TRUE), FALSE)
where not(is_null(t1.quantity))
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure