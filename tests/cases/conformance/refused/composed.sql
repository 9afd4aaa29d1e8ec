-- UNION ALL of two people columns swapped
SELECT COUNT(*) FROM (SELECT person_id, visit_id FROM visits UNION ALL SELECT visit_id, person_id FROM visits) u
--- J302 one branch of UNION ALL has the unit key where another has something else

-- UNION ALL of different types
SELECT COUNT(*) FROM (SELECT person_id, units AS x FROM events UNION ALL SELECT person_id, kind AS x FROM events) u
--- J106 the branches of UNION ALL have different types

-- a window over released values beside rows
SELECT amount, COUNT(*) OVER () FROM events
--- J301 amount is neither grouped nor aggregated: that would show rows

-- a running total of rows
SELECT SUM(amount) OVER (ORDER BY day) FROM events
--- J301 amount is neither grouped nor aggregated: that would show rows

-- NOT IN across people
SELECT COUNT(*) FROM people WHERE town NOT IN (SELECT town FROM people WHERE is_staff)
--- J212 NOT IN compares a value that may be NULL, so all rows inside decide about each row

-- a semi join off the path
SELECT COUNT(*) FROM events e SEMI JOIN visits v ON e.level = v.ward
--- J212 a subquery over private rows is not linked to the same unit: it would compare people with each other

-- EXISTS without the person
SELECT COUNT(*) FROM events WHERE EXISTS (SELECT 1 FROM visits)
--- J212 a subquery over private rows is not linked to the same unit: it would compare people with each other

-- GROUPING of what is no key
SELECT GROUPING(units), COUNT(*) FROM events GROUP BY ROLLUP (kind)
--- J301 units is neither grouped nor aggregated: that would show rows

-- DISTINCT persons
SELECT DISTINCT person_id FROM events
--- J209 an identifier cannot be a key of the answer

-- a scalar subquery of a row
SELECT COUNT(*), (SELECT amount FROM events LIMIT 1) FROM events
--- J104 a subquery used as a value takes no LIMIT

-- a frame across people
SELECT COUNT(*) FROM (SELECT person_id, SUM(units) OVER (PARTITION BY day ORDER BY happened) AS s FROM events) t WHERE s > 3
--- J302 a window function inside a subquery must be partitioned by the unit key
