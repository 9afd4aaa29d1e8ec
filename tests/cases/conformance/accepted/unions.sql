-- UNION ALL of aligned tables
SELECT COUNT(*) FROM (SELECT person_id FROM events UNION ALL SELECT person_id FROM visits) u
--- (events; visits); COUNT(*)

-- UNION ALL with a key
SELECT origin, COUNT(*) FROM (SELECT person_id, 'event' AS origin FROM events UNION ALL SELECT person_id, 'visit' AS origin FROM visits) u GROUP BY origin
--- (events; visits); keys origin(2); COUNT(*)

-- UNION ALL of sums
SELECT SUM(x) FROM (SELECT person_id, units AS x FROM events UNION ALL SELECT person_id, minutes AS x FROM visits) u
--- (events; visits); SUM(_c1)

-- UNION ALL in a common table expression
WITH u AS (SELECT person_id, happened AS m FROM events UNION ALL SELECT person_id, seen AS m FROM visits) SELECT EXTRACT(month FROM m) AS month, COUNT(DISTINCT person_id) FROM u GROUP BY 1
--- (events; visits); keys month(12+null); COUNT(DISTINCT _unit)

-- UNION ALL keeps the person without naming it
SELECT COUNT(*) FROM (SELECT kind FROM events UNION ALL SELECT code AS kind FROM charges) u
--- (events; charges); COUNT(*)
