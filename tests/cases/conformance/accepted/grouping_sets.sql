-- ROLLUP
SELECT kind, level, COUNT(*) FROM events WHERE kind IS NOT NULL AND level IS NOT NULL GROUP BY ROLLUP (kind, level)
--- events where 2; keys kind(4+other+null), level(5+other+null); COUNT(*); levels 3

-- CUBE
SELECT kind, flag, COUNT(*) FROM events WHERE kind IS NOT NULL AND flag IS NOT NULL GROUP BY CUBE (kind, flag)
--- events where 2; keys kind(4+other+null), flag(2+null); COUNT(*); levels 4

-- GROUPING SETS
SELECT kind, level, SUM(amount) FROM events WHERE kind IS NOT NULL AND level IS NOT NULL GROUP BY GROUPING SETS ((kind), (level), ())
--- events where 2; keys kind(4+other+null), level(5+other+null); SUM(amount); levels 3

-- GROUPING tells the level
SELECT kind, GROUPING(kind) AS g, COUNT(*) FROM events WHERE kind IS NOT NULL GROUP BY ROLLUP (kind)
--- events where 1; keys kind(4+other+null); COUNT(*); levels 2
