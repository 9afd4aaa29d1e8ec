-- IN on the unit
SELECT COUNT(*) FROM transactions WHERE household_id IN (SELECT household_id FROM coupon_redemptions)
--- expected
t1 = transactions
semi join (t2 = coupon_redemptions) on (t1.household_id = t2.household_id)
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- NOT IN on the unit, by week
SELECT week, SUM(sales_value) FROM transactions WHERE household_id NOT IN (SELECT household_id FROM demographics WHERE age = '25-34') GROUP BY week
--- expected
t1 = transactions
anti join (t2 = demographics; where (t2.age = '25-34')) on (t1.household_id = t2.household_id)
key week = t1.week
aggregate 0 = sum(t1.sales_value)
output week = #key.0
output sum = #agg.0
key week: 53 declared and (other), (null), every one answered
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9536)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.886e+04 of the bounded total, 19 times in 20
week BIGINT key
sum DECIMAL(18,2) measure

-- EXISTS with an equality of days
SELECT COUNT(*) FROM transactions t WHERE EXISTS (SELECT 1 FROM coupon_redemptions c WHERE c.household_id = t.household_id AND c.redemption_date = CAST(t.transaction_timestamp AS DATE))
--- expected
t1 = transactions
semi join (t2 = coupon_redemptions) on (t1.household_id = t2.household_id) and (to_date(t1.transaction_timestamp) = t2.redemption_date)
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- NOT EXISTS
SELECT COUNT(DISTINCT d.household_id) FROM demographics d WHERE NOT EXISTS (SELECT * FROM coupon_redemptions c WHERE c.household_id = d.household_id)
--- expected
t1 = demographics
anti join (t2 = coupon_redemptions) on (t1.household_id = t2.household_id)
aggregate 0 = count_units(t1.household_id)
output count = #agg.0
at most 1 rows of a household count
count_units(t1.household_id): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
count BIGINT measure

-- EXISTS with an inequality counts the product of the caps
SELECT COUNT(*) FROM coupon_redemptions a WHERE EXISTS (SELECT 1 FROM coupon_redemptions b WHERE b.household_id = a.household_id AND b.redemption_date < a.redemption_date)
--- expected
t1 = coupon_redemptions
semi join (t2 = coupon_redemptions) on (t1.household_id = t2.household_id) and (t1.redemption_date > t2.redemption_date)
aggregate 0 = count(*)
output count = #agg.0
at most 40 rows of a household count
count(*): each key of a household in [0, 40], 1 keys; squared L2 sensitivity 1600 steps
  discrete gaussian, rho 0.0283967
  expected: within +-329 of the bounded total, 19 times in 20
count BIGINT measure

-- SEMI
SELECT COUNT(*) FROM transactions SEMI JOIN demographics USING (household_id)
--- expected
t1 = transactions
semi join (t2 = demographics) on (t1.household_id = t2.household_id)
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- ANTI
SELECT COUNT(*) FROM transactions t ANTI JOIN coupon_redemptions c ON c.household_id = t.household_id
--- expected
t1 = transactions
anti join (t2 = coupon_redemptions) on (t1.household_id = t2.household_id)
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- IN a public list
SELECT SUM(sales_value) FROM transactions WHERE product_id IN (SELECT product_id FROM products WHERE department = 'DELI')
--- expected
t1 = transactions
semi join (t2 = products (public); where (t2.department = 'DELI')) on (t1.product_id = t2.product_id)
aggregate 0 = sum(t1.sales_value)
output sum = #agg.0
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+05 of the bounded total, 19 times in 20
sum DECIMAL(18,2) measure

-- NOT IN a public list keeps what SQL means by NULL
SELECT SUM(sales_value) FROM transactions WHERE product_id NOT IN (SELECT product_id FROM products WHERE department = 'DELI')
--- expected
t1 = transactions
not in join (t2 = products (public); where (t2.department = 'DELI')) on (t1.product_id = t2.product_id)
aggregate 0 = sum(t1.sales_value)
output sum = #agg.0
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+05 of the bounded total, 19 times in 20
sum DECIMAL(18,2) measure

