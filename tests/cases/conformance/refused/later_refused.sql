-- UNION ALL that forgets the person
SELECT COUNT(*) FROM (SELECT kind FROM events UNION ALL SELECT code AS kind FROM charges) u
--- ?

-- UNION ALL of two people columns swapped
SELECT COUNT(*) FROM (SELECT person_id, visit_id FROM visits UNION ALL SELECT visit_id, person_id FROM visits) u
--- ?

-- UNION ALL of different types
SELECT COUNT(*) FROM (SELECT person_id, units AS x FROM events UNION ALL SELECT person_id, kind AS x FROM events) u
--- ?

-- a window over released values beside rows
SELECT amount, COUNT(*) OVER () FROM events
--- ?

-- a running total of rows
SELECT SUM(amount) OVER (ORDER BY day) FROM events
--- ?

-- NOT IN across people
SELECT COUNT(*) FROM people WHERE town NOT IN (SELECT town FROM people WHERE is_staff)
--- ?

-- a semi join off the path
SELECT COUNT(*) FROM events e SEMI JOIN visits v ON e.level = v.ward
--- ?

-- EXISTS without the person
SELECT COUNT(*) FROM events WHERE EXISTS (SELECT 1 FROM visits)
--- ?

-- GROUPING of what is no key
SELECT GROUPING(units), COUNT(*) FROM events GROUP BY ROLLUP (kind)
--- ?

-- DISTINCT persons
SELECT DISTINCT person_id FROM events
--- ?

-- a scalar subquery of a row
SELECT COUNT(*), (SELECT amount FROM events LIMIT 1) FROM events
--- ?

-- a frame across people
SELECT COUNT(*) FROM (SELECT person_id, SUM(units) OVER (PARTITION BY day ORDER BY happened) AS s FROM events) t WHERE s > 3
--- ?
