-- a total of another table
SELECT COUNT(*) - (SELECT COUNT(*) FROM visits) AS d FROM events
--- J104 a subquery over everybody is not compared with rows or used in them

-- a total grouped
SELECT COUNT(*) * 1.0 / (SELECT COUNT(*) FROM events GROUP BY person_id) AS share FROM events WHERE kind = 'call'
--- J104 a subquery used as a value takes no GROUP BY

-- a total under IN
SELECT COUNT(*) * 1.0 / (SELECT COUNT(*) FROM events WHERE person_id IN (SELECT person_id FROM visits)) AS share FROM events WHERE kind = 'call'
--- J104 a subquery over everybody is not compared with rows or used in them

-- rows beside a total
SELECT units / (SELECT COUNT(*) FROM events) FROM events WHERE kind = 'call'
--- J104 a subquery over everybody is not compared with rows or used in them

-- a total that is no aggregate
SELECT COUNT(*) / (SELECT units FROM events) FROM events WHERE kind = 'call'
--- J104 a subquery used as a value selects an aggregate

-- a total alone
SELECT (SELECT COUNT(*) FROM events) AS n FROM events WHERE kind = 'call'
--- J104 a subquery over everybody is not compared with rows or used in them

-- a total in WHERE
SELECT COUNT(*) FROM events WHERE units > (SELECT COUNT(*) FROM events)
--- J104 a subquery over everybody is not compared with rows or used in them
