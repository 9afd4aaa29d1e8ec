-- a key with a declared range
SELECT week, COUNT(*) FROM transactions GROUP BY week
--- expected
t1 = transactions
key week = t1.week
aggregate 0 = count(*)
output week = #key.0
output count = #agg.0
key week: 53 declared and (other), (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9536)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-3770 of the bounded total, 19 times in 20
week BIGINT key
count BIGINT measure

-- keys are declared where they come from an enum
SELECT age, COUNT(*) FROM demographics GROUP BY age
--- expected
t1 = demographics
key age = t1.age
aggregate 0 = count(*)
output age = #key.0
output count = #agg.0
key age: 6 declared and (other), (null), every one answered
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
age VARCHAR key
count BIGINT measure

-- two declared keys
SELECT age, income, COUNT(*) FROM demographics GROUP BY age, income
--- expected
t1 = demographics
key age = t1.age
key income = t1.income
aggregate 0 = count(*)
output age = #key.0
output income = #key.1
output count = #agg.0
key age: 6 declared and (other), (null), every one answered
key income: 12 declared and (other), (null), every one answered
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
age VARCHAR key
income VARCHAR key
count BIGINT measure

-- an undeclared key is selected privately
SELECT store_id, COUNT(*) FROM transactions GROUP BY store_id
--- expected
t1 = transactions
key store_id = t1.store_id
aggregate 0 = count(*)
output store_id = #key.0
output count = #agg.0
key store_id: found by private selection
at most 5000 rows of a household count
at most 300 keys of a household count (keyed sample)
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.96)
  discrete gaussian, rho 0.0159022 + 0.00397554 for the clip
  expected: within about +-4506 of the bounded total, 19 times in 20
key selection: discrete Gaussian, threshold 54.98 weight, rho 0.00851901, delta 1e-09
store_id BIGINT key
count BIGINT measure

-- a declared and an undeclared key
SELECT week, store_id, SUM(sales_value) FROM transactions GROUP BY 1, 2
--- expected
t1 = transactions
key week = t1.week
key store_id = t1.store_id
aggregate 0 = sum(t1.sales_value)
output week = #key.0
output store_id = #key.1
output sum = #agg.0
key week: 53 declared and (other), (null), every one answered
key store_id: found by private selection
at most 5000 rows of a household count
at most 300 keys of a household count (keyed sample)
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.96)
  discrete gaussian, rho 0.0159022 + 0.00397554 for the clip
  expected: within about +-2.254e+04 of the bounded total, 19 times in 20
key selection: discrete Gaussian, threshold 54.98 weight, rho 0.00851901, delta 1e-09
week BIGINT key
store_id BIGINT key
sum DECIMAL(18,2) measure

-- bins
SELECT FLOOR(sales_value / 10) AS bin, COUNT(*) FROM transactions GROUP BY bin
--- expected
t1 = transactions
key bin = real_floor(clamp((clamp(t1.sales_value, 0, 100) / 10), 0, 10))
aggregate 0 = count(*)
output bin = #key.0
output count = #agg.0
key bin: 11 declared and (other), (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9784)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-7393 of the bounded total, 19 times in 20
bin BIGINT key
count BIGINT measure

-- months of a timestamp
SELECT DATE_TRUNC('month', transaction_timestamp) AS m, SUM(sales_value) FROM transactions GROUP BY m
--- expected
t1 = transactions
key m = truncate(t1.transaction_timestamp, 'month')
aggregate 0 = sum(t1.sales_value)
output m = #key.0
output sum = #agg.0
key m: 13 declared and (other), (null), every one answered
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9784)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-3.443e+04 of the bounded total, 19 times in 20
m TIMESTAMP key
sum DECIMAL(18,2) measure

-- hours of the day
SELECT EXTRACT(hour FROM transaction_timestamp) AS h, COUNT(*) FROM transactions GROUP BY 1
--- expected
t1 = transactions
key h = extract(t1.transaction_timestamp, 'hour')
aggregate 0 = count(*)
output h = #key.0
output count = #agg.0
key h: 24 declared and (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9784)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-5333 of the bounded total, 19 times in 20
h BIGINT key
count BIGINT measure

