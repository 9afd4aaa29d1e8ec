-- the pricing summary
SELECT kind, level, SUM(units) AS sum_qty, SUM(amount) AS sum_base, SUM(amount * (1 - score)) AS sum_disc, AVG(units) AS avg_qty, AVG(amount) AS avg_price, COUNT(*) AS n FROM events WHERE day <= DATE '2024-02-28' GROUP BY kind, level HAVING COUNT(*) > 0 ORDER BY kind, level
--- events where 1; keys kind(4+other+null), level(5+other+null); SUM(units), SUM(amount), SUM((clamp(amount, -50, 100) * (1 - clamp(score, -1, 3)))), AVG(units), AVG(amount), COUNT(*); then having order

-- the forecast of revenue change
SELECT SUM(amount * score) AS revenue FROM events WHERE day >= DATE '2024-01-01' AND day < DATE '2024-02-01' AND score BETWEEN -0.25 AND 1.5 AND units < 10
--- events where 4; SUM((clamp(amount, -50, 100) * clamp(score, -1, 3)))

-- the share of promotions
SELECT 100.00 * SUM(CASE WHEN i.label LIKE '%pen%' THEN e.units ELSE 0 END) / SUM(e.units) AS promo FROM events e JOIN items i ON e.item = i.item
--- events + items; SUM(case(like(label, '%pen%'), units, 0)), SUM(units)

-- shipping modes and priorities
SELECT kind, SUM(CASE WHEN level = 1 OR level = 2 THEN 1 ELSE 0 END) AS high, SUM(CASE WHEN level <> 1 AND level <> 2 THEN 1 ELSE 0 END) AS low FROM events WHERE kind IN ('call', 'mail') GROUP BY kind HAVING COUNT(*) > 0 ORDER BY kind
--- events where 1; keys kind(4+other+null); SUM(case(((level = 1) OR (level = 2)), 1, 0)), SUM(case(((level <> 1) AND (level <> 2)), 1, 0)), COUNT(*); then having order

-- customer distribution
SELECT n, COUNT(*) AS people FROM (SELECT p.person_id, COUNT(v.minutes) AS n FROM people p LEFT JOIN visits v ON p.person_id = v.person_id AND v.ward <> 2 GROUP BY p.person_id) t GROUP BY n HAVING COUNT(*) > 0 ORDER BY people DESC, n DESC
--- [people + left visits by person]; keys n(found); COUNT(*); then having order

-- discounted revenue of alternatives
SELECT SUM(e.amount) FROM events e JOIN items i ON e.item = i.item WHERE (i.colour = 'red' AND e.units BETWEEN 1 AND 5 AND e.kind IN ('call', 'mail')) OR (i.colour = 'blue' AND e.units BETWEEN 2 AND 8) OR (i.colour IS NULL AND e.units >= 13)
--- events + items; SUM(amount)

-- a dashboard tile with an always-true filter
SELECT SUM(CAST(amount AS DOUBLE)) AS "Total" FROM events WHERE 1 = 1
--- events where 1; SUM(clamp(amount, -50, 100))

-- a dashboard series
SELECT CAST(DATE_TRUNC('month', CAST(happened AS DATE)) AS DATE) AS "Month", COUNT(DISTINCT person_id) AS "Active" FROM events WHERE happened IS NOT NULL GROUP BY 1 ORDER BY 1
--- events where 1; keys Month(found); COUNT(DISTINCT person_id); then order

-- retention by band
SELECT p.band, COUNT(DISTINCT e.person_id) AS active, COUNT(DISTINCT p.person_id) AS members FROM people p LEFT JOIN events e ON p.person_id = e.person_id AND e.day >= DATE '2024-02-01' GROUP BY p.band
--- people + left events; keys band(4+other+null); COUNT(DISTINCT person_id), COUNT(DISTINCT person_id)

-- baskets and their size
SELECT COUNT(*) AS baskets, AVG(lines) AS lines FROM (SELECT person_id, basket, COUNT(*) AS lines FROM events WHERE basket IS NOT NULL GROUP BY person_id, basket) b
--- [events where 1 by person and 1 more]; COUNT(*), AVG(lines)

-- the length of visits by region and quarter
SELECT s.region, QUARTER(v.seen) AS q, AVG(v.minutes) AS minutes, COUNT(*) AS n FROM visits v JOIN stores s ON v.store = s.store GROUP BY s.region, QUARTER(v.seen)
--- visits + stores; keys region(2+null), key(4+null); AVG(minutes), COUNT(*)

-- a funnel
SELECT COUNT(*) AS people, SUM(CASE WHEN called > 0 THEN 1 ELSE 0 END) AS called, SUM(CASE WHEN called > 0 AND mailed > 0 THEN 1 ELSE 0 END) AS both FROM (SELECT person_id, SUM(CASE WHEN kind = 'call' THEN 1 ELSE 0 END) AS called, SUM(CASE WHEN kind = 'mail' THEN 1 ELSE 0 END) AS mailed FROM events GROUP BY person_id) f
--- [events by person]; COUNT(*), SUM(case((called > 0), 1, 0)), SUM(case(((called > 0) AND (mailed > 0)), 1, 0))

-- heights in tenths
SELECT band, AVG(height) AS mean, STDDEV_POP(height) AS sd FROM people WHERE height IS NOT NULL GROUP BY band
--- people where 1; keys band(4+other+null); AVG(height), STDDEV_POP(height)
