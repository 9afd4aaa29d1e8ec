-- C6: UNION ALL with itself
SELECT COUNT(*) FROM (SELECT household_id FROM transactions UNION ALL SELECT household_id FROM transactions) u
--- expected
t3 = union all [_unit] of (t1 = transactions: t1.household_id) and (t2 = transactions: t2.household_id)
aggregate 0 = count(*)
output count = #agg.0
at most 10000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 26 up to 10000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- two tables, by a declared key both have
SELECT campaign_id, COUNT(*) FROM (SELECT household_id, campaign_id FROM coupon_redemptions UNION ALL SELECT household_id, campaign_id FROM coupon_redemptions WHERE redemption_date > DATE '2017-06-01') u GROUP BY campaign_id
--- expected
t3 = union all [_unit, campaign_id] of (t1 = coupon_redemptions: t1.household_id, t1.campaign_id) and (t2 = coupon_redemptions; where (t2.redemption_date > DATE '2017-06-01'): t2.household_id, t2.campaign_id)
key campaign_id = t3.campaign_id
aggregate 0 = count(*)
output campaign_id = #key.0
output count = #agg.0
key campaign_id: 2 declared and (other), (null), every one answered
at most 80 rows of a household count
count(*): each key of a household in [0, 80], 4 keys; squared L2 sensitivity 6400 steps
  discrete gaussian, rho 0.0283967
  expected: within +-658 of the bounded total, 19 times in 20
campaign_id BIGINT key
count BIGINT measure

-- declared totals add up
SELECT SUM(v) FROM (SELECT household_id, sales_value AS v FROM transactions WHERE week < 10 UNION ALL SELECT household_id, sales_value FROM transactions WHERE week > 40) u
--- expected
t3 = union all [_unit, sales_value] of (t1 = transactions; where (t1.week < 10): t1.household_id, t1.sales_value) and (t2 = transactions; where (t2.week > 40): t2.household_id, t2.sales_value)
aggregate 0 = sum(t3.sales_value)
output sum = #agg.0
at most 10000 rows of a household count
sum(t3.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 43 up to 40000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+05 of the bounded total, 19 times in 20
sum DECIMAL(18,2) measure

-- one grid and one range for all
SELECT SUM(v) FROM (SELECT household_id, sales_value AS v FROM transactions UNION ALL SELECT household_id, quantity FROM transactions UNION ALL SELECT household_id, NULL FROM demographics) u
--- expected
t4 = union all [_unit, _c1] of (t1 = transactions: t1.household_id, t1.sales_value) and (t2 = transactions: t2.household_id, t2.quantity) and (t3 = demographics: t3.household_id, NULL)
aggregate 0 = sum(t4._c1)
output sum = #agg.0
at most 10001 rows of a household count
sum(t4._c1): each key of a household in [0, 28000], 1 keys; squared L2 sensitivity 7840000000000 steps
  discrete gaussian, rho 0.0283967
  expected: within +-2.303e+05 of the bounded total, 19 times in 20
sum DECIMAL(18,2) measure

-- per unit over a common table expression
WITH seen AS (SELECT household_id, week FROM transactions UNION ALL SELECT household_id, 1 FROM demographics) SELECT AVG(n) FROM (SELECT household_id, COUNT(*) AS n FROM seen GROUP BY household_id) h
--- expected
t4 = per unit [] a0 = count(*) of (t3 = union all [_unit, _c1] of (t1 = transactions: t1.household_id, t1.week) and (t2 = demographics: t2.household_id, 1))
aggregate 0 = mean(t4.a0)
output avg = #agg.0
at most 1 rows of a household count
mean(t4.a0): each key of a household in [-5001, 5001], 1 keys; squared L2 sensitivity 26572501 steps
  discrete gaussian, rho 0.0283967
  expected noise of the sum of deviations: sd 2.163e+04
avg DECIMAL(18,2) measure

-- joined on the unit
SELECT d.age, COUNT(*) FROM demographics d JOIN (SELECT household_id FROM coupon_redemptions UNION ALL SELECT household_id FROM coupon_redemptions) u USING (household_id) GROUP BY d.age
--- expected
t1 = demographics
inner join t4 = union all [_unit] of (t2 = coupon_redemptions: t2.household_id) and (t3 = coupon_redemptions: t3.household_id) on (t1.household_id = t4._unit)
key age = t1.age
aggregate 0 = count(*)
output age = #key.0
output count = #agg.0
key age: 6 declared and (other), (null), every one answered
at most 80 rows of a household count
count(*): each key of a household in [0, 80], 8 keys; squared L2 sensitivity 6400 steps
  discrete gaussian, rho 0.0283967
  expected: within +-658 of the bounded total, 19 times in 20
age VARCHAR key
count BIGINT measure

-- a table and a table reached over a path
--: house hospital
SELECT COUNT(*), COUNT(DISTINCT u.patient_id) FROM (SELECT patient_id FROM stays UNION ALL SELECT patient_id FROM patients) u
--- expected
t3 = union all [_unit] of (t1 = stays: t1.patient_id) and (t2 = patients: t2.patient_id)
aggregate 0 = count(*)
aggregate 1 = count_units(t3._unit)
output count = #agg.0
output count = #agg.1
at most 101 rows of a patient count
count(*): each key of a patient in [0, 101], 1 keys; squared L2 sensitivity 10201 steps
  discrete gaussian, rho 0.00271364
  expected: within +-2687 of the bounded total, 19 times in 20
count_units(t3._unit): each key of a patient in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.00271364
  expected: within +-26.61 of the bounded total, 19 times in 20
count BIGINT measure
count BIGINT measure

-- a UNION ALL without the unit among its columns
SELECT COUNT(*) FROM (SELECT week FROM transactions UNION ALL SELECT campaign_id FROM coupon_redemptions) u
--- expected
t3 = union all [_c0] of (t1 = transactions: t1.week) and (t2 = coupon_redemptions: t2.campaign_id)
aggregate 0 = count(*)
output count = #agg.0
at most 5040 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5040 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- NULL where a branch has no such column keeps the declared total
SELECT COUNT(DISTINCT basket_id) FROM (SELECT household_id, basket_id FROM transactions UNION ALL SELECT household_id, NULL FROM demographics) u
--- expected
t3 = union all [_unit, basket_id] of (t1 = transactions: t1.household_id, t1.basket_id) and (t2 = demographics: t2.household_id, NULL)
aggregate 0 = count_distinct(t3.basket_id)
output count = #agg.0
at most 5001 rows of a household count
count_distinct(t3.basket_id): each key of a household in [0, 800], 1 keys; squared L2 sensitivity 640000 steps
  discrete gaussian, rho 0.0283967
  expected: within +-6580 of the bounded total, 19 times in 20
count BIGINT measure