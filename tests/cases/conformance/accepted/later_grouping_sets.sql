-- ROLLUP
SELECT kind, level, COUNT(*) FROM events WHERE kind IS NOT NULL AND level IS NOT NULL GROUP BY ROLLUP (kind, level)
--- ?

-- CUBE
SELECT kind, flag, COUNT(*) FROM events WHERE kind IS NOT NULL AND flag IS NOT NULL GROUP BY CUBE (kind, flag)
--- ?

-- GROUPING SETS
SELECT kind, level, SUM(amount) FROM events WHERE kind IS NOT NULL AND level IS NOT NULL GROUP BY GROUPING SETS ((kind), (level), ())
--- ?

-- GROUPING tells the level
SELECT kind, GROUPING(kind) AS g, COUNT(*) FROM events WHERE kind IS NOT NULL GROUP BY ROLLUP (kind)
--- ?
