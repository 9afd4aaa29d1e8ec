-- a constant in each branch
SELECT origin, COUNT(*) FROM (SELECT person_id, 'event' AS origin FROM events UNION ALL SELECT person_id, 'visit' FROM visits) u GROUP BY origin
--- (events; visits); keys origin(2); COUNT(*)

-- a function of constants
SELECT UPPER(origin) AS o, amount > 0, SUM(amount) FROM (SELECT person_id, 'event' AS origin, amount FROM events UNION ALL SELECT person_id, 'visit', fee FROM visits) u GROUP BY ALL
--- (events; visits); keys o(2), key(2+null); SUM(_c2)

-- constants and NULL
SELECT origin, COUNT(*) FROM (SELECT person_id, 'event' AS origin FROM events UNION ALL SELECT person_id, NULL FROM visits UNION ALL SELECT person_id, 'event' FROM people) u GROUP BY origin
--- (events; visits; people); keys origin(1+null); COUNT(*)

-- constants of people's groups
SELECT origin, AVG(n) FROM (SELECT person_id, origin, COUNT(*) AS n FROM (SELECT person_id, 'event' AS origin FROM events UNION ALL SELECT person_id, 'visit' FROM visits) u GROUP BY person_id, origin) v GROUP BY origin
--- [(events; visits) by person and 1 more]; keys origin(2); AVG(n)

-- numbers
SELECT w, COUNT(*) FROM (SELECT person_id, 1 AS w FROM events UNION ALL SELECT person_id, 100 FROM visits) u GROUP BY w
--- (events; visits); keys w(2); COUNT(*)

-- dates
SELECT w, COUNT(*) FROM (SELECT person_id, DATE '2024-01-01' AS w FROM events UNION ALL SELECT person_id, DATE '2024-02-01' FROM visits) u GROUP BY w
--- (events; visits); keys w(2); COUNT(*)

-- joined with people
SELECT band, origin, COUNT(*) FROM people JOIN (SELECT person_id, 'event' AS origin FROM events UNION ALL SELECT person_id, 'visit' FROM visits) u USING (person_id) GROUP BY band, origin
--- people + (events; visits); keys band(4+other+null), origin(2); COUNT(*)

-- after a left join
SELECT origin, COUNT(*) FROM people p LEFT JOIN (SELECT person_id, 'event' AS origin FROM events UNION ALL SELECT person_id, 'visit' FROM visits) u USING (person_id) GROUP BY origin
--- people + left (events; visits); keys origin(2+null); COUNT(*)

-- which branches there are
SELECT DISTINCT origin FROM (SELECT person_id, 'event' AS origin FROM events UNION ALL SELECT person_id, 'visit' FROM visits) u
--- (events; visits); keys origin(2); ; distinct

-- below a window
SELECT origin, first, COUNT(*) FROM (SELECT person_id, origin, ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY origin) = 1 AS first FROM (SELECT person_id, 'event' AS origin FROM events UNION ALL SELECT person_id, 'visit' FROM visits) u) v GROUP BY 1, 2
--- [(events; visits) with row_number by person]; keys origin(2), first(2); COUNT(*)
