-- a share of all rows
SELECT COUNT(*) * 1.0 / (SELECT COUNT(*) FROM events) AS share FROM events WHERE kind = 'call'
--- events; COUNT(*), COUNT(*)

-- totals with conditions of their own
SELECT SUM(units) FILTER (WHERE flag) / (SELECT SUM(units) FROM events WHERE level = 1) AS r, COUNT_IF(units > 3) FROM events WHERE kind = 'call'
--- events; SUM(units), SUM(units), COUNT(*)

-- a difference from itself
SELECT COUNT(*) - (SELECT COUNT(*) FROM events) AS d FROM events
--- events; COUNT(*)

-- a mean against the mean of all, with HAVING
SELECT AVG(units) - (SELECT AVG(units) FROM events) AS d FROM events WHERE kind = 'mail' HAVING COUNT(*) > 3
--- events; AVG(units), AVG(units), COUNT(*); then having

-- over joined rows
SELECT COUNT(*) * 1.0 / (SELECT COUNT(*) FROM events e JOIN people USING (person_id)) AS share FROM events e JOIN people USING (person_id) WHERE band = 'adult'
--- events + people; COUNT(*), COUNT(*)

-- a share of people
SELECT COUNT(DISTINCT person_id) * 1.0 / (SELECT COUNT(DISTINCT person_id) FROM events) AS share FROM events WHERE units > 10
--- events; COUNT(DISTINCT person_id), COUNT(DISTINCT person_id)

-- ranks against the largest
SELECT MEDIAN(units) / (SELECT MAX(units) FROM events) AS share, QUANTILE_CONT(units, 0.9) FROM events WHERE kind = 'call'
--- events; QUANTILE_CONT(units, 0.5), MAX(units), QUANTILE_CONT(units, 0.9)

-- a share in Postgres
--: dialect postgres
SELECT COUNT(*) * 1.0 / (SELECT COUNT(*) FROM events) AS share FROM events WHERE kind = 'call'
--- events; COUNT(*), COUNT(*)

-- whole division in Postgres only between whole numbers
--: dialect postgres
--: plainly SELECT COUNT(*) * 100.0 / 7, COUNT(*) // 2, CAST(COUNT(*) * 1.5 AS BIGINT) // 2, SUM(units * 1.0) / COUNT(*) FROM events
SELECT COUNT(*) * 100.0 / 7 AS a, COUNT(*) / 2 AS b, CAST(COUNT(*) * 1.5 AS BIGINT) / 2 AS c, SUM(units * 1.0) / COUNT(*) AS d FROM events
--- events; COUNT(*), SUM((clamp(units, 0, 20) * 1))
