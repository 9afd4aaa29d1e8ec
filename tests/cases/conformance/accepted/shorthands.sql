-- GROUP BY ALL
SELECT kind, level, COUNT(*) FROM events GROUP BY ALL
--- events; keys kind(4+other+null), level(5+other+null); COUNT(*)

-- GROUP BY ALL of expressions, ORDER BY ALL
SELECT UPPER(kind) AS k, level > 2 AS high, COUNT(*) AS n, SUM(units) FROM events GROUP BY ALL ORDER BY ALL
--- events; keys k(4+other+null), high(2+null); COUNT(*), SUM(units); then order

-- ORDER BY ALL DESC
SELECT kind, COUNT(*) FROM events GROUP BY ALL ORDER BY ALL DESC
--- events; keys kind(4+other+null); COUNT(*); then order

-- GROUP BY ALL without a key
SELECT COUNT(*) AS n, AVG(units) FROM events GROUP BY ALL
--- events; COUNT(*), AVG(units)

-- GROUP BY ALL without an aggregate
SELECT level FROM events GROUP BY ALL ORDER BY ALL
--- events; keys level(5+other+null); ; then order

-- GROUP BY ALL within one person
SELECT AVG(n) FROM (SELECT person_id, COUNT(*) AS n FROM events GROUP BY ALL) v
--- [events by person]; AVG(n)

-- GROUP BY ALL as Postgres writes aggregates
--: dialect postgres
SELECT kind, percentile_cont(0.5) WITHIN GROUP (ORDER BY units) FROM events GROUP BY ALL HAVING COUNT(*) > 10
--- events; keys kind(4+other+null); QUANTILE_CONT(units, 0.5), COUNT(*); then having

-- count of a condition
SELECT COUNT_IF(units > 3) AS n FROM events
--- events; COUNT(*)

-- counts of conditions side by side
SELECT kind, COUNTIF(units > 3 AND flag) AS n, COUNT_IF(flag) FILTER (WHERE level = 1) AS m, COUNT(*) FROM events GROUP BY ALL
--- events; keys kind(4+other+null); COUNT(*), COUNT(*), COUNT(*)

-- a count of a condition within one person
SELECT AVG(n), SUM(m) FROM (SELECT person_id, COUNT_IF(units > 3) AS n, SUM(flag) AS m FROM events GROUP BY 1) v
--- [events by person]; AVG(n), SUM(m)

-- a sum of truth values
SELECT SUM(units > 3) AS n, SUM(flag) AS f, SUM((units > 3)::INT) AS m FROM events
--- events; SUM(case((units > 3), 1, not((units > 3)), 0, NULL)), SUM(case(flag, 1, not(flag), 0, NULL))

-- a share of a condition
SELECT COUNT_IF(units > 3) * 100.0 / COUNT(*) AS percent FROM events
--- events; COUNT(*), COUNT(*)
