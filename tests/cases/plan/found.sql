-- the keys of a unit are found first where they bound the noise
--: house searching
SELECT week, COUNT(DISTINCT household_id) FROM transactions GROUP BY week
--- expected
t1 = transactions
key week = t1.week
aggregate 0 = count_units(t1.household_id)
output week = #key.0
output count = #agg.0
key week: 53 declared and (other), (null), every one answered
at most 5000 rows of a household count
maxGroups: found privately first, of one number per household, among 11 candidates up to 55 (rank 0.9784), rho 0.00141983; the lines below are for the largest
count_units(t1.household_id): each key of a household in [0, 1], 55 keys; squared L2 sensitivity 55 steps
  discrete gaussian, rho 0.0269769
  expected: within +-62.58 of the bounded total, 19 times in 20
week BIGINT key
count BIGINT measure

-- sums over declared keys rest on no bound of keys
--: house searching
SELECT week, COUNT(*), SUM(quantity) FROM transactions GROUP BY week
--- expected
t1 = transactions
key week = t1.week
aggregate 0 = count(*)
aggregate 1 = sum(t1.quantity)
output week = #key.0
output count = #agg.0
output sum = #agg.1
key week: 53 declared and (other), (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9536)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-5332 of the bounded total, 19 times in 20
sum(t1.quantity): L2 norm of a household over its keys clipped at a bound found privately among 25 up to 8000 (rank 0.9536)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-5332 of the bounded total, 19 times in 20
week BIGINT key
count BIGINT measure
sum BIGINT measure

-- few declared keys need no bound
--: house searching
SELECT brand, COUNT(DISTINCT household_id) FROM transactions JOIN products USING (product_id) GROUP BY brand
--- expected
t1 = transactions
inner join t2 = products (public) on (t1.product_id = t2.product_id)
key brand = t2.brand
aggregate 0 = count_units(t1.household_id)
output brand = #key.0
output count = #agg.0
key brand: 2 declared and (null), every one answered
at most 5000 rows of a household count
count_units(t1.household_id): each key of a household in [0, 1], 3 keys; squared L2 sensitivity 3 steps
  discrete gaussian, rho 0.0283967
  expected: within +-14.25 of the bounded total, 19 times in 20
brand VARCHAR key
count BIGINT measure

-- distinct values of a unit are found first
--: house searching
SELECT COUNT(DISTINCT product_id) FROM transactions
--- expected
t1 = transactions
aggregate 0 = count_distinct(t1.product_id)
output count = #agg.0
at most 5000 rows of a household count
maxDistinct: found privately first, of one number per household, among 24 candidates up to 5000 (rank 0.9784), rho 0.00141983; the lines below are for the largest
count_distinct(t1.product_id): 5000 values per key and 1 keys of a household; squared L2 sensitivity 25000000
  discrete gaussian, rho 0.0269769
  expected: within +-4.219e+04 of the bounded total, 19 times in 20
count BIGINT measure

-- joined rows of a unit, then what else there is to find
--: house searching
SELECT COUNT(DISTINCT product_id) FROM transactions JOIN coupon_redemptions USING (household_id)
--- expected
t1 = transactions
inner join t2 = coupon_redemptions on (t1.household_id = t2.household_id)
aggregate 0 = count_distinct(t1.product_id)
output count = #agg.0
at most 50000 rows of a household count
maxDistinct: found privately first, of one number per household, among 31 candidates up to 50000 (rank 0.9784), rho 0.00141983; the lines below are for the largest
count_distinct(t1.product_id): 50000 values per key and 1 keys of a household; squared L2 sensitivity 2500000000
  discrete gaussian, rho 0.0269769
  expected: within +-4.219e+05 of the bounded total, 19 times in 20
count BIGINT measure

-- a clip needs an end for its search alone, so joined rows are not bought
--: house searching
SELECT week, COUNT(*) FROM transactions JOIN coupon_redemptions USING (household_id) GROUP BY week
--- expected
t1 = transactions
inner join t2 = coupon_redemptions on (t1.household_id = t2.household_id)
key week = t1.week
aggregate 0 = count(*)
output week = #key.0
output count = #agg.0
key week: 53 declared and (other), (null), every one answered
at most 50000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 31 up to 50000 (rank 0.9536)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-3770 of the bounded total, 19 times in 20
week BIGINT key
count BIGINT measure