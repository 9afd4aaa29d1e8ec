-- year, quarter, month
SELECT EXTRACT(year FROM day) AS y, COUNT(*) FROM events GROUP BY 1
--- events; keys y(found); COUNT(*)

-- month as key
SELECT EXTRACT(month FROM day) AS m, COUNT(*) FROM events GROUP BY 1
--- events; keys m(12+null); COUNT(*)

-- month by function
SELECT MONTH(day) AS m, SUM(amount) FROM events GROUP BY MONTH(day)
--- events; keys key(12+null); SUM(amount)

-- quarter
SELECT QUARTER(seen) AS q, COUNT(*) FROM visits GROUP BY 1
--- visits; keys q(4+null); COUNT(*)

-- ISO week around New Year
SELECT EXTRACT(week FROM day) AS w, COUNT(*) FROM events GROUP BY 1
--- events; keys w(53+null); COUNT(*)

-- hour of the day
SELECT HOUR(happened) AS h, COUNT(*) FROM events GROUP BY 1
--- events; keys h(24+null); COUNT(*)

-- minute
SELECT SUM(MINUTE(happened)) AS minutes, SUM(EXTRACT(hour FROM happened)) AS hours FROM events
--- events; SUM(extract(happened, 'minute')), SUM(extract(happened, 'hour'))

-- day of the week from Sunday
SELECT EXTRACT(dow FROM happened) AS d, COUNT(*) FROM events GROUP BY 1
--- events; keys d(7+null); COUNT(*)

-- ISO day of the week
SELECT EXTRACT(isodow FROM day) AS d, COUNT(*) FROM events GROUP BY 1
--- events; keys d(7+null); COUNT(*)

-- day of the year
SELECT SUM(EXTRACT(doy FROM day)) AS days, SUM(DAY(day)) AS d FROM events
--- events; SUM(extract(day, 'dayofyear')), SUM(extract(day, 'day'))

-- date_part
SELECT date_part('month', happened) AS m, COUNT(*) FROM events GROUP BY 1
--- events; keys m(12+null); COUNT(*)

-- months by date_trunc
SELECT DATE_TRUNC('month', day) AS month, COUNT(*) FROM events GROUP BY 1
--- events; keys month(found); COUNT(*)

-- weeks by date_trunc
SELECT DATE_TRUNC('week', happened) AS week, COUNT(*), SUM(units) FROM events GROUP BY 1
--- events; keys week(found); COUNT(*), SUM(units)

-- quarters by date_trunc
SELECT DATE_TRUNC('quarter', seen) AS quarter, COUNT(DISTINCT person_id) FROM visits WHERE seen >= '2024-01-01' GROUP BY 1
--- visits where 1; keys quarter(found); COUNT(DISTINCT person_id)

-- years by date_trunc
SELECT DATE_TRUNC('year', "first day") AS year, COUNT(*) FROM people GROUP BY 1 HAVING COUNT(*) > 1
--- people; keys year(found); COUNT(*); then having

-- days of moments
SELECT CAST(happened AS DATE) AS d, COUNT(*) FROM events WHERE happened < TIMESTAMP '2024-01-02 00:00:00' GROUP BY 1
--- events where 1; keys d(found); COUNT(*)

-- year and month
SELECT EXTRACT(year FROM day) AS y, EXTRACT(month FROM day) AS m, COUNT(*) FROM events GROUP BY 1, 2
--- events; keys y(found), m(12+null); COUNT(*)

-- a date as a moment
SELECT COUNT(*) FROM events WHERE CAST(day AS TIMESTAMP) < happened
--- events where 1; COUNT(*)

-- a public date
SELECT EXTRACT(year FROM s.opened) AS y, COUNT(*) FROM visits v JOIN stores s ON v.store = s.store GROUP BY 1
--- visits + stores; keys y(3+null); COUNT(*)

-- leap day
SELECT COUNT(*) FROM people WHERE "first day" = DATE '2020-02-29' OR MONTH("first day") = 2
--- people where 1; COUNT(*)
