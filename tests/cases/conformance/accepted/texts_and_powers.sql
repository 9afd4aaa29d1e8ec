-- WIDTH_BUCKET
--: dialect postgres
--: plainly SELECT CASE WHEN units < 0 THEN 0 WHEN units >= 20 THEN 5 ELSE units // 5 + 1 END AS bucket, COUNT(*) FROM events GROUP BY 1
SELECT WIDTH_BUCKET(units, 0, 20, 4) AS bucket, COUNT(*) FROM events GROUP BY 1
--- events; keys bucket(6+null); COUNT(*)

-- SIGN
SELECT SUM(SIGN(amount)) AS s FROM events
--- events; SUM(case((clamp(amount, -50, 100) > 0), 1, (clamp(amount, -50, 100) < 0), -1, (clamp(amount, -50, 100) = 0), 0, NULL))

-- IS DISTINCT FROM
SELECT COUNT(*) FROM events WHERE kind IS DISTINCT FROM 'call'
--- events where 1; COUNT(*)

-- starts_with and contains
SELECT COUNT(*) FROM events WHERE starts_with(channel, 'web') OR contains(channel, '|')
--- events where 1; COUNT(*)

-- greatest common form of a key in HAVING
SELECT MONTHNAME(day) AS m, COUNT(*) FROM events GROUP BY 1
--- events; keys m(12+null); COUNT(*)

-- truncation toward zero
SELECT SUM(TRUNC(amount)) AS t FROM events
--- events; SUM(case((clamp(amount, -50, 100) < 0), ceil(clamp(amount, -50, 100)), floor(clamp(amount, -50, 100))))
