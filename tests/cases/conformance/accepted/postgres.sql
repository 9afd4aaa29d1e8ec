-- counts
--: dialect postgres
SELECT kind, COUNT(*) AS n FROM events GROUP BY kind ORDER BY n DESC, kind LIMIT 2
--- events; keys kind(4+other+null); COUNT(*); then order limit

-- whole numbers divide to whole numbers
--: dialect postgres
--: plainly SELECT SUM(units // 2) FROM events
SELECT SUM(units / 2) FROM events
--- events; SUM((clamp(units, 0, 20) // 2))

-- casts by colons
--: dialect postgres
SELECT SUM(amount::int), COUNT(*) FROM events WHERE day >= '2024-01-10'::date
--- events where 1; SUM(round(clamp(amount, -50, 100))), COUNT(*)

-- NULL comes first, descending
--: dialect postgres
SELECT level, COUNT(*) AS n FROM events GROUP BY level HAVING COUNT(*) > 0 ORDER BY level DESC
--- events; keys level(5+other+null); COUNT(*); then having order

-- ILIKE
--: dialect postgres
SELECT COUNT(*) FROM events WHERE channel ILIKE 'WEB%'
--- events where 1; COUNT(*)

-- date_trunc
--: dialect postgres
SELECT date_trunc('month', day) AS m, COUNT(*) FROM events GROUP BY 1
--- events; keys m(found); COUNT(*)

-- EXTRACT
--: dialect postgres
SELECT EXTRACT(MONTH FROM day) AS m, SUM(amount) FROM events GROUP BY EXTRACT(MONTH FROM day)
--- events; keys MONTH(12+null); SUM(amount)

-- percentile_cont
--: dialect postgres
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY units) AS m FROM events
--- events; QUANTILE_CONT(units, 0.5)

-- FILTER
--: dialect postgres
SELECT COUNT(*) FILTER (WHERE flag IS TRUE) AS t, AVG(amount) AS a FROM events
--- events; COUNT(*), AVG(amount)

-- a common table expression
--: dialect postgres
WITH t AS (SELECT person_id, COUNT(*) AS n FROM events GROUP BY person_id) SELECT AVG(n) FROM t
--- [events by person]; AVG(n)

-- LIMIT with OFFSET
--: dialect postgres
SELECT kind, COUNT(*) FROM events WHERE kind IS NOT NULL GROUP BY kind HAVING COUNT(*) > 0 ORDER BY kind OFFSET 1 LIMIT 1
--- events where 1; keys kind(4+other+null); COUNT(*); then having order limit offset

-- a quantile of DuckDB in Postgres clothes
--: dialect postgres
--: plainly SELECT QUANTILE_DISC(units, 0.9) FROM events
SELECT quantile_disc(units, 0.9) FROM events
--- events; QUANTILE_DISC(units, 0.9)

-- dollar-free quotes and comments
--: dialect postgres
SELECT COUNT(*) /* all */ FROM "events" WHERE channel = 'it''s' -- done
--- events where 1; COUNT(*)

-- stddev and friends
--: dialect postgres
SELECT STDDEV(units), VARIANCE(units), CORR(amount, units), REGR_SLOPE(amount, units) FROM events
--- events; STDDEV_SAMP(units), VAR_SAMP(units), CORR(amount, units), REGR_SLOPE(amount, units)

-- a backslash in a pattern
--: dialect postgres
--: plainly SELECT COUNT(*) FROM events WHERE channel LIKE '%!_%' ESCAPE '!' OR channel NOT LIKE 'w%'
SELECT COUNT(*) FROM events WHERE channel LIKE '%\_%' OR channel NOT LIKE 'w%'
--- events where 1; COUNT(*)

-- a pattern with another sign
--: dialect postgres
--: plainly SELECT COUNT(*) FROM events WHERE channel LIKE 'w%'
SELECT COUNT(*) FROM events WHERE channel LIKE 'w%' ESCAPE '#'
--- events where 1; COUNT(*)
