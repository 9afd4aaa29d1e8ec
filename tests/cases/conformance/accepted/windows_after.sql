-- percent of total by a window over released values
SELECT kind, COUNT(*) * 1.0 / SUM(COUNT(*)) OVER () AS share FROM events GROUP BY kind
--- events; keys kind(4+other+null); COUNT(*); windows

-- rank of released values
SELECT channel, COUNT(*) AS n, RANK() OVER (ORDER BY COUNT(*) DESC) AS r FROM events GROUP BY channel
--- events; keys channel(found); COUNT(*); windows

-- a running total of released values
SELECT level, COUNT(*) AS n, SUM(COUNT(*)) OVER (ORDER BY level) AS up_to FROM events WHERE level IS NOT NULL GROUP BY level HAVING COUNT(*) > 0
--- events where 1; keys level(5+other+null); COUNT(*); then having; windows

-- the value before
SELECT EXTRACT(month FROM day) AS m, COUNT(*) AS n, LAG(COUNT(*)) OVER (ORDER BY EXTRACT(month FROM day)) AS before FROM events WHERE day IS NOT NULL GROUP BY 1 HAVING COUNT(*) > 0
--- events where 1; keys m(12+null); COUNT(*); then having; windows

-- a share within a partition of keys
SELECT kind, level, COUNT(*) AS n, COUNT(*) / SUM(COUNT(*)) OVER (PARTITION BY kind) AS share FROM events GROUP BY kind, level
--- events; keys kind(4+other+null), level(5+other+null); COUNT(*); windows

-- ROW_NUMBER over released values
SELECT channel, ROW_NUMBER() OVER (ORDER BY channel) AS i, COUNT(*) AS n FROM events WHERE channel IS NOT NULL GROUP BY channel
--- events where 1; keys channel(found); COUNT(*); windows
