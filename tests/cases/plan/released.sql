-- D4: a rank over the answer
SELECT week, COUNT(*) AS n, RANK() OVER (ORDER BY COUNT(*) DESC) AS place FROM transactions GROUP BY week QUALIFY place <= 5 ORDER BY place
--- expected
t1 = transactions
key week = t1.week
aggregate 0 = count(*)
output week = #key.0
output n = #agg.0
output place = #win.0
window 0 = rank() over (order by #agg.0 desc) (over released values)
qualify (#win.0 <= 5) (over released values)
order by #win.0
key week: 53 declared and (other), (null), every one answered
at most 5000 rows of a household count
count(*): L2 norm of a household over its keys clipped at a bound found privately among 24 up to 5000 (rank 0.9536)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-3770 of the bounded total, 19 times in 20
week BIGINT key
n BIGINT measure
place BIGINT derived

-- D4: a share of the total
SELECT age, COUNT(*) * 1.0 / SUM(COUNT(*)) OVER () AS share FROM demographics GROUP BY age
--- expected
t1 = demographics
key age = t1.age
aggregate 0 = count(*)
output age = #key.0
output share = ((#agg.0 * 1) / #win.0)
window 0 = sum(#agg.0) over () (over released values)
key age: 6 declared and (other), (null), every one answered
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
age VARCHAR key
share DOUBLE derived

-- D4: a running total and the week before
SELECT week, SUM(sales_value) AS paid, SUM(SUM(sales_value)) OVER (ORDER BY week ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far, LAG(SUM(sales_value)) OVER w AS before FROM transactions GROUP BY week WINDOW w AS (ORDER BY week)
--- expected
t1 = transactions
key week = t1.week
aggregate 0 = sum(t1.sales_value)
output week = #key.0
output paid = #agg.0
output so_far = #win.0
output before = #win.1
window 0 = sum(#agg.0) over (order by #key.0 rows between unbounded preceding and current row) (over released values)
window 1 = lag(#agg.0, 1) over (order by #key.0) (over released values)
key week: 53 declared and (other), (null), every one answered
at most 5000 rows of a household count
sum(t1.sales_value): L2 norm of a household over its keys clipped at a bound found privately among 41 up to 20000 (rank 0.9536)
  discrete gaussian, rho 0.0227174 + 0.00567934 for the clip
  expected: within about +-1.886e+04 of the bounded total, 19 times in 20
week BIGINT key
paid DECIMAL(18,2) measure
so_far DECIMAL(18,2) derived
before DECIMAL(18,2) derived

-- D4: a rank within a key
SELECT age, income, COUNT(*) AS n FROM demographics GROUP BY age, income QUALIFY ROW_NUMBER() OVER (PARTITION BY age ORDER BY n DESC) = 1
--- expected
t1 = demographics
key age = t1.age
key income = t1.income
aggregate 0 = count(*)
output age = #key.0
output income = #key.1
output n = #agg.0
window 0 = row_number() over (partition by #key.0 order by #agg.0 desc) (over released values)
qualify (#win.0 = 1) (over released values)
key age: 6 declared and (other), (null), every one answered
key income: 12 declared and (other), (null), every one answered
at most 1 rows of a household count
count(*): each key of a household in [0, 1], 1 keys; squared L2 sensitivity 1 steps
  discrete gaussian, rho 0.0283967
  expected: within +-8.224 of the bounded total, 19 times in 20
age VARCHAR key
income VARCHAR key
n BIGINT measure