-- units with more than three visits
SELECT SUM(sales_value) FROM transactions WHERE household_id IN (SELECT household_id FROM coupon_redemptions GROUP BY household_id HAVING COUNT(*) > 3)
--- expected
t1 = transactions
semi join (t3 = per unit [] a0 = count(*) having (t3.a0 > 3) of (t2 = coupon_redemptions)) on (t1.household_id = t3._unit)
aggregate 0 = sum(t1.sales_value)
output sum = #agg.0
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+05 of the bounded total, 19 times in 20
sum DECIMAL(18,2) measure

-- households that ever bought from a department, over a join inside
SELECT d.age, COUNT(*) FROM demographics d WHERE d.household_id IN (SELECT t.household_id FROM transactions t JOIN products p USING (product_id) WHERE p.department = 'DELI') GROUP BY d.age
--- expected
t1 = demographics
semi join (t2 = transactions; inner join t3 = products (public) on (t2.product_id = t3.product_id) and (t3.department = 'DELI')) on (t1.household_id = t2.household_id)
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

-- along a declared foreign key
--: house hospital
SELECT COUNT(*) FROM stays s WHERE EXISTS (SELECT 1 FROM stay_drugs d WHERE d.stay_id = s.stay_id)
--- expected
t1 = stays
semi join (t2 = stay_drugs) on (t1.stay_id = t2.stay_id)
aggregate 0 = count(*)
output count = #agg.0
at most 100 rows of a patient count
count(*): each key of a patient in [0, 100], 1 keys; squared L2 sensitivity 10000 steps
  discrete gaussian, rho 0.00542728
  expected: within +-1881 of the bounded total, 19 times in 20
count BIGINT measure

-- inside a per-unit subquery
SELECT AVG(n) FROM (SELECT household_id, COUNT(*) AS n FROM transactions WHERE household_id IN (SELECT household_id FROM demographics) GROUP BY household_id) h
--- expected
t3 = per unit [] a0 = count(*) of (t1 = transactions; semi join (t2 = demographics) on (t1.household_id = t2.household_id))
aggregate 0 = mean(t3.a0)
output avg = #agg.0
at most 1 rows of a household count
mean(t3.a0): each key of a household in [-5000, 5000], 1 keys; squared L2 sensitivity 26562500 steps
  discrete gaussian, rho 0.0283967
  expected noise of the sum of deviations: sd 2.163e+04
avg DECIMAL(18,2) measure

-- one inside another
SELECT COUNT(*) FROM transactions WHERE household_id IN (SELECT c.household_id FROM coupon_redemptions c WHERE EXISTS (SELECT 1 FROM demographics d WHERE d.household_id = c.household_id))
--- expected
t1 = transactions
semi join (t2 = coupon_redemptions; semi join (t3 = demographics) on (t2.household_id = t3.household_id)) on (t1.household_id = t2.household_id)
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- the postgres dialect
--: dialect postgres
SELECT COUNT(*) FROM transactions t WHERE EXISTS (SELECT 1 FROM demographics d WHERE d.household_id = t.household_id AND d.age = '25-34')
--- expected
t1 = transactions
semi join (t2 = demographics; where (t2.age = '25-34')) on (t1.household_id = t2.household_id)
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- EXISTS along the same step of the unit path
--: house hospital
SELECT COUNT(*) FROM stay_drugs a WHERE EXISTS (SELECT 1 FROM stay_drugs b WHERE b.stay_id = a.stay_id AND b.atc_code <> a.atc_code)
--- expected
t1 = stay_drugs
semi join (t2 = stay_drugs) on (t1.stay_id = t2.stay_id) and (t1.atc_code <> t2.atc_code)
aggregate 0 = count(*)
output count = #agg.0
at most 300 rows of a patient count
count(*): each key of a patient in [0, 300], 1 keys; squared L2 sensitivity 90000 steps
  discrete gaussian, rho 0.00542728
  expected: within +-5644 of the bounded total, 19 times in 20
count BIGINT measure