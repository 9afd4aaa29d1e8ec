-- above the person's average
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id)
--- events + left [events by person] where 1; COUNT(*)

-- the person's largest, by key
SELECT kind, COUNT(*) AS n, SUM(units) FROM events e WHERE units >= (SELECT MAX(units) FROM events f WHERE f.person_id = e.person_id) GROUP BY kind
--- events + left [events by person] where 1; keys kind(4+other+null); COUNT(*), SUM(units)

-- people without visits
SELECT COUNT(*) FROM events e WHERE (SELECT COUNT(*) FROM visits v WHERE v.person_id = e.person_id) = 0
--- events + left [visits by person] where 1; COUNT(*)

-- a count and a number
SELECT COUNT(*) FROM people p WHERE (SELECT COUNT(*) + 1 FROM visits v WHERE v.person_id = p.person_id AND minutes > 10) > 2
--- people + left [visits where 1 by person] where 1; COUNT(*)

-- the distance to the least
SELECT SUM(units - (SELECT MIN(f.units) FROM events f WHERE f.person_id = e.person_id)) AS d FROM events e
--- events + left [events by person]; SUM((clamp(units, 0, 20) - clamp(a0, 0, 20)))

-- a finer key
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id AND f.kind = e.kind)
--- events + left [events by person and 1 more] where 1; COUNT(*)

-- two finer keys under OR
SELECT COUNT(*) FROM events e WHERE e.units = (SELECT SUM(f.units) FROM events f WHERE e.person_id = f.person_id AND f.level = e.level AND f.flag) OR e.kind = 'call'
--- events + left [events where 1 by person and 1 more] where 1; COUNT(*)

-- the mean of a looked-up count
SELECT AVG((SELECT COUNT(*) FROM visits v WHERE v.person_id = p.person_id)) AS visits FROM people p
--- people + left [visits by person]; AVG(coalesce(a0, 0))

-- the sum of a looked-up sum
SELECT band, SUM((SELECT SUM(minutes) FROM visits v WHERE v.person_id = p.person_id)) AS m FROM people p GROUP BY band
--- people + left [visits by person]; keys band(4+other+null); SUM(a0)

-- looked up in a subquery
SELECT AVG(n) FROM (SELECT p.person_id, (SELECT COUNT(*) FROM visits v WHERE v.person_id = p.person_id) AS n FROM people p) q
--- people + left [visits by person]; AVG(coalesce(a0, 0))

-- a looked-up count as a key
SELECT n, COUNT(*) FROM (SELECT p.person_id, (SELECT COUNT(*) FROM visits v WHERE v.person_id = p.person_id) AS n FROM people p) q GROUP BY n
--- people + left [visits by person]; keys n(21+other); COUNT(*)

-- beside a join
SELECT COUNT(*) FROM events e JOIN people p USING (person_id) WHERE e.units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = p.person_id) AND p.band = 'adult'
--- events + people + left [events by person] where 1; COUNT(*)

-- inside EXISTS
SELECT COUNT(*) FROM people p WHERE EXISTS (SELECT 1 FROM events e WHERE e.person_id = p.person_id AND e.units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id))
--- people + semi (events + left [events by person] where 1); COUNT(*)

-- along a foreign key
SELECT COUNT(*) FROM visits v WHERE v.fee > (SELECT AVG(c.price) FROM charges c WHERE c.visit_id = v.visit_id)
--- visits + left [charges by person and 1 more] where 1; COUNT(*)

-- in FILTER
SELECT COUNT(*) FILTER (WHERE units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id)) AS n FROM events e
--- events + left [events by person]; COUNT(*)

-- below a window
SELECT SUM(n), COUNT(*) FROM (SELECT person_id, (SELECT COUNT(*) FROM visits v WHERE v.person_id=e.person_id) AS n, ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY units, day, amount, score, level, kind) AS r FROM events e) q WHERE r=1
--- [events + left [visits by person] with row_number by person] where 1; SUM(_c0), COUNT(*)

-- inside an aggregate of one person
SELECT SUM(m) FROM (SELECT person_id, SUM(units - (SELECT COUNT(*) FROM visits v WHERE v.person_id=e.person_id)) AS m FROM events e GROUP BY person_id) q
--- [events + left [visits by person] by person]; SUM(m)

-- in a branch of UNION ALL
SELECT COUNT(*) FROM (SELECT person_id, units FROM events e WHERE units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id) UNION ALL SELECT person_id, minutes FROM visits) u
--- (events + left [events by person] where 1; visits); COUNT(*)

-- in a joined subquery
SELECT COUNT(*) FROM events e JOIN (SELECT person_id, (SELECT COUNT(*) FROM visits v WHERE v.person_id = p.person_id) AS n FROM people p) q USING (person_id) WHERE q.n > 1
--- events + people + left [visits by person] where 1; COUNT(*)

-- one inside another
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id AND f.units < (SELECT MAX(g.units) FROM events g WHERE g.person_id = f.person_id))
--- events + left [events + left [events by person] where 1 by person] where 1; COUNT(*)

-- beside a public table
SELECT COUNT(*) FROM events e LEFT JOIN items i ON e.item = i.item WHERE e.units >= (SELECT MAX(f.units) FROM events f WHERE f.person_id = e.person_id) AND i.colour = 'red'
--- events + left items + left [events by person] where 2; COUNT(*)

-- between two values
SELECT COUNT(*) FROM events e WHERE e.units BETWEEN (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id) AND 10
--- events + left [events by person] where 1; COUNT(*)

-- a looked-up count in a list
SELECT COUNT(*) FROM events e WHERE (SELECT COUNT(*) FROM visits v WHERE v.person_id = e.person_id) IN (1, 2)
--- events + left [visits by person] where 1; COUNT(*)
