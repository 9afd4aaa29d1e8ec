-- rows above the household's own average
SELECT COUNT(*) FROM transactions t WHERE t.sales_value > (SELECT AVG(u.sales_value) FROM transactions u WHERE u.household_id = t.household_id)
--- expected
t1 = transactions
left join t3 = per unit [] a0 = mean(t2.sales_value) of (t2 = transactions) on (t1.household_id = t3._unit)
where (clamp(t1.sales_value, 0, 100) > t3.a0)
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- a looked-up count, finer by week
SELECT week, SUM((SELECT COUNT(*) FROM coupon_redemptions r WHERE r.household_id = t.household_id)) AS redeemed FROM transactions t WHERE (SELECT COUNT(*) FROM transactions u WHERE u.household_id = t.household_id AND u.week = t.week) > 3 GROUP BY week
--- expected
t1 = transactions
left join t3 = per unit [t2.week] a0 = count(*) of (t2 = transactions) on (t1.household_id = t3._unit) and (t1.week = t3.k0)
left join t5 = per unit [] a0 = count(*) of (t4 = coupon_redemptions) on (t1.household_id = t5._unit)
where (coalesce(t3.a0, 0) > 3)
key week = t1.week
aggregate 0 = sum(coalesce(t5.a0, 0))
output week = #key.0
output redeemed = #agg.0
key week: 53 declared and (other), (null), every one answered
at most 5000 rows of a household count
sum(coalesce(t5.a0, 0)): L2 norm of a household over its keys clipped at a bound found privately among 35 up to 200000 (rank 0.9536)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-7540 of the bounded total, 19 times in 20
week BIGINT key
redeemed BIGINT measure

-- spans of time of a declared list of dates
SELECT TIME_BUCKET(INTERVAL 1 MONTH, redemption_date) AS month, COUNT(*) FROM coupon_redemptions GROUP BY ALL
--- expected
t1 = coupon_redemptions
key month = bucket(t1.redemption_date, 1, 0, '2000-01-03 00:00:00')
aggregate 0 = count(*)
output month = #key.0
output count = #agg.0
key month: 12 declared and (other), (null), every one answered
at most 40 rows of a household count
at most 10 keys of a household count (keyed sample)
count(*): each key of a household in [0, 40], 10 keys; squared L2 sensitivity 1600 steps
  discrete gaussian, rho 0.0283967
  expected: within +-329 of the bounded total, 19 times in 20
month DATE key
count BIGINT measure

-- weeks since a constant
SELECT COUNT_IF(DATE_DIFF('week', DATE '2017-01-01', redemption_date) > 9) AS n FROM coupon_redemptions WHERE redemption_date >= DATE '2017-01-31' - INTERVAL 30 DAY
--- expected
t1 = coupon_redemptions
where (to_timestamp(t1.redemption_date) >= TIMESTAMP '2017-01-01 00:00:00')
aggregate 0 = count(*) FILTER ((((day_number(t1.redemption_date) - day_number(DATE '2017-01-01')) // 7) > 9))
output n = #agg.0
at most 40 rows of a household count
count(*) FILTER ((((day_number(t1.redemption_date) - day_number(DATE '2017-01-01')) // 7) > 9)): each key of a household in [0, 40], 1 keys; squared L2 sensitivity 1600 steps
  discrete gaussian, rho 0.0283967
  expected: within +-329 of the bounded total, 19 times in 20
n BIGINT measure