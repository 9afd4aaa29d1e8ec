-- joined texts
SELECT kind || '/' || level AS both, COUNT(*) FROM events GROUP BY 1
--- ?

-- a date and an interval
SELECT COUNT(*) FROM events WHERE day < DATE '2024-01-01' + INTERVAL 30 DAY
--- ?

-- REPLACE
SELECT REPLACE(kind, '-', ' ') AS k, COUNT(*) FROM events GROUP BY 1
--- ?

-- LIKE with an escape
SELECT COUNT(*) FROM events WHERE channel LIKE 'web!%' ESCAPE '!'
--- ?

-- COUNT DISTINCT of an expression
SELECT COUNT(DISTINCT UPPER(kind)) AS kinds FROM events
--- ?
