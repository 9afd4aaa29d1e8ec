-- a text and a number joined
SELECT kind || '/' || level AS both, COUNT(*) FROM events GROUP BY 1
--- events; keys both(20+other+null); COUNT(*)

-- CONCAT of numbers
SELECT CONCAT(kind, '-', level, 5) AS both, COUNT(*) FROM events GROUP BY 1
--- events; keys both(30+other); COUNT(*)

-- a number as text
SELECT CAST(level AS VARCHAR) AS l, COUNT(*) FROM events GROUP BY 1
--- events; keys l(5+other+null); COUNT(*)

-- a number as text in Postgres
--: dialect postgres
SELECT kind || '/' || level::text AS both, COUNT(*) FROM events GROUP BY 1
--- events; keys both(20+other+null); COUNT(*)

-- REPLACE
SELECT REPLACE(kind, '-', ' ') AS k, COUNT(*) FROM events GROUP BY 1
--- events; keys k(4+other+null); COUNT(*)

-- REPLACE that makes texts longer
SELECT REPLACE(channel, '''', '+++') AS k, COUNT(*) FROM events GROUP BY 1
--- events; keys k(found); COUNT(*)

-- REPLACE in a condition
SELECT COUNT(*) FROM events WHERE REPLACE(channel, '%', '') = 'web'
--- events where 1; COUNT(*)

-- SPLIT_PART of a declared key
SELECT SPLIT_PART(kind, '-', 2) AS second, COUNT(*) FROM events GROUP BY 1
--- events; keys second(2+other+null); COUNT(*)

-- SPLIT_PART of a key that is found
SELECT SPLIT_PART(channel, '|', 1) AS first, COUNT(*) FROM events GROUP BY 1
--- events; keys first(found); COUNT(*)

-- LIKE with an escape
SELECT COUNT(*) FROM events WHERE channel LIKE 'web!%' ESCAPE '!'
--- events where 1; COUNT(*)

-- NOT LIKE with an escape and wildcards
SELECT COUNT(*) FROM events WHERE channel NOT LIKE '%!_%' ESCAPE '!'
--- events where 1; COUNT(*)

-- ILIKE with an escape
SELECT COUNT(*) FROM events WHERE channel ILIKE 'WEB!%%' ESCAPE '!' OR NOT channel LIKE 'a!pp%' ESCAPE '!'
--- events where 1; COUNT(*)

-- LIKE with a backslash as escape
SELECT COUNT(*) FROM events WHERE channel LIKE 'app\_%' ESCAPE '\'
--- events where 1; COUNT(*)

-- COUNT DISTINCT of an expression
SELECT COUNT(DISTINCT UPPER(kind)) AS kinds FROM events
--- events; COUNT(DISTINCT upper(kind))

-- COUNT DISTINCT of several columns joined
SELECT COUNT(DISTINCT kind || level) AS both, COUNT(DISTINCT units > 3) AS sides FROM events
--- events; COUNT(DISTINCT concat(kind, to_text(level))), COUNT(DISTINCT (units > 3))

-- COUNT DISTINCT with NULL counted
SELECT level, COUNT(DISTINCT COALESCE(kind, 'none')) AS kinds FROM events GROUP BY 1
--- events; keys level(5+other+null); COUNT(DISTINCT coalesce(kind, 'none'))

-- COUNT DISTINCT of people under a condition
SELECT COUNT(DISTINCT CASE WHEN units > 3 THEN person_id END) AS people, COUNT(DISTINCT IF(flag, basket, NULL)) AS baskets FROM events
--- events; COUNT(DISTINCT person_id), COUNT(DISTINCT basket)
