-- off the path
SELECT COUNT(*) FROM events e JOIN visits v ON e.level = v.ward
--- J212 two private tables are joined off the unit path

-- a date joins people
SELECT COUNT(*) FROM events a JOIN events b ON a.day = b.day
--- J212 two private tables are joined off the unit path

-- people of one town
SELECT COUNT(*) FROM people a JOIN people b ON a.town = b.town AND a.person_id <> b.person_id
--- J209 an identifier cannot be used in a comparison

-- a cross join of private tables
SELECT COUNT(*) FROM events CROSS JOIN visits
--- J212 a join needs an equality between columns of both sides

-- a comma join of private tables
SELECT COUNT(*) FROM events, visits
--- J212 a join needs an equality between columns of both sides

-- a join by inequality
SELECT COUNT(*) FROM events e JOIN visits v ON e.person_id < v.person_id
--- J209 an identifier cannot be used in a comparison

-- a join by OR
SELECT COUNT(*) FROM events e JOIN people p ON e.person_id = p.person_id OR e.level = 1
--- J209 an identifier cannot be used in a comparison

-- a right join
SELECT COUNT(*) FROM events e RIGHT JOIN people p ON e.person_id = p.person_id
--- J212 RIGHT JOIN is not answered

-- a full join
SELECT COUNT(*) FROM events e FULL OUTER JOIN people p USING (person_id)
--- J212 FULL OUTER JOIN is not answered

-- a natural join
SELECT COUNT(*) FROM events NATURAL JOIN people
--- J104 an ASOF, POSITIONAL or NATURAL join is not answered here

-- an ASOF join
SELECT COUNT(*) FROM events e ASOF JOIN visits v ON e.person_id = v.person_id AND e.happened >= v.seen
--- J104 an ASOF, POSITIONAL or NATURAL join is not answered here

-- a positional join
SELECT COUNT(*) FROM events POSITIONAL JOIN visits
--- J104 an ASOF, POSITIONAL or NATURAL join is not answered here

-- a lateral join
SELECT COUNT(*) FROM people p, LATERAL (SELECT COUNT(*) AS n FROM events e WHERE e.person_id = p.person_id) t
--- J104 FROM takes tables and subqueries

-- a public table keeps its rows
SELECT i.label, COUNT(e.item) FROM items i LEFT JOIN events e ON i.item = e.item GROUP BY i.label
--- J212 a public table cannot keep all its rows against a private one: unmatched rows would tell who is absent

-- a public table joined on less than its key
SELECT COUNT(*) FROM events e JOIN items i ON e.kind = i.colour
--- J212 the public table items is joined on columns that are not its key

-- a public table joined on an expression
SELECT COUNT(*) FROM events e JOIN items i ON e.item = i.item + 1
--- J212 a join needs an equality between columns of both sides

-- a public table without a condition
SELECT COUNT(*) FROM events CROSS JOIN stores
--- J212 a join needs an equality between columns of both sides

-- a join on a constant
SELECT COUNT(*) FROM events e JOIN people p ON TRUE
--- J212 a join needs an equality between columns of both sides

-- a left join to joined tables
SELECT COUNT(*) FROM people p LEFT JOIN (SELECT a.person_id FROM events a JOIN visits b USING (person_id)) t USING (person_id)
--- J212 the right side of a LEFT JOIN must be a table or a plain subquery of one

-- public tables alone
SELECT COUNT(*) FROM items
--- J318 the query reads only public tables

-- public tables joined alone
SELECT b.country, COUNT(*) FROM items i JOIN brands b ON i.brand = b.brand GROUP BY b.country
--- J318 the query reads only public tables

-- the same alias twice
SELECT COUNT(*) FROM events e JOIN people e ON e.person_id = e.person_id
--- J108 the name e stands for two relations

-- an ambiguous column
SELECT COUNT(person_id) FROM events e JOIN people p ON e.person_id = p.person_id
--- J108 person_id exists in e, p

-- too many rows of one person
SELECT COUNT(*) FROM events a JOIN events b USING (person_id) JOIN events c USING (person_id) JOIN events d USING (person_id)
--- J311 one unit could make 2560000 joined rows; at most 100000 are joined

-- the wrong identifiers compared
SELECT COUNT(*) FROM events e JOIN visits v ON e.basket = v.visit_id
--- J212 two private tables are joined off the unit path
