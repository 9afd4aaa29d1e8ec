-- a sum of lengths is bounded by the longest text that lands
SELECT SUM(LENGTH(town)) AS characters FROM people
--- people; SUM(length(town))

-- the longest text
SELECT MAX(LENGTH(town)) AS longest FROM people
--- people; MAX(length(town))

-- lengths of joined and cut texts
SELECT AVG(LENGTH(channel || '/' || kind)) AS joined, AVG(LENGTH(LEFT(channel, 3))) AS cut FROM events
--- events; AVG(length(concat(concat(channel, '/'), kind))), AVG(length(left(channel, 3)))

-- lengths of texts of two tables
SELECT AVG(LENGTH(x)) FROM (SELECT person_id, channel || kind AS x FROM events UNION ALL SELECT person_id, town FROM people) u
--- (events; people); AVG(length(_c1))

-- a length as a key is found
SELECT LENGTH(channel) AS l, COUNT(*) FROM events GROUP BY 1
--- events; keys l(found); COUNT(*)

-- a sum of logarithms is bounded by the range of the argument
SELECT SUM(LN(units + 1)) AS l FROM events
--- events; SUM(ln((clamp(units, 0, 20) + 1)))

-- powers and logarithms
SELECT SUM(POWER(units, 2)) AS p, SUM(LOG10(units + 1)) AS l FROM events
--- events; SUM((clamp(units, 0, 20) * clamp(units, 0, 20))), SUM(log10((clamp(units, 0, 20) + 1)))

-- logarithms of what may be 0
SELECT AVG(LN(units)) AS l, AVG(LOG2(score)) AS m FROM events WHERE units > 0 AND score > 0
--- events where 2; AVG(ln(clamp(units, 0, 20))), AVG(log2(clamp(score, -1, 3)))

-- differences of dates
SELECT AVG(date_diff('day', DATE '2023-12-01', LEAST(GREATEST(day, DATE '2023-12-01'), DATE '2024-12-31'))) AS days FROM events WHERE day IS NOT NULL
--- events where 1; AVG((day_number(least(greatest(day, DATE '2023-12-01'), DATE '2024-12-31')) - day_number(DATE '2023-12-01')))

-- weeks between dates are spans of seven days
SELECT date_diff('week', DATE '2024-02-01', day) AS weeks, COUNT(*) FROM events WHERE day BETWEEN DATE '2024-01-05' AND DATE '2024-03-01' GROUP BY 1
--- events where 1; keys weeks(found); COUNT(*)

-- years of dates kept within some
SELECT YEAR(LEAST(GREATEST(day, DATE '2023-12-01'), DATE '2024-12-31')) AS y, COUNT(*) FROM events WHERE day IS NOT NULL GROUP BY 1
--- events where 1; keys y(2+other+null); COUNT(*)

-- the latest of two dates as a key
SELECT DATE_TRUNC('month', GREATEST(day, DATE '2024-01-01')) AS m, COUNT(*) FROM events WHERE day IS NOT NULL GROUP BY 1
--- events where 1; keys m(found); COUNT(*)
