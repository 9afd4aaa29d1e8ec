-- a public join
SELECT brand, SUM(sales_value) FROM transactions JOIN products USING (product_id) GROUP BY brand
--- expected
t1 = transactions
inner join t2 = products (public) on (t1.product_id = t2.product_id)
key brand = t2.brand
aggregate 0 = sum(t1.sales_value)
output brand = #key.0
output sum = #agg.0
key brand: 2 declared and (null), every one answered
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-7.698e+04 of the bounded total, 19 times in 20
brand VARCHAR key
sum DECIMAL(18,2) measure

-- a public LEFT JOIN keeps the private rows
SELECT department, COUNT(*) FROM transactions t LEFT JOIN products p ON t.product_id = p.product_id GROUP BY department
--- expected
t1 = transactions
left join t2 = products (public) on (t1.product_id = t2.product_id)
key department = t2.department
aggregate 0 = count(*)
output department = #key.0
output count = #agg.0
key department: 3 declared and (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.333e+04 of the bounded total, 19 times in 20
department VARCHAR key
count BIGINT measure

-- unit = unit
SELECT d.age, SUM(t.sales_value) FROM transactions t JOIN demographics d ON t.household_id = d.household_id GROUP BY d.age
--- expected
t1 = transactions
inner join t2 = demographics on (t1.household_id = t2.household_id)
key age = t2.age
aggregate 0 = sum(t1.sales_value)
output age = #key.0
output sum = #agg.0
key age: 6 declared and (other), (null), every one answered
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9784)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-4.714e+04 of the bounded total, 19 times in 20
age VARCHAR key
sum DECIMAL(18,2) measure

-- a comma join with its condition in WHERE
SELECT COUNT(*) FROM transactions t, demographics d WHERE t.household_id = d.household_id
--- expected
t1 = transactions
inner join t2 = demographics on (t1.household_id = t2.household_id)
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- private LEFT JOIN private
SELECT d.age, COUNT(t.quantity) FROM demographics d LEFT JOIN transactions t USING (household_id) GROUP BY d.age
--- expected
t1 = demographics
left join t2 = transactions on (t1.household_id = t2.household_id)
key age = t1.age
aggregate 0 = count(t2.quantity)
output age = #key.0
output count = #agg.0
key age: 6 declared and (other), (null), every one answered
at most 5000 rows of a household count
count(t2.quantity): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9784)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-9425 of the bounded total, 19 times in 20
age VARCHAR key
count BIGINT measure

-- three tables
SELECT d.age, p.brand, COUNT(*) FROM transactions t JOIN demographics d USING (household_id) JOIN products p USING (product_id) GROUP BY 1, 2
--- expected
t1 = transactions
inner join t2 = demographics on (t1.household_id = t2.household_id)
inner join t3 = products (public) on (t1.product_id = t3.product_id)
key age = t2.age
key brand = t3.brand
aggregate 0 = count(*)
output age = #key.0
output brand = #key.1
output count = #agg.0
key age: 6 declared and (other), (null), every one answered
key brand: 2 declared and (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9784)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-5434 of the bounded total, 19 times in 20
age VARCHAR key
brand VARCHAR key
count BIGINT measure

-- C5: a self-join on the unit of a table with one row each
SELECT COUNT(*) FROM demographics a JOIN demographics b USING (household_id)
--- expected
t1 = demographics
inner join t2 = demographics on (t1.household_id = t2.household_id)
aggregate 0 = count(*)
output count = #agg.0
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
count BIGINT measure

-- a FROM subquery
SELECT COUNT(*) FROM (SELECT household_id, week FROM transactions WHERE quantity > 2) t WHERE t.week < 5
--- expected
t1 = transactions
where (t1.quantity > 2)
where (t1.week < 5)
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- a common table expression
WITH big AS (SELECT * FROM transactions WHERE sales_value > 20) SELECT week, COUNT(*) FROM big GROUP BY week
--- expected
t1 = transactions
where (t1.sales_value > 20)
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

-- per unit totals
SELECT AVG(s) FROM (SELECT household_id, SUM(sales_value) AS s FROM transactions GROUP BY household_id) h
--- expected
t2 = per unit [] a0 = sum(t1.sales_value) of (t1 = transactions)
aggregate 0 = mean(t2.a0)
output avg = #agg.0
at most 1 rows of a household count
mean(t2.a0): each key of a household in [-20000, 20000], 1 keys; squared L2 sensitivity 4250000000000 steps
  discrete gaussian, rho 0.0283967
  expected noise of the sum of deviations: sd 8.651e+04
