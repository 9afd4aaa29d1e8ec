-- the average of per-person totals
SELECT AVG(s) FROM (SELECT person_id, SUM(units) AS s FROM events GROUP BY person_id) t
--- [events by person]; AVG(s)

-- a histogram of counts per person
SELECT n, COUNT(*) AS people FROM (SELECT person_id, COUNT(*) AS n FROM events GROUP BY person_id) t GROUP BY n
--- [events by person]; keys n(41+other); COUNT(*)

-- people above a threshold
SELECT COUNT(*) FROM (SELECT person_id FROM events GROUP BY person_id HAVING SUM(amount) > 100) t
--- [events by person]; COUNT(*)

-- people with at least two kinds
SELECT COUNT(*) FROM (SELECT person_id, COUNT(DISTINCT kind) AS k FROM events GROUP BY person_id) t WHERE k >= 2
--- [events by person] where 1; COUNT(*)

-- the largest of each person
SELECT SUM(m), COUNT(m) FROM (SELECT person_id, MAX(amount) AS m, MIN(units) AS l FROM events GROUP BY person_id) t
--- [events by person]; SUM(m), COUNT(m)

-- the mean of each person
SELECT AVG(a) FROM (SELECT person_id, AVG(units) AS a FROM events GROUP BY person_id) t
--- [events by person]; AVG(a)

-- per person and kind
SELECT kind, AVG(n) FROM (SELECT person_id, kind, COUNT(*) AS n FROM events GROUP BY person_id, kind) t GROUP BY kind
--- [events by person and 1 more]; keys kind(4+other+null); AVG(n)

-- per visit, then per ward
SELECT ward, AVG(total) FROM (SELECT v.person_id, v.visit_id, v.ward, SUM(c.price) AS total FROM visits v JOIN charges c USING (visit_id) GROUP BY v.person_id, v.visit_id, v.ward) t GROUP BY ward
--- [visits + charges by person and 2 more]; keys ward(4+other+null); AVG(total)

-- FILTER within a person
SELECT SUM(calls), SUM(mails) FROM (SELECT person_id, COUNT(*) FILTER (WHERE kind = 'call') AS calls, COUNT(*) FILTER (WHERE kind = 'mail') AS mails FROM events GROUP BY person_id) t
--- [events by person]; SUM(calls), SUM(mails)

-- a ratio within a person
SELECT COUNT(*) FROM (SELECT person_id, SUM(units) AS u, COUNT(*) AS n FROM events GROUP BY person_id) t WHERE u > 3 * n
--- [events by person] where 1; COUNT(*)

-- distinct rows of a person
SELECT kind, COUNT(*) FROM (SELECT DISTINCT person_id, kind FROM events) t GROUP BY kind
--- [events by person and 1 more]; keys kind(4+other+null); COUNT(*)

-- a filter in FROM
SELECT COUNT(*) FROM (SELECT * FROM events WHERE kind = 'call') c WHERE units > 2
--- events where 2; COUNT(*)

-- a computed column in FROM
SELECT SUM(double_units) FROM (SELECT person_id, units * 2 AS double_units FROM events) d
--- events; SUM((clamp(units, 0, 20) * 2))

-- renamed columns
SELECT SUM(b) FROM (SELECT person_id, units FROM events) AS t(a, b)
--- events; SUM(units)

-- a common table expression
WITH calls AS (SELECT person_id, units FROM events WHERE kind = 'call') SELECT COUNT(*), SUM(units) FROM calls
--- events where 1; COUNT(*), SUM(units)

-- a chain of common table expressions
WITH paid AS (SELECT person_id, kind, amount FROM events WHERE amount > 0), large AS (SELECT * FROM paid WHERE amount > 20), totals AS (SELECT person_id, SUM(amount) AS s FROM large GROUP BY person_id) SELECT COUNT(*), AVG(s) FROM totals
--- [events where 2 by person]; COUNT(*), AVG(s)

-- one expression used twice
WITH t AS (SELECT person_id, COUNT(*) AS n FROM events GROUP BY person_id) SELECT COUNT(*) FROM t a JOIN t b ON a.person_id = b.person_id WHERE a.n = b.n
--- [events by person] + [events by person]; COUNT(*)

-- a subquery in a subquery
SELECT AVG(m) FROM (SELECT person_id, MAX(n) AS m FROM (SELECT person_id, kind, COUNT(*) AS n FROM events GROUP BY person_id, kind) a GROUP BY person_id) b
--- [[events by person and 1 more] by person]; AVG(m)

-- two totals of a person
SELECT COUNT(*) FROM (SELECT person_id, SUM(units) AS u FROM events GROUP BY person_id) a JOIN (SELECT person_id, SUM(minutes) AS m FROM visits GROUP BY person_id) b USING (person_id) WHERE b.m > a.u
--- [events by person] + [visits by person]; COUNT(*)

-- people left without a total
SELECT COUNT(*), COUNT(t.n) FROM people p LEFT JOIN (SELECT person_id, COUNT(*) AS n FROM visits GROUP BY person_id) t USING (person_id)
--- people + left [visits by person]; COUNT(*), COUNT(n)

-- a dimension inside a per-person total
SELECT AVG(n) FROM (SELECT e.person_id, COUNT(*) AS n FROM events e JOIN items i ON e.item = i.item WHERE i.colour = 'red' GROUP BY e.person_id) t
--- [events + items by person]; AVG(n)

-- the spread of per-person counts
SELECT STDDEV(n), MAX(n), MEDIAN(n) FROM (SELECT person_id, COUNT(*) AS n FROM events GROUP BY person_id) t
--- [events by person]; STDDEV_SAMP(n), MAX(n), QUANTILE_CONT(n, 0.5)

-- people per first month of activity
SELECT EXTRACT(month FROM first_at) AS m, COUNT(*) FROM (SELECT person_id, DATE_TRUNC('month', seen) AS first_at FROM visits) t GROUP BY 1
--- visits; keys m(12+null); COUNT(*)

-- people above their own average
SELECT COUNT(*) FROM events e JOIN (SELECT person_id, AVG(units) AS mean FROM events GROUP BY person_id) m ON e.person_id = m.person_id WHERE e.units > m.mean
--- events + [events by person]; COUNT(*)