-- a truth value
SELECT week > 26 AS second_half, COUNT(*) FROM transactions GROUP BY 1
--- expected
t1 = transactions
key second_half = (t1.week > 26)
aggregate 0 = count(*)
output second_half = #key.0
output count = #agg.0
key second_half: 2 declared and (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.539e+04 of the bounded total, 19 times in 20
second_half BOOLEAN key
count BIGINT measure

-- a CASE of constants
SELECT CASE WHEN week < 27 THEN 'first' ELSE 'second' END AS half, COUNT(*) FROM transactions GROUP BY 1
--- expected
t1 = transactions
key half = case((t1.week < 27), 'first', 'second')
aggregate 0 = count(*)
output half = #key.0
output count = #agg.0
key half: 2 declared, every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.885e+04 of the bounded total, 19 times in 20
half VARCHAR key
count BIGINT measure

-- a mapping that is not one to one
SELECT UPPER(LEFT(age, 1)) AS a, COUNT(*) FROM demographics GROUP BY 1
--- expected
t1 = demographics
key a = upper(left(t1.age, 1))
aggregate 0 = count(*)
output a = #key.0
output count = #agg.0
key a: 6 declared and (other), (null), every one answered
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
a VARCHAR key
count BIGINT measure

-- NULL given a name
SELECT COALESCE(kids_count, 'unknown') AS kids, COUNT(*) FROM demographics GROUP BY 1
--- expected
t1 = demographics
key kids = coalesce(t1.kids_count, 'unknown')
aggregate 0 = count(*)
output kids = #key.0
output count = #agg.0
key kids: 5 declared and (other), every one answered
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
kids VARCHAR key
count BIGINT measure

-- a day of a date
SELECT redemption_date, COUNT(*) FROM coupon_redemptions GROUP BY redemption_date
--- expected
t1 = coupon_redemptions
key redemption_date = t1.redemption_date
aggregate 0 = count(*)
output redemption_date = #key.0
output count = #agg.0
key redemption_date: 365 declared and (other), (null), every one answered
at most 40 rows of a household count
at most 10 keys of a household count (keyed sample)
count(*): each key of a household in [0, 40], 10 keys; squared L2 sensitivity 1600 steps
  discrete gaussian, rho 0.0283967
  expected: within +-329 of the bounded total, 19 times in 20
redemption_date DATE key
count BIGINT measure

-- the key need not be shown
SELECT COUNT(*) FROM demographics GROUP BY age
--- expected
t1 = demographics
key age = t1.age
aggregate 0 = count(*)
output count = #agg.0
key age: 6 declared and (other), (null), every one answered
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
count BIGINT measure

-- a public key
SELECT campaign_id, COUNT(*) FROM coupon_redemptions GROUP BY campaign_id
--- expected
t1 = coupon_redemptions
key campaign_id = t1.campaign_id
aggregate 0 = count(*)
output campaign_id = #key.0
output count = #agg.0
key campaign_id: 2 declared and (other), (null), every one answered
at most 40 rows of a household count
count(*): each key of a household in [0, 40], 4 keys; squared L2 sensitivity 1600 steps
  discrete gaussian, rho 0.0283967
  expected: within +-329 of the bounded total, 19 times in 20
campaign_id BIGINT key
count BIGINT measure

-- D4: HAVING, ORDER BY and LIMIT see released values
SELECT week, SUM(sales_value) AS s FROM transactions GROUP BY week HAVING SUM(sales_value) > 1000 ORDER BY s DESC, week LIMIT 3 OFFSET 1
--- expected
t1 = transactions
key week = t1.week
aggregate 0 = sum(t1.sales_value)
output week = #key.0
output s = #agg.0
having (#agg.0 > 1000) (over released values)
order by #agg.0 desc
order by #key.0
limit 3 offset 1
key week: 53 declared and (other), (null), every one answered
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9536)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.886e+04 of the bounded total, 19 times in 20
week BIGINT key
s DECIMAL(18,2) measure

-- D4: CASE over a released value
SELECT age, CASE WHEN COUNT(*) > 50 THEN 'many' ELSE 'few' END AS size FROM demographics GROUP BY age
--- expected
t1 = demographics
key age = t1.age
aggregate 0 = count(*)
output age = #key.0
output size = case((#agg.0 > 50), 'many', 'few')
key age: 6 declared and (other), (null), every one answered
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
age VARCHAR key
size VARCHAR derived

-- top k over undeclared keys
SELECT store_id, COUNT(*) AS n FROM transactions GROUP BY store_id ORDER BY n DESC LIMIT 5
--- expected
t1 = transactions
key store_id = t1.store_id
aggregate 0 = count(*)
output store_id = #key.0
output n = #agg.0
order by #agg.0 desc
limit 5 offset 0
key store_id: found by private selection
at most 5000 rows of a household count
at most 300 keys of a household count (keyed sample)
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.96)
  discrete gaussian, rho 0.0159022 + 0.00397554 for the clip
  expected: within about +-4506 of the bounded total, 19 times in 20
key selection: discrete Gaussian, threshold 54.98 weight, rho 0.00851901, delta 1e-09
store_id BIGINT key
n BIGINT measure

-- a transformed key
--: house hospital
SELECT birth_date, COUNT(*) FROM patients GROUP BY birth_date
--- expected
t1 = patients
key birth_date = t1.birth_date
aggregate 0 = count(*)
output birth_date = #key.0
output count = #agg.0
key birth_date: 22 declared and (other), (null), every one answered
at most 1 rows of a patient count
count(*): each key of a patient in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.00542728
  expected: within +-18.81 of the bounded total, 19 times in 20
birth_date BIGINT key
count BIGINT measure

-- a generalised code
--: house hospital
SELECT diagnosis_icd10, COUNT(DISTINCT patient_id) FROM stays GROUP BY 1
--- expected
t1 = stays
key diagnosis_icd10 = t1.diagnosis_icd10
aggregate 0 = count_units(t1.patient_id)
output diagnosis_icd10 = #key.0
output count = #agg.0
key diagnosis_icd10: found by private selection
at most 100 rows of a patient count
at most 12 keys of a patient count (keyed sample)
count_units(t1.patient_id): each key of a patient in [0, 1], 12 keys; squared L2 sensitivity 12 steps
  discrete gaussian, rho 0.00379909
  expected: within +-77.89 of the bounded total, 19 times in 20
key selection: discrete Gaussian, threshold 136.6 weight, rho 0.00162818, delta 1e-11
diagnosis_icd10 VARCHAR key
count BIGINT measure

-- a stored month truncated to the year
--: house hospital
SELECT DATE_TRUNC('year', admitted_at) AS y, AVG(cost_gbp) FROM stays GROUP BY 1
--- expected
t1 = stays
key y = truncate(t1.admitted_at, 'year')
aggregate 0 = mean(t1.cost_gbp)
output y = #key.0
output avg = #agg.0
key y: 11 declared and (other), (null), every one answered
at most 100 rows of a patient count
mean(t1.cost_gbp): L2 norm of a patient over its keys clipped at a bound found privately among 36 up to 308849 (rank 0.95)
  discrete gaussian, rho 0.00434182 + 0.00108545 for the clip
  no forecast: the contract gives no hints
y TIMESTAMP key
avg DECIMAL(18,2) measure