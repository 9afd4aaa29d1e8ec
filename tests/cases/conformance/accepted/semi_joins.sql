-- IN a subquery of the person
SELECT COUNT(*) FROM events WHERE person_id IN (SELECT person_id FROM people WHERE band = 'adult')
--- events + semi (people where 1); COUNT(*)

-- NOT IN a subquery of the person
SELECT COUNT(*) FROM people WHERE person_id NOT IN (SELECT person_id FROM visits)
--- people + anti (visits); COUNT(*)

-- EXISTS within the person
SELECT COUNT(*) FROM people p WHERE EXISTS (SELECT 1 FROM events e WHERE e.person_id = p.person_id AND e.kind = 'mail')
--- people + semi (events where 1); COUNT(*)

-- NOT EXISTS within the person
SELECT p.band, COUNT(*) FROM people p WHERE NOT EXISTS (SELECT 1 FROM visits v WHERE v.person_id = p.person_id) GROUP BY p.band
--- people + anti (visits); keys band(4+other+null); COUNT(*)

-- a semi join with a condition over both
SELECT COUNT(*) FROM visits v WHERE EXISTS (SELECT 1 FROM visits w WHERE w.person_id = v.person_id AND w.seen > v.seen)
--- visits + semi (visits); COUNT(*)

-- DuckDB's SEMI JOIN
SELECT COUNT(*) FROM people p SEMI JOIN visits v ON p.person_id = v.person_id
--- people + semi (visits); COUNT(*)

-- DuckDB's ANTI JOIN
SELECT COUNT(*) FROM people p ANTI JOIN visits v ON p.person_id = v.person_id
--- people + anti (visits); COUNT(*)

-- IN a subquery of a public table
SELECT COUNT(*) FROM events WHERE item IN (SELECT item FROM items WHERE colour = 'red')
--- events + semi (items where 1); COUNT(*)
