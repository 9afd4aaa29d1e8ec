-- D5: ROLLUP
SELECT age, income, COUNT(*) AS n FROM demographics GROUP BY ROLLUP (age, income)
--- expected
t1 = demographics
key age = t1.age
key income = t1.income
aggregate 0 = count(*)
output age = #key.0
output income = #key.1
output n = #agg.0
levels (age, income) (age) ()
key age: 6 declared and (other), (null), every one answered
key income: 12 declared and (other), (null), every one answered
only the finest level is measured; a total adds up to 112 of its noisy cells
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
age VARCHAR key
income VARCHAR key
n BIGINT measure

-- D5: CUBE with averages and GROUPING
SELECT t.week > 26 AS late, d.age, GROUPING(d.age) AS all_ages, SUM(t.sales_value) AS paid, AVG(t.quantity) AS items FROM transactions t JOIN demographics d USING (household_id) GROUP BY CUBE (1, d.age)
--- expected
t1 = transactions
inner join t2 = demographics on (t1.household_id = t2.household_id)
key late = (t1.week > 26)
key age = t2.age
aggregate 0 = sum(t1.sales_value)
aggregate 1 = mean(t1.quantity)
output late = #key.0
output age = #key.1
output all_ages = #set.1
output paid = #agg.0
output items = #agg.1
levels (late, age) (late) (age) ()
key late: 2 declared and (null), every one answered
key age: 6 declared and (other), (null), every one answered
only the finest level is measured; a total adds up to 24 of its noisy cells
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9784)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected: within about +-3.849e+04 of the bounded total, 19 times in 20
mean(t1.quantity): L2 norm of a household over its keys clipped at a bound found privately among 26 up to 9434 (rank 0.95)
  discrete gaussian, rho 0.0113587 + 0.00283967 for the clip
  expected noise of the sum of deviations: sd 5553
late BOOLEAN key
age VARCHAR key
all_ages BIGINT derived
paid DECIMAL(18,2) measure
items DECIMAL(18,2) measure

-- D5: GROUPING SETS
SELECT week, COUNT(*) FROM transactions GROUP BY GROUPING SETS ((week), ())
--- expected
t1 = transactions
key week = t1.week
aggregate 0 = count(*)
output week = #key.0
output count = #agg.0
levels (week) ()
key week: 53 declared and (other), (null), every one answered
only the finest level is measured; a total adds up to 55 of its noisy cells
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9536)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-3770 of the bounded total, 19 times in 20
week BIGINT key
count BIGINT measure

-- a total beside its parts with a share
SELECT age, COUNT(*) AS n, COUNT(*) * 1.0 / MAX(COUNT(*)) OVER () AS share FROM demographics GROUP BY ROLLUP (age) ORDER BY GROUPING(age) DESC, n DESC
--- expected
t1 = demographics
key age = t1.age
aggregate 0 = count(*)
output age = #key.0
output n = #agg.0
output share = ((#agg.0 * 1) / #win.0)
levels (age) ()
window 0 = max(#agg.0) over () (over released values)
order by #set.0 desc
order by #agg.0 desc
key age: 6 declared and (other), (null), every one answered
only the finest level is measured; a total adds up to 8 of its noisy cells
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
age VARCHAR key
n BIGINT measure
share DOUBLE derived

-- units of a table with one row each add up
SELECT age, COUNT(DISTINCT household_id) FROM demographics GROUP BY ROLLUP (age)
--- expected
t1 = demographics
key age = t1.age
aggregate 0 = count_units(t1.household_id)
output age = #key.0
output count = #agg.0
levels (age) ()
key age: 6 declared and (other), (null), every one answered
only the finest level is measured; a total adds up to 8 of its noisy cells
at most 1 rows of a household count
count_units(t1.household_id): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
age VARCHAR key
count BIGINT measure

-- a key beside ROLLUP multiplies
SELECT income, age, COUNT(*) FROM demographics GROUP BY income, ROLLUP (age)
--- expected
t1 = demographics
key income = t1.income
key age = t1.age
aggregate 0 = count(*)
output income = #key.0
output age = #key.1
output count = #agg.0
levels (income, age) (income)
key income: 12 declared and (other), (null), every one answered
key age: 6 declared and (other), (null), every one answered
only the finest level is measured; a total adds up to 8 of its noisy cells
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
income VARCHAR key
age VARCHAR key
count BIGINT measure