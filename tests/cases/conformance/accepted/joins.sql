-- person to person
SELECT COUNT(*) FROM events e JOIN people p ON e.person_id = p.person_id
--- events + people; COUNT(*)

-- USING
SELECT p.band, COUNT(*) FROM events e JOIN people p USING (person_id) GROUP BY p.band
--- events + people; keys band(4+other+null); COUNT(*)

-- an old comma join
SELECT p.band, SUM(e.amount) FROM events e, people p WHERE e.person_id = p.person_id AND p.is_staff GROUP BY p.band
--- events + people; keys band(4+other+null); SUM(amount)

-- a cross join with its condition in WHERE
SELECT COUNT(*) FROM events e CROSS JOIN people p WHERE p.person_id = e.person_id AND e.units > 3
--- events + people where 1; COUNT(*)

-- two tables with many rows
SELECT COUNT(*), COUNT(DISTINCT e.person_id) FROM events e JOIN visits v USING (person_id)
--- events + visits; COUNT(*), COUNT(DISTINCT person_id)

-- a left join keeps people without rows
SELECT p.band, COUNT(*) AS all_rows, COUNT(v.minutes) AS timed FROM people p LEFT JOIN visits v USING (person_id) GROUP BY p.band
--- people + left visits; keys band(4+other+null); COUNT(*), COUNT(minutes)

-- a left join with a condition of its own
SELECT COUNT(*), COUNT(v.fee), SUM(v.fee) FROM people p LEFT JOIN visits v ON p.person_id = v.person_id AND v.ward = 1
--- people + left visits; COUNT(*), COUNT(fee), SUM(fee)

-- people without visits by left join
SELECT COUNT(*) FROM people p LEFT JOIN visits v ON p.person_id = v.person_id WHERE v.person_id IS NULL
--- people + left visits where 1; COUNT(*)

-- a dimension
SELECT i.colour, COUNT(*) FROM events e JOIN items i ON e.item = i.item GROUP BY i.colour
--- events + items; keys colour(3+null); COUNT(*)

-- a dimension on the left
SELECT i.label, SUM(e.units) FROM items i JOIN events e ON i.item = e.item GROUP BY i.label
--- items + events; keys label(5+null); SUM(units)

-- a left join to a dimension
SELECT i.colour, COUNT(*) FROM events e LEFT JOIN items i USING (item) GROUP BY i.colour
--- events + left items; keys colour(3+null); COUNT(*)

-- a measure of a dimension
SELECT SUM(e.units * i.list_price) AS worth FROM events e JOIN items i USING (item)
--- events + items; SUM((clamp(units, 0, 20) * clamp(list_price, 0, 100)))

-- a chain of dimensions
SELECT b.country, COUNT(*) FROM events e JOIN items i USING (item) JOIN brands b ON i.brand = b.brand GROUP BY b.country
--- events + items + brands; keys country(2+null); COUNT(*)

-- a star
SELECT s.region, i.colour, COUNT(*) FROM visits v JOIN stores s ON v.store = s.store JOIN events e ON e.person_id = v.person_id JOIN items i ON i.item = e.item GROUP BY s.region, i.colour
--- visits + stores + events + items; keys region(2+null), colour(3+null); COUNT(*)

-- along the path to the person
SELECT v.ward, SUM(c.price) FROM charges c JOIN visits v ON c.visit_id = v.visit_id GROUP BY v.ward
--- charges + visits; keys ward(4+other+null); SUM(price)

-- along the path up to the person
SELECT p.band, SUM(c.price), COUNT(DISTINCT p.person_id) FROM charges c JOIN visits v USING (visit_id) JOIN people p USING (person_id) GROUP BY p.band
--- charges + visits + people; keys band(4+other+null); SUM(price), COUNT(DISTINCT person_id)

-- a table on the path by itself
SELECT code, COUNT(*), AVG(price) FROM charges GROUP BY code
--- charges; keys code(3+other+null); COUNT(*), AVG(price)

-- a self-join on the person
SELECT COUNT(*) FROM visits a JOIN visits b ON a.person_id = b.person_id WHERE a.ward = 1 AND b.ward = 2
--- visits + visits where 1; COUNT(*)

-- a non-equality beside unit = unit
SELECT COUNT(*) FROM visits a JOIN visits b ON a.person_id = b.person_id AND a.seen < b.seen
--- visits + visits; COUNT(*)

-- a condition over both sides
SELECT COUNT(*) FROM events e JOIN people p USING (person_id) WHERE e.day > p."first day"
--- events + people; COUNT(*)

-- filters on a dimension
SELECT COUNT(*) FROM visits v JOIN stores s USING (store) WHERE s.region = 'south' AND s.floor_space BETWEEN 50 AND 100
--- visits + stores; COUNT(*)

-- a dimension joined on two sides of a private join
SELECT COUNT(*) FROM events e JOIN people p USING (person_id) LEFT JOIN items i ON e.item = i.item WHERE p.band = 'adult' AND i.colour = 'red'
--- events + people + left items where 1; COUNT(*)

-- joined with a subquery that filters
SELECT COUNT(*) FROM events e JOIN (SELECT person_id FROM people WHERE band = 'senior') s ON e.person_id = s.person_id
--- events + people; COUNT(*)

-- joined with a per-person total
SELECT p.band, SUM(t.n) FROM people p JOIN (SELECT person_id, COUNT(*) AS n FROM events GROUP BY person_id) t ON p.person_id = t.person_id GROUP BY p.band
--- people + [events by person]; keys band(4+other+null); SUM(n)
