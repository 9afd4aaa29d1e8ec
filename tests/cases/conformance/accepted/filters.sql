-- comparison with fractions between the grid
SELECT COUNT(*) FROM events WHERE score > 0.3 AND amount <= 12.345
--- events where 2; COUNT(*)

-- AND, OR and brackets
SELECT COUNT(*) FROM events WHERE (kind = 'call' OR kind = 'mail') AND NOT (units < 2 OR level = 3)
--- events where 2; COUNT(*)

-- BETWEEN and NOT BETWEEN
SELECT COUNT(*) FROM events WHERE units BETWEEN 2 AND 8 AND amount NOT BETWEEN -1 AND 1
--- events where 2; COUNT(*)

-- an empty BETWEEN
SELECT COUNT(*) FROM events WHERE units BETWEEN 8 AND 2
--- events where 1; COUNT(*)

-- IN of text
SELECT COUNT(*) FROM events WHERE kind IN ('call', 'fax', 'unknown')
--- events where 1; COUNT(*)

-- NOT IN drops NULL
SELECT COUNT(*) FROM events WHERE kind NOT IN ('call', 'mail')
--- events where 1; COUNT(*)

-- NOT IN with NULL is never true
SELECT COUNT(*) FROM events WHERE level NOT IN (1, NULL)
--- events where 1; COUNT(*)

-- IN with NULL
SELECT COUNT(*) FROM events WHERE level IN (1, NULL) OR units IN (20)
--- events where 1; COUNT(*)

-- IS NULL and IS NOT NULL
SELECT COUNT(*) FROM events WHERE amount IS NULL AND kind IS NOT NULL
--- events where 2; COUNT(*)

-- IS TRUE, IS FALSE, IS NOT TRUE
SELECT COUNT(*) FILTER (WHERE flag IS TRUE) AS t, COUNT(*) FILTER (WHERE flag IS FALSE) AS f, COUNT(*) FILTER (WHERE flag IS NOT TRUE) AS nt, COUNT(*) FILTER (WHERE (units > 3) IS NOT FALSE) AS nf FROM events
--- events; COUNT(*), COUNT(*), COUNT(*), COUNT(*)

-- three-valued OR
SELECT COUNT(*) FROM events WHERE amount > 0 OR level > 2
--- events where 1; COUNT(*)

-- three-valued NOT of AND
SELECT COUNT(*) FROM events WHERE NOT (amount > 0 AND level > 2)
--- events where 1; COUNT(*)

-- NULL compared is unknown
SELECT COUNT(*) FROM events WHERE level = level
--- events where 1; COUNT(*)

-- a filter by a boolean column
SELECT COUNT(*) FROM events WHERE flag AND NOT (level = 1)
--- events where 2; COUNT(*)

-- LIKE at the start, the end, inside
SELECT COUNT(*) FILTER (WHERE channel LIKE 'web%') AS s, COUNT(*) FILTER (WHERE channel LIKE '%b') AS e, COUNT(*) FILTER (WHERE channel LIKE '%p_1') AS i FROM events
--- events; COUNT(*), COUNT(*), COUNT(*)

-- a LIKE with one place
SELECT COUNT(*) FROM events WHERE channel LIKE 'a_b' OR channel LIKE '___'
--- events where 1; COUNT(*)

-- LIKE takes signs of regular expressions as they are
SELECT COUNT(*) FROM events WHERE channel LIKE 'a|b' OR channel LIKE 'a.b%_'
--- events where 1; COUNT(*)

-- ILIKE beyond ASCII
SELECT COUNT(*) FROM events WHERE channel ILIKE 'émi%'
--- events where 1; COUNT(*)

-- NOT LIKE
SELECT COUNT(*) FROM events WHERE channel NOT LIKE '%e%'
--- events where 1; COUNT(*)

-- the empty text is not NULL
SELECT COUNT(*) FILTER (WHERE channel = '') AS empty, COUNT(*) FILTER (WHERE channel IS NULL) AS missing, COUNT(*) FILTER (WHERE LENGTH(channel) = 0) AS short FROM events
--- events; COUNT(*), COUNT(*), COUNT(*)

-- a quote in a constant
SELECT COUNT(*) FROM events WHERE channel = 'it''s'
--- events where 1; COUNT(*)

-- text in order
SELECT COUNT(*) FROM people WHERE town >= 'S' AND town < 'Zz'
--- people where 2; COUNT(*)

-- column against column
SELECT COUNT(*) FROM events WHERE units > level AND amount < score
--- events where 2; COUNT(*)

-- dates by constant
SELECT COUNT(*) FROM events WHERE day >= DATE '2024-01-01' AND day < '2024-02-01'
--- events where 2; COUNT(*)

-- moments by constant
SELECT COUNT(*) FROM events WHERE happened BETWEEN TIMESTAMP '2023-12-29 00:00:00' AND '2024-01-05 12:30:00'
--- events where 1; COUNT(*)

-- a moment against a date
SELECT COUNT(*) FROM events WHERE happened < DATE '2024-01-01'
--- events where 1; COUNT(*)

-- a date against the date of a moment
SELECT COUNT(*) FROM events WHERE day = CAST(happened AS DATE) OR day > CAST(happened AS DATE)
--- events where 1; COUNT(*)

-- weekends only
SELECT COUNT(*) FROM events WHERE EXTRACT(dow FROM day) IN (0, 6)
--- events where 1; COUNT(*)

-- FILTER beside WHERE
SELECT COUNT(*) FILTER (WHERE kind = 'call') AS calls, SUM(amount) FILTER (WHERE amount > 0) AS income, AVG(units) FILTER (WHERE level >= 3) AS mean FROM events WHERE units IS NOT NULL
--- events where 1; COUNT(*), SUM(amount), AVG(units)

-- FILTER on people
SELECT COUNT(DISTINCT person_id) FILTER (WHERE amount > 50) AS big, COUNT(DISTINCT person_id) AS people FROM events
--- events; COUNT(DISTINCT person_id), COUNT(DISTINCT person_id)

-- arithmetic in a condition
SELECT COUNT(*) FROM events WHERE amount * 2 > units - 3 AND units % 2 = 1
--- events where 2; COUNT(*)

-- a constant condition
SELECT COUNT(*) FROM events WHERE TRUE AND 1 < 2
--- events where 2; COUNT(*)
