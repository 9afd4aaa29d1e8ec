-- the person as key
SELECT person_id, COUNT(*) FROM events GROUP BY person_id
--- J209 an identifier cannot be a key of the answer

-- another identifier as key
SELECT basket, COUNT(*) FROM events GROUP BY basket
--- J209 an identifier cannot be a key of the answer

-- the person hidden in an expression
SELECT COUNT(*) FROM events GROUP BY person_id + 1
--- J209 an identifier cannot be used in the operator +

-- the person in a condition
SELECT COUNT(*) FROM events WHERE person_id = 7
--- J209 an identifier cannot be used in a comparison

-- the person in an IN list
SELECT COUNT(*) FROM events WHERE person_id IN (1, 2, 3)
--- J209 an identifier cannot be used in a comparison

-- the person in a range
SELECT COUNT(*) FROM events WHERE person_id BETWEEN 1 AND 100
--- J209 an identifier cannot be used in a comparison

-- the person added up
SELECT SUM(person_id) FROM events
--- J209 an identifier cannot be used in SUM

-- the largest person
SELECT MAX(person_id) FROM events
--- J209 an identifier cannot be used in MAX

-- persons counted, not distinct
SELECT COUNT(person_id) FROM events
--- J209 an identifier is only counted distinct

-- the person in CASE
SELECT SUM(CASE WHEN person_id = 7 THEN 1 ELSE 0 END) FROM events
--- J209 an identifier cannot be used in a comparison

-- the person in FILTER
SELECT COUNT(*) FILTER (WHERE basket = 'abc') FROM events
--- J209 an identifier cannot be used in a comparison

-- the person as text
SELECT COUNT(*) FROM events GROUP BY CAST(person_id AS VARCHAR)
--- J209 an identifier cannot be used in CAST

-- the person modulo ten
SELECT COUNT(*) FROM events WHERE person_id % 10 = 0
--- J209 an identifier cannot be used in whole division

-- the person by COALESCE
SELECT COUNT(*) FROM events GROUP BY COALESCE(person_id, 0)
--- J209 an identifier cannot be used in COALESCE

-- the person in HAVING
SELECT COUNT(*) FROM events HAVING person_id > 3
--- J209 an identifier cannot be used in a comparison

-- an identifier among keys of a join
SELECT v.visit_id, SUM(c.price) FROM charges c JOIN visits v USING (visit_id) GROUP BY v.visit_id
--- J209 an identifier cannot be a key of the answer

-- the person in LIKE
SELECT COUNT(*) FROM events WHERE person_id LIKE '1%'
--- J209 an identifier cannot be used in LIKE

-- the person inside a subquery with a condition
SELECT COUNT(*) FROM (SELECT person_id FROM events WHERE person_id > 10) t
--- J209 an identifier cannot be used in a comparison

-- an identifier averaged
SELECT AVG(basket) FROM events
--- J209 an identifier cannot be used in MEAN
