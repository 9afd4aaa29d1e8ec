-- rows counted
SELECT COUNT(*) FROM transactions
--- expected
t1 = transactions
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- values counted
SELECT COUNT(quantity) FROM transactions
--- expected
t1 = transactions
aggregate 0 = count(t1.quantity)
output count = #agg.0
at most 5000 rows of a household count
count(t1.quantity): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- households counted
SELECT COUNT(DISTINCT household_id) FROM transactions
--- expected
t1 = transactions
aggregate 0 = count_units(t1.household_id)
output count = #agg.0
at most 5000 rows of a household count
count_units(t1.household_id): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
count BIGINT measure

-- baskets are counted within each household
SELECT COUNT(DISTINCT basket_id) FROM transactions
--- expected
t1 = transactions
aggregate 0 = count_distinct(t1.basket_id)
output count = #agg.0
at most 5000 rows of a household count
count_distinct(t1.basket_id): L2 norm of a household over its keys clipped at a bound found privately among 19 up to 800 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2667 of the bounded total, 19 times in 20
count BIGINT measure

-- products are shared by households
SELECT COUNT(DISTINCT product_id) FROM transactions
--- expected
t1 = transactions
aggregate 0 = count_distinct(t1.product_id)
output count = #agg.0
at most 5000 rows of a household count
count_distinct(t1.product_id): 3000 values per key and 1 keys of a household; squared L2 sensitivity 9000000
  discrete gaussian, rho 0.0283967
  expected: within +-2.467e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- a sum of a bounded column
SELECT SUM(sales_value) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum(t1.sales_value)
output sum = #agg.0
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+05 of the bounded total, 19 times in 20
sum DECIMAL(18,2) measure

-- a sum of an expression
SELECT SUM(sales_value - coupon_disc) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum((clamp(t1.sales_value, 0, 100) - clamp(t1.coupon_disc, 0, 10)))
output sum = #agg.0
at most 5000 rows of a household count
sum((clamp(t1.sales_value, 0, 100) - clamp(t1.coupon_disc, 0, 10))): L2 norm of a household over its keys clipped at a bound found privately among 51 up to 500000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+05 of the bounded total, 19 times in 20
sum DECIMAL(18,2) measure

-- a sum of a CASE
SELECT SUM(CASE WHEN quantity > 3 THEN sales_value ELSE 0 END) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum(case((t1.quantity > 3), t1.sales_value, 0))
output sum = #agg.0
at most 5000 rows of a household count
sum(case((t1.quantity > 3), t1.sales_value, 0)): L2 norm of a household over its keys clipped at a bound found privately among 51 up to 500000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+05 of the bounded total, 19 times in 20
sum DECIMAL(18,2) measure

