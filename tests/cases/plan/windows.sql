-- each unit's first visit
SELECT COUNT(*), SUM(v) FROM (SELECT household_id, sales_value AS v, ROW_NUMBER() OVER (PARTITION BY household_id ORDER BY transaction_timestamp) AS n FROM transactions) t WHERE n = 1
--- expected
t2 = windows [t1.sales_value, _w0 = row_number() over (unit order by t1.transaction_timestamp rows)] of (t1 = transactions)
where (t2._w0 = 1)
aggregate 0 = count(*)
aggregate 1 = sum(t2.sales_value)
output count = #agg.0
output sum = #agg.1
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-3.771e+04 of the bounded total, 19 times in 20
sum(t2.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-1.886e+05 of the bounded total, 19 times in 20
count BIGINT measure
sum DECIMAL(18,2) measure

-- QUALIFY
SELECT COUNT(*) FROM (SELECT household_id, week FROM transactions QUALIFY ROW_NUMBER() OVER (PARTITION BY household_id ORDER BY transaction_timestamp DESC) <= 3) t
--- expected
t2 = windows [t1.week, _w0 = row_number() over (unit order by t1.transaction_timestamp desc rows)] of (t1 = transactions)
where (t2._w0 <= 3)
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- the row before
SELECT SUM(v - before) FROM (SELECT household_id, sales_value AS v, LAG(sales_value) OVER (PARTITION BY household_id ORDER BY transaction_timestamp) AS before FROM transactions) t
--- expected
t2 = windows [t1.sales_value, _w0 = lag(t1.sales_value, 1) over (unit order by t1.transaction_timestamp rows)] of (t1 = transactions)
aggregate 0 = sum((clamp(t2.sales_value, 0, 100) - clamp(t2._w0, 0, 100)))
output sum = #agg.0
at most 5000 rows of a household count
sum((clamp(t2.sales_value, 0, 100) - clamp(t2._w0, 0, 100))): L2 norm of a household over its keys clipped at a bound found privately among 51 up to 500000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+05 of the bounded total, 19 times in 20
sum DECIMAL(18,2) measure

-- totals of a unit beside its rows
SELECT COUNT(*) FROM (SELECT household_id, sales_value, SUM(sales_value) OVER (PARTITION BY household_id) AS total FROM transactions) t WHERE sales_value > total / 2
--- expected
t2 = windows [t1.sales_value, _w0 = sum(t1.sales_value) over (unit)] of (t1 = transactions)
where (clamp(t2.sales_value, 0, 100) > clamp((clamp(t2._w0, 0, 20000) / 2), 0, 10000))
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- a running count, partitioned finer
SELECT n, COUNT(*) FROM (SELECT household_id, COUNT(*) OVER (PARTITION BY household_id, campaign_id ORDER BY redemption_date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n FROM coupon_redemptions) t GROUP BY n
--- expected
t2 = windows [_w0 = count() over (unit, t1.campaign_id order by t1.redemption_date rows)] of (t1 = coupon_redemptions)
key n = t2._w0
aggregate 0 = count(*)
output n = #key.0
output count = #agg.0
key n: 41 declared and (other), every one answered
at most 40 rows of a household count
at most 10 keys of a household count (keyed sample)
count(*): each key of a household in [0, 40], 10 keys; squared L2 sensitivity 1600 steps
  discrete gaussian, rho 0.0283967
  expected: within +-329 of the bounded total, 19 times in 20
n BIGINT key
count BIGINT measure

-- ranks as keys
SELECT r, COUNT(*) FROM (SELECT household_id, DENSE_RANK() OVER (PARTITION BY household_id ORDER BY redemption_date) AS r FROM coupon_redemptions) t GROUP BY r
--- expected
t2 = windows [_w0 = dense_rank() over (unit order by t1.redemption_date)] of (t1 = coupon_redemptions)
key r = t2._w0
aggregate 0 = count(*)
output r = #key.0
output count = #agg.0
key r: 40 declared and (other), every one answered
at most 40 rows of a household count
at most 10 keys of a household count (keyed sample)
count(*): each key of a household in [0, 40], 10 keys; squared L2 sensitivity 1600 steps
  discrete gaussian, rho 0.0283967
  expected: within +-329 of the bounded total, 19 times in 20
r BIGINT key
count BIGINT measure

-- the postgres dialect puts NULL first in descending order
--: dialect postgres
SELECT COUNT(*) FROM (SELECT household_id, ROW_NUMBER() OVER (PARTITION BY household_id ORDER BY week DESC) AS n FROM transactions) t WHERE n = 1
--- expected
t2 = windows [_w0 = row_number() over (unit order by t1.week desc rows)] of (t1 = transactions)
where (t2._w0 = 1)
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- inside IN
SELECT COUNT(*) FROM demographics WHERE household_id IN (SELECT household_id FROM (SELECT household_id, ROW_NUMBER() OVER (PARTITION BY household_id ORDER BY redemption_date) AS n FROM coupon_redemptions) c WHERE n = 3)
--- expected
t1 = demographics
semi join (t3 = windows [_w0 = row_number() over (unit order by t2.redemption_date rows)] of (t2 = coupon_redemptions); where (t3._w0 = 3)) on (t1.household_id = t3._unit)
aggregate 0 = count(*)
output count = #agg.0
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
count BIGINT measure

-- * leaves out what never lands
SELECT COUNT(*) FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY household_id ORDER BY age) AS r FROM demographics) t WHERE r = 1
--- expected
t2 = windows [t1.age, t1.income, t1.home_ownership, t1.household_size, t1.household_comp, t1.kids_count, _w0 = row_number() over (unit order by t1.age rows)] of (t1 = demographics)
where (t2._w0 = 1)
aggregate 0 = count(*)
output count = #agg.0
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
count BIGINT measure

-- * in the branches of UNION ALL leaves out what never lands
SELECT COUNT(*) FROM (SELECT * FROM demographics UNION ALL SELECT * FROM demographics) t
--- expected
t3 = union all [_unit, age, income, home_ownership, household_size, household_comp, kids_count] of (t1 = demographics: t1.household_id, t1.age, t1.income, t1.home_ownership, t1.household_size, t1.household_comp, t1.kids_count) and (t2 = demographics: t2.household_id, t2.age, t2.income, t2.home_ownership, t2.household_size, t2.household_comp, t2.kids_count)
aggregate 0 = count(*)
output count = #agg.0
at most 2 rows of a household count
count(*): each key of a household in [0, 2], 1 keys; squared L2 sensitivity 4 steps
  discrete gaussian, rho 0.0283967
  expected: within +-16.45 of the bounded total, 19 times in 20
count BIGINT measure