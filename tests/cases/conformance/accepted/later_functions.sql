-- joined texts
SELECT kind || '/' || level AS both, COUNT(*) FROM events GROUP BY 1
--- ?

-- differences of dates
SELECT AVG(date_diff('day', CAST(happened AS DATE), day)) AS days FROM events
--- ?

-- a date and an interval
SELECT COUNT(*) FROM events WHERE day < DATE '2024-01-01' + INTERVAL 30 DAY
--- ?

-- powers and logarithms
SELECT SUM(POWER(units, 2)) AS p, SUM(LOG10(units + 1)) AS l FROM events
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

-- a sum of lengths is bounded by the longest text that lands
SELECT SUM(LENGTH(town)) AS characters FROM people
--- ?

-- a sum of logarithms is bounded by the range of the argument
SELECT SUM(LN(units + 1)) AS l FROM events
--- ?

-- the longest text
SELECT MAX(LENGTH(town)) AS longest FROM people
--- ?