avg DECIMAL(18,4) measure

-- per unit counts as keys
SELECT n, COUNT(*) FROM (SELECT household_id, COUNT(*) AS n FROM coupon_redemptions GROUP BY 1) h GROUP BY n
--- expected
t2 = per unit [] a0 = count(*) of (t1 = coupon_redemptions)
key n = t2.a0
aggregate 0 = count(*)
output n = #key.0
output count = #agg.0
key n: 41 declared and (other), every one answered
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
n BIGINT key
count BIGINT measure

-- per unit with HAVING, joined to the root
SELECT d.age, COUNT(*) FROM demographics d JOIN (SELECT household_id FROM transactions GROUP BY 1 HAVING COUNT(*) > 100) h USING (household_id) GROUP BY 1
--- expected
t1 = demographics
inner join t3 = per unit [] a0 = count(*) having (t3.a0 > 100) of (t2 = transactions) on (t1.household_id = t3._unit)
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

-- SELECT DISTINCT with the unit
SELECT week, COUNT(*) FROM (SELECT DISTINCT household_id, week FROM transactions) v GROUP BY week
--- expected
t2 = per unit [t1.week]  of (t1 = transactions)
key week = t2.k0
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

-- conditions of every kind
SELECT COUNT(*) FROM transactions WHERE (week BETWEEN 2 AND 9 OR week IN (20, 30)) AND NOT (quantity = 1) AND store_id IS NOT NULL AND transaction_timestamp >= '2017-03-01'
--- expected
t1 = transactions
where (((t1.week >= 2) AND (t1.week <= 9)) OR in(t1.week, 20, 30))
where not((t1.quantity = 1))
where not(is_null(t1.store_id))
where (t1.transaction_timestamp >= TIMESTAMP '2017-03-01 00:00:00')
aggregate 0 = count(*)
output count = #agg.0
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-2.667e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- LIKE
SELECT COUNT(*) FROM demographics WHERE home_ownership LIKE 'Home%' OR home_ownership ILIKE '%rent_r'
--- expected
t1 = demographics
where (like(t1.home_ownership, 'Home%') OR ilike(t1.home_ownership, '%rent_r'))
aggregate 0 = count(*)
output count = #agg.0
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
count BIGINT measure

-- drugs by ward along the unit path
--: house hospital
SELECT s.ward, COUNT(*) FROM stay_drugs d JOIN stays s ON d.stay_id = s.stay_id GROUP BY s.ward
--- expected
t1 = stay_drugs
inner join t2 = stays on (t1.stay_id = t2.stay_id)
key ward = t2.ward
aggregate 0 = count(*)
output ward = #key.0
output count = #agg.0
key ward: 5 declared and (other), (null), every one answered
at most 300 rows of a patient count
count(*): L2 norm of a patient over its keys clipped at a bound found privately among 16 up to 300 (rank 0.98)
  discrete gaussian, rho 0.00434182 + 0.00108545 for the clip
  no forecast: the contract gives no hints
ward VARCHAR key
count BIGINT measure

-- patients to their areas
--: house hospital
SELECT a.region, COUNT(*) FROM patients p JOIN postcode_areas a ON p.postcode = a.area GROUP BY a.region
--- expected
t1 = patients
inner join t2 = postcode_areas (public) on (t1.postcode = t2.area)
key region = t2.region
aggregate 0 = count(*)
output region = #key.0
output count = #agg.0
key region: 2 declared and (null), every one answered
at most 1 rows of a patient count
count(*): each key of a patient in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.00542728
  expected: within +-18.81 of the bounded total, 19 times in 20
region VARCHAR key
count BIGINT measure

-- drugs without their stays
--: house hospital
SELECT COUNT(*) FROM stay_drugs
--- expected
t1 = stay_drugs
aggregate 0 = count(*)
output count = #agg.0
at most 300 rows of a patient count
count(*): each key of a patient in [0, 300], 1 keys; squared L2 sensitivity 90000 steps
  discrete gaussian, rho 0.00542728
  expected: within +-5644 of the bounded total, 19 times in 20
count BIGINT measure

