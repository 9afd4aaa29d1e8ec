-- HAVING on a count
SELECT kind, COUNT(*) AS n FROM events GROUP BY kind HAVING COUNT(*) > 40
--- events; keys kind(4+other+null); COUNT(*); then having

-- HAVING by alias
SELECT kind, COUNT(*) AS n FROM events GROUP BY kind HAVING n > 40
--- events; keys kind(4+other+null); COUNT(*); then having

-- HAVING on an aggregate that is not shown
SELECT level, COUNT(*) AS n FROM events GROUP BY level HAVING SUM(amount) > 100 AND AVG(units) > 2
--- events; keys level(5+other+null); COUNT(*), SUM(amount), AVG(units); then having

-- HAVING on a key
SELECT level, COUNT(*) AS n FROM events GROUP BY level HAVING level >= 3 AND COUNT(*) > 0
--- events; keys level(5+other+null); COUNT(*); then having

-- ORDER BY position, descending
SELECT kind, COUNT(*) AS n FROM events WHERE kind IS NOT NULL GROUP BY kind HAVING COUNT(*) > 0 ORDER BY 2 DESC
--- events where 1; keys kind(4+other+null); COUNT(*); then having order

-- ORDER BY an aggregate that is not shown
SELECT level FROM events WHERE level IS NOT NULL GROUP BY level HAVING COUNT(*) > 0 ORDER BY SUM(units) DESC
--- events where 1; keys level(5+other+null); COUNT(*), SUM(units); then having order

-- ORDER BY an alias
SELECT channel, SUM(units) AS s FROM events WHERE channel IS NOT NULL GROUP BY channel ORDER BY s DESC, channel
--- events where 1; keys channel(found); SUM(units); then order

-- ORDER BY an expression of outputs
SELECT level, SUM(amount) AS a, COUNT(*) AS n FROM events GROUP BY level HAVING COUNT(*) > 0 ORDER BY SUM(amount) / COUNT(*), level
--- events; keys level(5+other+null); SUM(amount), COUNT(*); then having order

-- the top three of an undeclared key
SELECT channel, COUNT(*) AS n FROM events GROUP BY channel ORDER BY n DESC, channel LIMIT 3
--- events; keys channel(found); COUNT(*); then order limit

-- LIMIT and OFFSET
SELECT units, COUNT(*) AS n FROM events WHERE units IS NOT NULL GROUP BY units HAVING COUNT(*) > 0 ORDER BY units LIMIT 3 OFFSET 2
--- events where 1; keys units(21+other+null); COUNT(*); then having order limit offset

-- OFFSET beyond the end gives fewer
SELECT flag, COUNT(*) AS n FROM events WHERE flag IS NOT NULL GROUP BY flag ORDER BY flag LIMIT 10 OFFSET 1
--- events where 1; keys flag(2+null); COUNT(*); then order limit offset

-- NULLS FIRST
SELECT flag, COUNT(*) AS n FROM events GROUP BY flag ORDER BY flag NULLS FIRST
--- events; keys flag(2+null); COUNT(*); then order

-- NULLS LAST, descending
SELECT level, COUNT(*) AS n FROM events GROUP BY level HAVING COUNT(*) > 0 ORDER BY level DESC NULLS LAST
--- events; keys level(5+other+null); COUNT(*); then having order

-- the default place of NULL
SELECT level, COUNT(*) AS n FROM events GROUP BY level HAVING COUNT(*) > 0 ORDER BY level
--- events; keys level(5+other+null); COUNT(*); then having order

-- a ratio of two aggregates
SELECT SUM(amount) / COUNT(*) AS per_row FROM events
--- events; SUM(amount), COUNT(*)

-- a percentage
SELECT kind, 100.0 * SUM(CASE WHEN amount > 0 THEN 1 ELSE 0 END) / COUNT(*) AS percent FROM events GROUP BY kind HAVING COUNT(*) > 0
--- events; keys kind(4+other+null); SUM(case((amount > 0), 1, 0)), COUNT(*); then having

-- a ratio of filtered counts
SELECT COUNT(*) FILTER (WHERE flag) / COUNT(*) AS share FROM events
--- events; COUNT(*), COUNT(*)

-- sums of sums
SELECT SUM(amount) + SUM(units) - COUNT(*) AS s FROM events
--- events; SUM(amount), SUM(units), COUNT(*)

-- functions over aggregates
SELECT ROUND(AVG(amount), 1) AS a, ABS(SUM(score)) AS b, SQRT(COUNT(*)) AS c, FLOOR(SUM(amount) / 7) AS f, GREATEST(COUNT(*), 1000) AS g FROM events
--- events; AVG(amount), SUM(score), COUNT(*), SUM(amount)

-- CASE over aggregates
SELECT kind, CASE WHEN COUNT(*) > 60 THEN 'large' WHEN COUNT(*) > 0 THEN 'small' END AS size FROM events GROUP BY kind
--- events; keys kind(4+other+null); COUNT(*)

-- division by an aggregate that is zero
SELECT SUM(units) / COUNT(level) AS q FROM events WHERE kind = 'fax'
--- events where 1; SUM(units), COUNT(level)

-- NULLIF guards a ratio
SELECT level, SUM(amount) / NULLIF(SUM(units), 0) AS price FROM events GROUP BY level
--- events; keys level(5+other+null); SUM(amount), SUM(units)

-- a constant beside an aggregate
SELECT kind, COUNT(*) + 1000 AS n FROM events WHERE kind = 'call' GROUP BY kind HAVING COUNT(*) > 0
--- events where 1; keys kind(4+other+null); COUNT(*); then having

-- COALESCE of an aggregate
SELECT COALESCE(SUM(amount), 0) AS s FROM events WHERE kind = 'fax'
--- events where 1; SUM(amount)

-- IN and BETWEEN over released values
SELECT level, COUNT(*) AS n FROM events GROUP BY level HAVING COUNT(*) BETWEEN 1 AND 1000 AND level IN (1, 2)
--- events; keys level(5+other+null); COUNT(*); then having

-- HAVING without GROUP BY
SELECT COUNT(*) AS n FROM events HAVING COUNT(*) > 10
--- events; COUNT(*); then having

-- a date key in order
SELECT DATE_TRUNC('month', day) AS m, COUNT(*) AS n FROM events WHERE day IS NOT NULL GROUP BY 1 ORDER BY m DESC
--- events where 1; keys m(found); COUNT(*); then order
