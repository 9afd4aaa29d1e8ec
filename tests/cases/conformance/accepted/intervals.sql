-- a constant date and an interval
SELECT COUNT(*) FROM events WHERE day < DATE '2024-01-01' + INTERVAL 30 DAY
--- events where 1; COUNT(*)

-- dates and times moved
SELECT COUNT(*) FROM events WHERE day + INTERVAL 1 MONTH < DATE '2024-02-29' AND happened - INTERVAL '36 hours' > TIMESTAMP '2023-12-30 00:00:00'
--- events where 2; COUNT(*)

-- months cut to the last day
SELECT COUNT(*) AS n, COUNT_IF(day + INTERVAL 1 MONTH = TIMESTAMP '2024-02-29 00:00:00') AS m FROM events
--- events; COUNT(*), COUNT(*)

-- a moved date as a key
SELECT DATE_TRUNC('month', day + INTERVAL 5 DAY) AS m, COUNT(*) FROM events GROUP BY 1
--- events; keys m(found); COUNT(*)

-- days added to dates
SELECT COUNT(*) FROM events WHERE day + 7 > DATE '2024-02-01' AND day - 7 < DATE '2024-02-20' AND 3 + day > DATE '2024-01-01'
--- events where 3; COUNT(*)

-- DATE_ADD
SELECT COUNT(*) FROM events WHERE DATE_ADD(day, INTERVAL 3 DAY) > DATE '2024-02-01'
--- events where 1; COUNT(*)

-- DATE_SUB
--: plainly SELECT COUNT(*) FROM events WHERE day - INTERVAL 3 DAY > DATE '2024-02-01'
SELECT COUNT(*) FROM events WHERE DATE_SUB(day, INTERVAL 3 DAY) > DATE '2024-02-01'
--- events where 1; COUNT(*)

-- LAST_DAY
SELECT LAST_DAY(day) AS l, COUNT(*) FROM events GROUP BY 1
--- events; keys l(found); COUNT(*)

-- LAST_DAY of a time
SELECT LAST_DAY(happened) AS l, COUNT(*) FROM events GROUP BY 1
--- events; keys l(found); COUNT(*)

-- TIME_BUCKET of days
SELECT TIME_BUCKET(INTERVAL 7 DAY, day) AS w, COUNT(*) FROM events WHERE day BETWEEN DATE '2024-01-08' AND DATE '2024-02-18' GROUP BY 1
--- events where 1; keys w(found); COUNT(*)

-- TIME_BUCKET of bounded dates
SELECT TIME_BUCKET(INTERVAL 10 DAY, LEAST(GREATEST(day, DATE '2024-01-01'), DATE '2024-03-31')) AS w, COUNT(*) FROM events WHERE day IS NOT NULL GROUP BY 1
--- events where 1; keys w(10+other+null); COUNT(*)

-- TIME_BUCKET of months of bounded times
SELECT TIME_BUCKET(INTERVAL 2 MONTH, LEAST(GREATEST(happened, TIMESTAMP '2023-12-01 00:00:00'), TIMESTAMP '2024-03-31 00:00:00')) AS w, COUNT(*) FROM events WHERE happened IS NOT NULL GROUP BY 1
--- events where 1; keys w(3+other+null); COUNT(*)

-- TIME_BUCKET of hours of bounded times
SELECT TIME_BUCKET(INTERVAL 6 HOUR, LEAST(GREATEST(happened, TIMESTAMP '2023-12-29 00:00:00'), TIMESTAMP '2024-01-15 00:00:00')) AS w, COUNT(*) FROM events WHERE happened IS NOT NULL GROUP BY 1
--- events where 1; keys w(69+other+null); COUNT(*)

-- TIME_BUCKET with an origin
SELECT TIME_BUCKET(INTERVAL 7 DAY, day, DATE '2024-01-03') AS w, COUNT(*) FROM events WHERE day BETWEEN DATE '2024-01-10' AND DATE '2024-02-20' GROUP BY 1
--- events where 1; keys w(found); COUNT(*)

-- months of bounded dates are declared keys
SELECT DATE_TRUNC('month', GREATEST(LEAST(day, DATE '2024-12-31'), DATE '2024-01-01')) AS m, COUNT(*) FROM events WHERE day IS NOT NULL GROUP BY 1
--- events where 1; keys m(12+other); COUNT(*)

-- days to the end of the month
SELECT AVG(DATE_DIFF('day', DATE '2024-01-01', LAST_DAY(LEAST(GREATEST(day, DATE '2024-01-01'), DATE '2024-12-31')))) AS d FROM events WHERE day IS NOT NULL
--- events where 1; AVG((day_number(last_day(least(greatest(day, DATE '2024-01-01'), DATE '2024-12-31'))) - day_number(DATE '2024-01-01')))

-- a released date moved
SELECT DATE_TRUNC('month', day) AS m, DATE_TRUNC('month', day) + INTERVAL 1 MONTH AS following, COUNT(*) FROM events GROUP BY 1
--- events; keys m(found); COUNT(*)

-- DATE_BIN in Postgres
--: dialect postgres
SELECT DATE_BIN('2 days', happened, TIMESTAMP '2001-01-01 00:00:00') AS w, COUNT(*) FROM events GROUP BY 1
--- events; keys w(found); COUNT(*)

-- intervals of several units in Postgres
--: dialect postgres
SELECT COUNT(*) FROM events WHERE day >= DATE '2024-03-31' - INTERVAL '1 month 2 days' AND happened >= TIMESTAMP '2024-01-03 00:00:00' + INTERVAL '90' MINUTE
--- events where 2; COUNT(*)
