-- bins of equal width are declared keys
SELECT WIDTH_BUCKET(sales_value, 0, 50, 5) AS bin, COUNT(*) FROM transactions GROUP BY bin
--- expected
t1 = transactions
key bin = case((clamp(t1.sales_value, 0, 100) < 0), 0, (clamp(t1.sales_value, 0, 100) >= 50), 6, ((((clamp(clamp(t1.sales_value, 0, 100), 0, 50) - 0) * 5) // 50) + 1))
aggregate 0 = count(*)
output bin = #key.0
output count = #agg.0
key bin: 7 declared and (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9784)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-9425 of the bounded total, 19 times in 20
bin BIGINT key
count BIGINT measure

-- names of weekdays are declared keys
SELECT DAYNAME(redemption_date) AS weekday, COUNT(*) FROM coupon_redemptions GROUP BY 1
--- expected
t1 = coupon_redemptions
key weekday = case((extract(t1.redemption_date, 'isodow') = 1), 'Monday', (extract(t1.redemption_date, 'isodow') = 2), 'Tuesday', (extract(t1.redemption_date, 'isodow') = 3), 'Wednesday', (extract(t1.redemption_date, 'isodow') = 4), 'Thursday', (extract(t1.redemption_date, 'isodow') = 5), 'Friday', (extract(t1.redemption_date, 'isodow') = 6), 'Saturday', (extract(t1.redemption_date, 'isodow') = 7), 'Sunday', NULL)
aggregate 0 = count(*)
output weekday = #key.0
output count = #agg.0
key weekday: 7 declared and (null), every one answered
at most 40 rows of a household count
count(*): each key of a household in [0, 40], 8 keys; squared L2 sensitivity 1600 steps
  discrete gaussian, rho 0.0283967
  expected: within +-329 of the bounded total, 19 times in 20
weekday VARCHAR key
count BIGINT measure

-- names of months of a timestamp
SELECT MONTHNAME(transaction_timestamp) AS month, SUM(sales_value) FROM transactions GROUP BY month
--- expected
t1 = transactions
key month = case((extract(t1.transaction_timestamp, 'month') = 1), 'January', (extract(t1.transaction_timestamp, 'month') = 2), 'February', (extract(t1.transaction_timestamp, 'month') = 3), 'March', (extract(t1.transaction_timestamp, 'month') = 4), 'April', (extract(t1.transaction_timestamp, 'month') = 5), 'May', (extract(t1.transaction_timestamp, 'month') = 6), 'June', (extract(t1.transaction_timestamp, 'month') = 7), 'July', (extract(t1.transaction_timestamp, 'month') = 8), 'August', (extract(t1.transaction_timestamp, 'month') = 9), 'September', (extract(t1.transaction_timestamp, 'month') = 10), 'October', (extract(t1.transaction_timestamp, 'month') = 11), 'November', (extract(t1.transaction_timestamp, 'month') = 12), 'December', NULL)
aggregate 0 = sum(t1.sales_value)
output month = #key.0
output sum = #agg.0
key month: 12 declared and (null), every one answered
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9784)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-3.698e+04 of the bounded total, 19 times in 20
month VARCHAR key
sum DECIMAL(18,2) measure

-- rounding to tens
SELECT SUM(ROUND(sales_value, -1)) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum(round(clamp(t1.sales_value, 0, 100)))
output sum = #agg.0
at most 5000 rows of a household count
sum(round(clamp(t1.sales_value, 0, 100))): L2 norm of a household over its keys clipped at a bound found privately among 37 up to 500000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+05 of the bounded total, 19 times in 20
sum BIGINT measure

-- powers and signs keep a range
SELECT SUM(POWER(sales_value, 2)), SUM(SIGN(sales_value)) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum((clamp(t1.sales_value, 0, 100) * clamp(t1.sales_value, 0, 100)))
aggregate 1 = sum(case((clamp(t1.sales_value, 0, 100) > 0), 1, (clamp(t1.sales_value, 0, 100) < 0), -1, (clamp(t1.sales_value, 0, 100) = 0), 0, NULL))
output sum = #agg.0
output sum = #agg.1
at most 5000 rows of a household count
sum((clamp(t1.sales_value, 0, 100) * clamp(t1.sales_value, 0, 100))): L2 norm of a household over its keys clipped at a bound found privately among 77 up to 50000000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-1.886e+07 of the bounded total, 19 times in 20
sum(case((clamp(t1.sales_value, 0, 100) > 0), 1, (clamp(t1.sales_value, 0, 100) < 0), -1, (clamp(t1.sales_value, 0, 100) = 0), 0, NULL)): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-3.771e+04 of the bounded total, 19 times in 20
sum DECIMAL(18,4) measure
sum BIGINT measure

-- weeks and days between two dates
SELECT COUNT(*) FROM coupon_redemptions WHERE DATE_DIFF('week', DATE '2017-01-01', redemption_date) < 10 OR redemption_date - DATE '2017-01-01' > 90
--- expected
t1 = coupon_redemptions
where ((((day_number(t1.redemption_date) - day_number(DATE '2017-01-01')) // 7) < 10) OR ((day_number(t1.redemption_date) - day_number(DATE '2017-01-01')) > 90))
aggregate 0 = count(*)
output count = #agg.0
at most 40 rows of a household count
count(*): each key of a household in [0, 40], 1 keys; squared L2 sensitivity 1600 steps
  discrete gaussian, rho 0.0283967
  expected: within +-329 of the bounded total, 19 times in 20
count BIGINT measure

-- IS DISTINCT FROM, a joined text, a part of a text
SELECT COUNT(*) FROM demographics WHERE age IS DISTINCT FROM income AND CONTAINS(age, '-') AND age || income <> ''
--- expected
t1 = demographics
where not(coalesce((t1.age = t1.income), (is_null(t1.age) AND is_null(t1.income))))
where contains(t1.age, '-')
where (concat(t1.age, t1.income) <> '')
aggregate 0 = count(*)
output count = #agg.0
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
count BIGINT measure