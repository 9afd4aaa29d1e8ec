-- rounding
SELECT SUM(ROUND(amount)) AS r, SUM(ROUND(amount, 1)) AS r1, SUM(FLOOR(amount)) AS f, SUM(CEIL(amount)) AS c FROM events
--- events; SUM(round(clamp(amount, -50, 100))), SUM(round(clamp(amount, -50, 100))), SUM(floor(clamp(amount, -50, 100))), SUM(ceil(clamp(amount, -50, 100)))

-- rounding half away from zero on both sides
SELECT SUM(ROUND(score)) AS r, SUM(ROUND(-score)) AS n, SUM(CAST(score AS BIGINT)) AS c FROM events
--- events; SUM(round(clamp(score, -1, 3))), SUM(round(neg(clamp(score, -1, 3))))

-- absolute values and signs
SELECT SUM(ABS(amount)) AS a, SUM(-score) AS n, SUM(ABS(score - 1)) AS d FROM events
--- events; SUM(abs(clamp(amount, -50, 100))), SUM(neg(clamp(score, -1, 3))), SUM(abs((clamp(score, -1, 3) - 1)))

-- whole division and remainder of negatives
SELECT SUM((units - 10) // 3) AS q, SUM((units - 10) % 3) AS r, SUM(units // NULLIF(level, 2)) AS s FROM events
--- events; SUM(((clamp(units, 0, 20) - 10) // 3)), SUM(((clamp(units, 0, 20) - 10) % 3)), SUM((clamp(units, 0, 20) // clamp(case((level = 2), NULL, level), 1, 5)))

-- division by zero is NULL
--: plainly SELECT COUNT(units / NULLIF(level - 1, 0)), SUM(CAST(ROUND(units / NULLIF(level - 1, 0), 3) AS DECIMAL(18, 3))) FROM events
SELECT COUNT(units / (level - 1)) AS n, SUM(ROUND(units / (level - 1), 3)) AS s FROM events
--- events; COUNT((clamp(units, 0, 20) / (clamp(level, 1, 5) - 1))), SUM(real_round(clamp((clamp(units, 0, 20) / (clamp(level, 1, 5) - 1)), 0, 20)))

-- roots and logarithms outside their domain are NULL
--: plainly SELECT SUM(SQRT(CASE WHEN units >= 2 THEN units - 2 END)), SUM(LN(NULLIF(units, 0))) FROM events
SELECT SUM(SQRT(units - 2)) AS s, SUM(LEAST(GREATEST(LN(units), 0), 9)) AS l FROM events
--- events; SUM(sqrt((clamp(units, 0, 20) - 2))), SUM(least(greatest(clamp(ln(clamp(units, 0, 20)), 0, 2.995733), 0), 9))

-- least and greatest skip NULL
SELECT SUM(LEAST(units, level)) AS l, SUM(GREATEST(units, level, 3)) AS g FROM events
--- events; SUM(least(units, level)), SUM(greatest(units, level, 3))

-- clamping by hand
SELECT SUM(LEAST(GREATEST(amount, 0), 20)) AS clamped FROM events
--- events; SUM(least(greatest(amount, 0), 20))

-- COALESCE and NULLIF of numbers
SELECT SUM(COALESCE(amount, 0)) AS a, SUM(NULLIF(units, 3)) AS n, COUNT(NULLIF(units, 3)) AS c FROM events
--- events; SUM(coalesce(amount, 0)), SUM(case((units = 3), NULL, units)), COUNT(case((units = 3), NULL, units))

-- IF
SELECT SUM(IF(flag, units, 0)) AS s FROM events
--- events; SUM(case(flag, units, 0))

-- casts to double
SELECT SUM(CAST(units AS DOUBLE) / 7) AS s FROM events
--- events; SUM((clamp(units, 0, 20) / 7))

-- texts in a condition
SELECT COUNT(*) FROM events WHERE UPPER(TRIM(channel)) = 'WEB' OR LOWER(channel) = 'émile'
--- events where 1; COUNT(*)

-- lengths beyond ASCII
SELECT SUM(LEAST(GREATEST(LENGTH(town), 0), 20)) AS characters FROM people
--- people; SUM(least(greatest(length(town), 0), 20))

-- substrings
SELECT COUNT(*) FROM events WHERE SUBSTR(channel, 2, 2) = 'eb' OR SUBSTRING(channel, 1, 3) = 'app' OR LEFT(channel, 2) = 'a|'
--- events where 1; COUNT(*)

-- substrings by FROM and FOR
SELECT COUNT(*) FROM events WHERE SUBSTRING(channel FROM 1 FOR 3) = 'web'
--- events where 1; COUNT(*)

-- powers by multiplication
SELECT SUM(units * units) AS squares, SUM(units * units * units) AS cubes FROM events
--- events; SUM((clamp(units, 0, 20) * clamp(units, 0, 20))), SUM(((clamp(units, 0, 20) * clamp(units, 0, 20)) * clamp(units, 0, 20)))

-- brackets and precedence
SELECT SUM(units + 2 * level - (3 - units) * 2) AS s FROM events
--- events; SUM(((clamp(units, 0, 20) + (2 * clamp(level, 1, 5))) - ((3 - clamp(units, 0, 20)) * 2)))

-- a CASE over dates
SELECT SUM(CASE WHEN day < DATE '2024-01-15' THEN 1 WHEN day IS NULL THEN 100 ELSE 10 END) AS s FROM events
--- events; SUM(case((day < DATE '2024-01-15'), 1, is_null(day), 100, 10))

-- constants with many decimals
SELECT SUM(units * 0.125) AS s, SUM(amount + 0.005) AS t FROM events
--- events; SUM((clamp(units, 0, 20) * 0.125)), SUM((clamp(amount, -50, 100) + 0.005))
