-- LIMIT inside
SELECT COUNT(*) FROM (SELECT person_id FROM events LIMIT 10) t
--- J104 LIMIT is not answered here

-- ORDER BY inside
SELECT COUNT(*) FROM (SELECT person_id, amount FROM events ORDER BY amount) t
--- J104 ORDER BY is not answered here

-- OFFSET inside
SELECT COUNT(*) FROM (SELECT person_id FROM events OFFSET 3) t
--- J104 OFFSET is not answered here

-- DISTINCT ON inside
SELECT COUNT(*) FROM (SELECT DISTINCT ON (kind) person_id, kind FROM events) t
--- J104 DISTINCT ON is not answered here

-- a sample inside
SELECT COUNT(*) FROM (SELECT person_id FROM events USING SAMPLE 10%) t
--- J104 a sample of a table is not answered here

-- a sample of a table
SELECT COUNT(*) FROM events TABLESAMPLE (10 PERCENT)
--- J104 a sample of a table is not answered here

-- a subquery that forgets the person
SELECT AVG(n) FROM (SELECT kind, COUNT(*) AS n FROM events GROUP BY kind) t
--- J302 a subquery that aggregates must group by the unit key

-- a subquery that aggregates everybody
SELECT n FROM (SELECT COUNT(*) AS n FROM events) t
--- J302 a subquery that aggregates must group by the unit key

-- DISTINCT without the person
SELECT COUNT(*) FROM (SELECT DISTINCT kind FROM events) t
--- J302 a subquery that aggregates must group by the unit key

-- a window over everybody
SELECT COUNT(*) FROM (SELECT person_id, ROW_NUMBER() OVER (ORDER BY amount) AS i FROM events) t WHERE i < 10
--- J302 a window function inside a subquery must be partitioned by the unit key

-- a window over another column
SELECT COUNT(*) FROM (SELECT person_id, RANK() OVER (PARTITION BY kind ORDER BY amount) AS i FROM events) t WHERE i = 1
--- J302 a window function inside a subquery must be partitioned by the unit key

-- QUALIFY
SELECT kind, COUNT(*) FROM events GROUP BY kind QUALIFY ROW_NUMBER() OVER (ORDER BY amount) = 1
--- J301 amount is neither grouped nor aggregated: that would show rows

-- a row against a private global aggregate
SELECT COUNT(*) FROM events WHERE amount > (SELECT AVG(amount) FROM events)
--- J104 a subquery over everybody is not compared with rows or used in them

-- a correlated subquery across people
SELECT COUNT(*) FROM events e WHERE amount > (SELECT AVG(amount) FROM events f WHERE f.kind = e.kind)
--- J212 a subquery over private rows is not linked to the same unit: it would compare people with each other

-- EXISTS across people
SELECT COUNT(*) FROM events e WHERE EXISTS (SELECT 1 FROM events f WHERE f.day = e.day AND f.amount > 50)
--- J212 a subquery over private rows is not linked to the same unit: it would compare people with each other

-- IN across people
SELECT COUNT(*) FROM events WHERE day IN (SELECT day FROM events WHERE amount > 50)
--- J212 a subquery over private rows is not linked to the same unit: it would compare people with each other

-- ANY across people
SELECT COUNT(*) FROM events WHERE amount > ANY (SELECT amount FROM events WHERE kind = 'mail')
--- J104 ANY (SELECT ...) is not answered

-- ALL across people
SELECT COUNT(*) FROM events WHERE amount >= ALL (SELECT amount FROM events)
--- J104 ALL (SELECT ...) is not answered

-- a recursive expression
WITH RECURSIVE t AS (SELECT person_id FROM events UNION ALL SELECT person_id FROM t) SELECT COUNT(*) FROM t
--- J104 WITH RECURSIVE is not answered

-- an expression that refers to itself
WITH t AS (SELECT person_id FROM t) SELECT COUNT(*) FROM t
--- J104 a common table expression cannot refer to itself

-- UNION of answers
SELECT COUNT(*) FROM events UNION SELECT COUNT(*) FROM visits
--- J104 UNION and other set operations of answers are not answered

-- EXCEPT
SELECT COUNT(*) FROM (SELECT person_id FROM events EXCEPT SELECT person_id FROM visits) t
--- J104 EXCEPT is not answered

-- INTERSECT
SELECT COUNT(*) FROM (SELECT person_id FROM events INTERSECT SELECT person_id FROM visits) t
--- J104 INTERSECT is not answered

-- UNION inside removes duplicates of everybody
SELECT COUNT(*) FROM (SELECT kind FROM events UNION SELECT code FROM charges) t
--- J104 UNION without ALL is not answered: it would compare rows of different units

-- VALUES
SELECT COUNT(*) FROM (VALUES (1), (2)) AS t(a)
--- J104 FROM takes tables and subqueries

-- a spread within one person
SELECT AVG(s) FROM (SELECT person_id, STDDEV(amount) AS s FROM events GROUP BY person_id) t
--- J104 STDDEV_SAMP within one unit is not answered

-- a sum of doubles within one person
SELECT AVG(s) FROM (SELECT person_id, SUM(SQRT(units)) AS s FROM events GROUP BY person_id) t
--- J104 SUM of a double inside a subquery is not answered

-- the name of a table reused
WITH events AS (SELECT person_id FROM visits) SELECT COUNT(*) FROM events
--- J108 events already names a table or expression

-- two columns of one name
SELECT COUNT(*) FROM (SELECT person_id, units AS a, level AS a FROM events) t
--- J104 the subquery has two columns named a

-- the person swapped through a CASE
SELECT COUNT(*) FROM (SELECT CASE WHEN flag THEN person_id END AS person_id, units FROM events) t
--- J209 an identifier cannot be used in CASE

-- a constant as person
SELECT COUNT(*) FROM (SELECT 1 AS person_id, COUNT(*) AS n FROM events) t
--- J302 a subquery that aggregates must group by the unit key