-- an average
SELECT AVG(sales_value) FROM transactions
--- expected
t1 = transactions
aggregate 0 = mean(t1.sales_value)
output avg = #agg.0
at most 5000 rows of a household count
mean(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 42 up to 21377.62 (rank 0.95)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected noise of the sum of deviations: sd 2.956e+04
avg DECIMAL(18,4) measure

-- three aggregates share one price
SELECT COUNT(*), SUM(quantity), AVG(quantity) FROM transactions
--- expected
t1 = transactions
aggregate 0 = count(*)
aggregate 1 = sum(t1.quantity)
aggregate 2 = mean(t1.quantity)
output count = #agg.0
output sum = #agg.1
output avg = #agg.2
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.00757245 + 0.00189311 for the clip
  expected: within about +-4.619e+04 of the bounded total, 19 times in 20
sum(t1.quantity): L2 norm of a household over its keys clipped at a bound found privately among 25 up to 8000 (rank 0.9892)
  discrete gaussian, rho 0.00757245 + 0.00189311 for the clip
  expected: within about +-4.619e+04 of the bounded total, 19 times in 20
mean(t1.quantity): L2 norm of a household over its keys clipped at a bound found privately among 26 up to 9434 (rank 0.95)
  discrete gaussian, rho 0.00757245 + 0.00189311 for the clip
  expected noise of the sum of deviations: sd 3.332e+04
count BIGINT measure
sum BIGINT measure
avg DECIMAL(18,2) measure

-- the same aggregate twice is paid once
SELECT COUNT(*), COUNT(*) * 2 AS twice FROM transactions
--- expected
t1 = transactions
aggregate 0 = count(*)
output count = #agg.0
output twice = (#agg.0 * 2)
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure
twice BIGINT derived

-- aggregate FILTER
SELECT COUNT(*) FILTER (WHERE quantity > 1), SUM(sales_value) FILTER (WHERE week BETWEEN 1 AND 4) FROM transactions
--- expected
t1 = transactions
aggregate 0 = count(*) FILTER ((t1.quantity > 1))
aggregate 1 = sum(t1.sales_value) FILTER (((t1.week >= 1) AND (t1.week <= 4)))
output column1 = #agg.0
output column2 = #agg.1
at most 5000 rows of a household count
count(*) FILTER ((t1.quantity > 1)): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-3.771e+04 of the bounded total, 19 times in 20
sum(t1.sales_value) FILTER (((t1.week >= 1) AND (t1.week <= 4))): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-1.886e+05 of the bounded total, 19 times in 20
column1 BIGINT measure
column2 DECIMAL(18,2) measure

-- C1: a multiple gets a multiple of the bounds
SELECT SUM(sales_value * 1000) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum((clamp(t1.sales_value, 0, 100) * 1000))
output sum = #agg.0
at most 5000 rows of a household count
sum((clamp(t1.sales_value, 0, 100) * 1000)): L2 norm of a household over its keys clipped at a bound found privately among 71 up to 500000000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+08 of the bounded total, 19 times in 20
sum DECIMAL(18,2) measure

-- rounding
SELECT SUM(ROUND(sales_value)), SUM(FLOOR(sales_value)), SUM(CEIL(sales_value)) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum(round(clamp(t1.sales_value, 0, 100)))
aggregate 1 = sum(floor(clamp(t1.sales_value, 0, 100)))
aggregate 2 = sum(ceil(clamp(t1.sales_value, 0, 100)))
output sum = #agg.0
output sum = #agg.1
output sum = #agg.2
at most 5000 rows of a household count
sum(round(clamp(t1.sales_value, 0, 100))): L2 norm of a household over its keys clipped at a bound found privately among 37 up to 500000 (rank 0.9892)
  discrete gaussian, rho 0.00757245 + 0.00189311 for the clip
  expected: within about +-2.309e+05 of the bounded total, 19 times in 20
sum(floor(clamp(t1.sales_value, 0, 100))): L2 norm of a household over its keys clipped at a bound found privately among 37 up to 500000 (rank 0.9892)
  discrete gaussian, rho 0.00757245 + 0.00189311 for the clip
  expected: within about +-2.309e+05 of the bounded total, 19 times in 20
sum(ceil(clamp(t1.sales_value, 0, 100))): L2 norm of a household over its keys clipped at a bound found privately among 37 up to 500000 (rank 0.9892)
  discrete gaussian, rho 0.00757245 + 0.00189311 for the clip
  expected: within about +-2.309e+05 of the bounded total, 19 times in 20
sum BIGINT measure
sum BIGINT measure
sum BIGINT measure

-- interval functions
SELECT SUM(quantity) AS q, DP_INTERVAL_LOW(q), DP_INTERVAL_HIGH(q), NOISE_SD(q) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum(t1.quantity)
output q = #agg.0
output anonymous = #low.0
output anonymous = #high.0
output anonymous = #sd.0
at most 5000 rows of a household count
sum(t1.quantity): L2 norm of a household over its keys clipped at a bound found privately among 25 up to 8000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
q BIGINT measure
anonymous BIGINT derived
anonymous BIGINT derived
anonymous DOUBLE derived

-- arithmetic between aggregates
SELECT SUM(sales_value) / COUNT(DISTINCT household_id) AS each FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum(t1.sales_value)
aggregate 1 = count_units(t1.household_id)
output each = (#agg.0 / #agg.1)
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-1.886e+05 of the bounded total, 19 times in 20
count_units(t1.household_id): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0141984
  expected: within +-11.63 of the bounded total, 19 times in 20
each DOUBLE derived

-- an option in the text
SELECT COUNT(*) FROM transactions EPSILON 0.5
--- expected
t1 = transactions
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.00627873 + 0.00156968 for the clip
  expected: within about +-5.072e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- an accuracy
SELECT COUNT(DISTINCT household_id) FROM transactions WITH ACCURACY 20 CONFIDENCE 90
--- expected
t1 = transactions
aggregate 0 = count_units(t1.household_id)
output count = #agg.0
at most 5000 rows of a household count
count_units(t1.household_id): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.00321724
  expected: within +-24.43 of the bounded total, 19 times in 20
count BIGINT measure

-- EXPLAIN PRIVACY in front
EXPLAIN PRIVACY SELECT COUNT(*) FROM transactions
--- expected
t1 = transactions
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- stays of a hospital
--: house hospital
SELECT COUNT(*), SUM(cost_gbp), AVG(los_days) FROM stays
--- expected
t1 = stays
aggregate 0 = count(*)
aggregate 1 = sum(t1.cost_gbp)
aggregate 2 = mean(t1.los_days)
output count = #agg.0
output sum = #agg.1
output avg = #agg.2
at most 100 rows of a patient count
count(*): each key of a patient in [0, 100], 1 keys; squared L2 sensitivity 10000 steps
  discrete gaussian, rho 0.00180909
  expected: within +-3258 of the bounded total, 19 times in 20
sum(t1.cost_gbp): each key of a patient in [0, 200000], 1 keys; squared L2 sensitivity 40000000000 steps
  discrete gaussian, rho 0.00180909
  expected: within +-6.517e+06 of the bounded total, 19 times in 20
mean(t1.los_days): each key of a patient in [-5600, 5600], 1 keys; squared L2 sensitivity 501850000 steps
  discrete gaussian, rho 0.00180909
  expected noise of the sum of deviations: sd 9.311e+04
count BIGINT measure
sum BIGINT measure
avg DECIMAL(18,4) measure

-- two measures at different grids
--: house hospital
SELECT SUM(los_days), SUM(cost_gbp) FROM stays
--- expected
t1 = stays
aggregate 0 = sum(t1.los_days)
aggregate 1 = sum(t1.cost_gbp)
output sum = #agg.0
output sum = #agg.1
at most 100 rows of a patient count
sum(t1.los_days): each key of a patient in [0, 365], 1 keys; squared L2 sensitivity 2131600 steps
  discrete gaussian, rho 0.00271364
  expected: within +-9711 of the bounded total, 19 times in 20
sum(t1.cost_gbp): each key of a patient in [0, 200000], 1 keys; squared L2 sensitivity 40000000000 steps
  discrete gaussian, rho 0.00271364
  expected: within +-5.321e+06 of the bounded total, 19 times in 20
sum DECIMAL(18,2) measure
sum BIGINT measure

-- distinct codes that patients share
--: house hospital
SELECT COUNT(DISTINCT diagnosis_icd10) FROM stays
--- expected
t1 = stays
aggregate 0 = count_distinct(t1.diagnosis_icd10)
output count = #agg.0
at most 100 rows of a patient count
count_distinct(t1.diagnosis_icd10): 20 values per key and 1 keys of a patient; squared L2 sensitivity 400
  discrete gaussian, rho 0.00542728
  expected: within +-376.3 of the bounded total, 19 times in 20
count BIGINT measure

-- a table without a unit key of its own
--: house hospital
SELECT COUNT(*) FROM stay_drugs d JOIN stays s ON d.stay_id = s.stay_id
--- expected
t1 = stay_drugs
inner join t2 = stays on (t1.stay_id = t2.stay_id)
aggregate 0 = count(*)
output count = #agg.0
at most 300 rows of a patient count
count(*): each key of a patient in [0, 300], 1 keys; squared L2 sensitivity 90000 steps
  discrete gaussian, rho 0.00542728
  expected: within +-5644 of the bounded total, 19 times in 20
count BIGINT measure

-- a sum of a ratio is bounded by interval arithmetic
SELECT SUM(quantity / (quantity + 1)) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum((clamp(t1.quantity, 0, 20) / (clamp(t1.quantity, 0, 20) + 1)))
output sum = #agg.0
at most 5000 rows of a household count
sum((clamp(t1.quantity, 0, 20) / (clamp(t1.quantity, 0, 20) + 1))): L2 norm of a household over its keys clipped at a bound found privately among 66 up to 100000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
sum DECIMAL(18,6) measure

-- bounds written in the query
SELECT SUM(LEAST(GREATEST(LN(quantity), 0), 3)) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum(least(greatest(clamp(ln(clamp(t1.quantity, 0, 20)), 0, 2.995733), 0), 3))
output sum = #agg.0
at most 5000 rows of a household count
sum(least(greatest(clamp(ln(clamp(t1.quantity, 0, 20)), 0, 2.995733), 0), 3)): L2 norm of a household over its keys clipped at a bound found privately among 67 up to 14978.665 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-3994 of the bounded total, 19 times in 20
sum DECIMAL(18,6) measure

-- C2: a square gets the square of the bounds
SELECT SUM(quantity * quantity) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum((clamp(t1.quantity, 0, 20) * clamp(t1.quantity, 0, 20)))
output sum = #agg.0
at most 5000 rows of a household count
sum((clamp(t1.quantity, 0, 20) * clamp(t1.quantity, 0, 20))): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 2000000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-5.333e+05 of the bounded total, 19 times in 20
sum BIGINT measure

-- a sum of doubles on a wide grid
SELECT SUM(sales_value / (quantity + 1)) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum((clamp(t1.sales_value, 0, 100) / (clamp(t1.quantity, 0, 20) + 1)))
output sum = #agg.0
at most 5000 rows of a household count
sum((clamp(t1.sales_value, 0, 100) / (clamp(t1.quantity, 0, 20) + 1))): L2 norm of a household over its keys clipped at a bound found privately among 71 up to 500000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+05 of the bounded total, 19 times in 20
sum DECIMAL(18,6) measure

-- C2: a square of money with cents
SELECT SUM(sales_value * sales_value) FROM transactions
--- expected
t1 = transactions
aggregate 0 = sum((clamp(t1.sales_value, 0, 100) * clamp(t1.sales_value, 0, 100)))
output sum = #agg.0
at most 5000 rows of a household count
sum((clamp(t1.sales_value, 0, 100) * clamp(t1.sales_value, 0, 100))): L2 norm of a household over its keys clipped at a bound found privately among 77 up to 50000000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+07 of the bounded total, 19 times in 20
sum DECIMAL(18,4) measure

-- the spread of a measure, with its mean off the same moments
SELECT STDDEV(sales_value) AS spread, AVG(sales_value) AS mean, COUNT(*) AS n FROM transactions
--- expected
t1 = transactions
aggregate 0 = stddev_samp(t1.sales_value)
aggregate 1 = mean(t1.sales_value)
aggregate 2 = count(*)
output spread = #agg.0
output mean = #agg.1
output n = #agg.2
at most 5000 rows of a household count
stddev_samp(t1.sales_value), mean(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 75 up to 235339089309 (rank 0.95)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected noise of the number of rows: sd 1.972e+06
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-3.771e+04 of the bounded total, 19 times in 20
spread DOUBLE measure
mean DECIMAL(18,4) measure
n BIGINT measure

-- C16: MEDIAN
SELECT MEDIAN(sales_value) FROM transactions
--- expected
t1 = transactions
aggregate 0 = quantile_cont(t1.sales_value, 0.5)
output median = #agg.0
at most 5000 rows of a household count
quantile_cont(t1.sales_value, 0.5): L2 norm of a household over its keys clipped at a bound found privately among 27 up to 122.48 (rank 0.95)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected noise of each of 5460 counts: sd 3.332e+04
median DECIMAL(18,4) measure

-- C16: QUANTILE_CONT
SELECT QUANTILE_CONT(sales_value, 0.5) FROM transactions
--- expected
t1 = transactions
aggregate 0 = quantile_cont(t1.sales_value, 0.5)
output percentile_cont = #agg.0
at most 5000 rows of a household count
quantile_cont(t1.sales_value, 0.5): L2 norm of a household over its keys clipped at a bound found privately among 27 up to 122.48 (rank 0.95)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected noise of each of 5460 counts: sd 3.332e+04
percentile_cont DECIMAL(18,4) measure

-- several ranks of one measure are one histogram
SELECT QUANTILE_CONT(sales_value, 0.25) AS low, MEDIAN(sales_value) AS middle, QUANTILE_DISC(sales_value, 0.9) AS high, COUNT(*) AS n FROM transactions
--- expected
t1 = transactions
aggregate 0 = quantile_cont(t1.sales_value, 0.25)
aggregate 1 = quantile_cont(t1.sales_value, 0.5)
aggregate 2 = quantile_disc(t1.sales_value, 0.9)
aggregate 3 = count(*)
output low = #agg.0
output middle = #agg.1
output high = #agg.2
output n = #agg.3
at most 5000 rows of a household count
quantile_cont(t1.sales_value, 0.25), quantile_cont(t1.sales_value, 0.5), quantile_disc(t1.sales_value, 0.9): L2 norm of a household over its keys clipped at a bound found privately among 27 up to 122.48 (rank 0.95)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected noise of each of 5460 counts: sd 4.713e+04
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-3.771e+04 of the bounded total, 19 times in 20
low DECIMAL(18,4) measure
middle DECIMAL(18,4) measure
high DECIMAL(18,2) measure
n BIGINT measure

-- the smallest and the largest
SELECT MIN(quantity) AS low, MAX(quantity) AS high, PERCENTILE_CONT(0.1) WITHIN GROUP (ORDER BY quantity DESC) AS most FROM transactions
--- expected
t1 = transactions
aggregate 0 = min(t1.quantity)
aggregate 1 = max(t1.quantity)
aggregate 2 = quantile_cont(t1.quantity, 0.9)
output low = #agg.0
output high = #agg.1
output most = #agg.2
at most 5000 rows of a household count
min(t1.quantity), max(t1.quantity), quantile_cont(t1.quantity, 0.9): L2 norm of a household over its keys clipped at a bound found privately among 26 up to 8661 (rank 0.95)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected noise of each of 84 counts: sd 2.356e+04
low BIGINT measure
high BIGINT measure
most DECIMAL(18,2) measure