-- public tables before the private one, each reached over its key
SELECT p.brand, COUNT(*) FROM products q JOIN products p ON p.product_id = q.product_id JOIN transactions t ON t.product_id = q.product_id GROUP BY p.brand
--- expected
t1 = products (public)
inner join t2 = products (public) on (t2.product_id = t1.product_id)
inner join t3 = transactions on (t3.product_id = t1.product_id)
key brand = t2.brand
aggregate 0 = count(*)
output brand = #key.0
output count = #agg.0
key brand: 2 declared and (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.539e+04 of the bounded total, 19 times in 20
brand VARCHAR key
count BIGINT measure

-- a plain subquery of a public table
SELECT p.brand, COUNT(*) FROM transactions t JOIN (SELECT product_id, brand FROM products) p ON p.product_id = t.product_id GROUP BY p.brand
--- expected
t1 = transactions
inner join t2 = products (public) on (t2.product_id = t1.product_id)
key brand = t2.brand
aggregate 0 = count(*)
output brand = #key.0
output count = #agg.0
key brand: 2 declared and (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9892)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.539e+04 of the bounded total, 19 times in 20
brand VARCHAR key
count BIGINT measure

-- a star: private tables of the unit and a public one
SELECT d.age, c.campaign_type, COUNT(*) FROM coupon_redemptions r JOIN campaign_descriptions c USING (campaign_id) JOIN demographics d USING (household_id) GROUP BY 1, 2
--- expected
t1 = coupon_redemptions
inner join t2 = campaign_descriptions (public) on (t1.campaign_id = t2.campaign_id)
inner join t3 = demographics on (t1.household_id = t3.household_id)
key age = t3.age
key campaign_type = t2.campaign_type
aggregate 0 = count(*)
output age = #key.0
output campaign_type = #key.1
output count = #agg.0
key age: 6 declared and (other), (null), every one answered
key campaign_type: 2 declared and (null), every one answered
at most 40 rows of a household count
at most 10 keys of a household count (keyed sample)
count(*): each key of a household in [0, 40], 10 keys; squared L2 sensitivity 1600 steps
  discrete gaussian, rho 0.0283967
  expected: within +-329 of the bounded total, 19 times in 20
age VARCHAR key
campaign_type VARCHAR key
count BIGINT measure

-- a star of the same public table twice
SELECT a.campaign_type, b.campaign_type AS other, COUNT(*) FROM coupon_redemptions r JOIN campaign_descriptions a ON a.campaign_id = r.campaign_id LEFT JOIN campaign_descriptions b ON b.campaign_id = r.campaign_id GROUP BY 1, 2
--- expected
t1 = coupon_redemptions
inner join t2 = campaign_descriptions (public) on (t2.campaign_id = t1.campaign_id)
left join t3 = campaign_descriptions (public) on (t3.campaign_id = t1.campaign_id)
key campaign_type = t2.campaign_type
key other = t3.campaign_type
aggregate 0 = count(*)
output campaign_type = #key.0
output other = #key.1
output count = #agg.0
key campaign_type: 2 declared and (null), every one answered
key other: 2 declared and (null), every one answered
at most 40 rows of a household count
count(*): each key of a household in [0, 40], 9 keys; squared L2 sensitivity 1600 steps
  discrete gaussian, rho 0.0283967
  expected: within +-329 of the bounded total, 19 times in 20
campaign_type VARCHAR key
other VARCHAR key
count BIGINT measure

-- a self-join of per-unit totals
SELECT COUNT(*), AVG(a.n) FROM (SELECT household_id, COUNT(*) AS n FROM coupon_redemptions GROUP BY household_id) a JOIN (SELECT household_id, SUM(quantity) AS q FROM transactions GROUP BY household_id) b USING (household_id) WHERE b.q > a.n
--- expected
t2 = per unit [] a0 = count(*) of (t1 = coupon_redemptions)
inner join t4 = per unit [] a0 = sum(t3.quantity) of (t3 = transactions) on (t2._unit = t4._unit) and (t4.a0 > t2.a0)
aggregate 0 = count(*)
aggregate 1 = mean(t2.a0)
output count = #agg.0
output avg = #agg.1
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0141984
  expected: within +-11.63 of the bounded total, 19 times in 20
mean(t2.a0): each key of a household in [-40, 40], 1 keys; squared L2 sensitivity 1700 steps
  discrete gaussian, rho 0.0141984
  expected noise of the sum of deviations: sd 244.7
count BIGINT measure
avg DECIMAL(18,2) measure