-- a mean over everybody
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT AVG(f.units) FROM events f)
--- J104 a subquery over everybody is not compared with rows or used in them

-- linked by a key alone
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT AVG(f.units) FROM events f WHERE f.kind = e.kind)
--- J212 a subquery over private rows is not linked to the same unit: it would compare people with each other

-- rows before this one
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id AND f.day < e.day)
--- J104 a subquery used as a value is compared with the rows outside by equality alone

-- an aggregate of both sides
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT AVG(f.units - e.units) FROM events f WHERE f.person_id = e.person_id)
--- J104 an aggregate inside a subquery reads columns of the query around it

-- a value that is no aggregate
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT f.units FROM events f WHERE f.person_id = e.person_id)
--- J104 a subquery used as a value selects an aggregate

-- grouped further
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id GROUP BY f.kind)
--- J104 a subquery used as a value takes no GROUP BY

-- cut
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id LIMIT 1)
--- J104 a subquery used as a value takes no LIMIT

-- beside released values
SELECT COUNT(*), (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id) FROM events e
--- J104 a subquery is not answered here

-- as a key of SELECT
SELECT (SELECT COUNT(*) FROM visits v WHERE v.person_id = p.person_id) AS n, COUNT(*) FROM people p GROUP BY 1
--- J104 a subquery is not answered here

-- in HAVING
SELECT COUNT(*) FROM events e HAVING COUNT(*) > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id)
--- J104 a subquery is not answered here

-- of a public table
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT MAX(i.list_price) FROM items i WHERE i.item = e.item)
--- J212 a subquery over private rows is not linked to the same unit: it would compare people with each other

-- of an identifier
SELECT COUNT(*) FROM events e WHERE basket = (SELECT MAX(f.basket) FROM events f WHERE f.person_id = e.person_id)
--- J209 an identifier cannot be used in MAX

-- a median of one person
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT MEDIAN(f.units) FROM events f WHERE f.person_id = e.person_id)
--- J104 QUANTILE_CONT within one unit is not answered

-- beside aggregates of one person
SELECT SUM(m) FROM (SELECT person_id, SUM(units) - (SELECT COUNT(*) FROM visits v WHERE v.person_id=e.person_id) AS m FROM events e GROUP BY person_id) q
--- J104 a subquery beside the aggregates of one unit is not answered

-- in HAVING of one person
SELECT SUM(m) FROM (SELECT person_id, SUM(units) AS m FROM events e GROUP BY person_id HAVING SUM(units) > (SELECT COUNT(*) FROM visits v WHERE v.person_id=e.person_id)) q
--- J104 a subquery beside the aggregates of one unit is not answered

-- in a join condition
SELECT COUNT(*) FROM events e JOIN visits v ON v.person_id = e.person_id AND v.minutes > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id)
--- J104 a subquery is not answered here

-- past the query around it
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id AND f.units < (SELECT MAX(g.units) FROM events g WHERE g.person_id = e.person_id))
--- J102 no relation e in FROM

-- all values
SELECT COUNT(*) FROM events e WHERE e.units > ALL (SELECT f.units FROM events f WHERE f.person_id = e.person_id)
--- J104 ALL (SELECT ...) is not answered

-- one identifier of all
SELECT COUNT(*) FROM events e WHERE e.person_id = (SELECT MAX(person_id) FROM people)
--- J104 a subquery over everybody is not compared with rows or used in them

-- with a condition on the rows outside
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id AND e.flag)
--- J104 a condition of the subquery does not compare it with the query right around it
