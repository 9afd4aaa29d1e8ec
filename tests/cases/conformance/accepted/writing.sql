-- lower case, no spaces to spare
select count(*)from events where units>3 and kind='call'
--- events where 2; COUNT(*)

-- comments everywhere
SELECT /* how many */ COUNT(*) -- rows
FROM events /* of
all people */ WHERE units > 3
--- events where 1; COUNT(*)

-- line breaks and tabs
SELECT
	kind,
	COUNT(*)	AS "n"
FROM
	events
GROUP BY
	kind
--- events; keys kind(4+other+null); COUNT(*)

-- a semicolon at the end
SELECT COUNT(*) FROM events;
--- events; COUNT(*)

-- quoted identifiers
SELECT "kind" AS "Kind of event", COUNT(*) AS "N" FROM "events" AS "E" GROUP BY "E"."kind"
--- events; keys kind(4+other+null); COUNT(*)

-- names without case
SELECT KIND, Count(*) FROM Events GROUP BY kind
--- events; keys kind(4+other+null); COUNT(*)

-- a schema that is our own
SELECT COUNT(*) FROM main.events
--- events; COUNT(*)

-- names that look like words of SQL
SELECT COUNT(*) AS "select", SUM(units) AS "from" FROM events AS "where"
--- events; COUNT(*), SUM(units)

-- an alias that is the name of a function
SELECT COUNT(*) AS count, SUM(units) AS sum FROM events
--- events; COUNT(*), SUM(units)

-- numbers in other forms
SELECT COUNT(*) FROM events WHERE amount > 1e1 AND units < 1.2e+1 AND score > -.5
--- events where 3; COUNT(*)

-- many constants
SELECT COUNT(*) FROM events WHERE units IN (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)
--- events where 1; COUNT(*)

-- deep brackets
SELECT COUNT(*) FROM events WHERE ((((((((((units > 3))))))))))
--- events where 1; COUNT(*)

-- a constant on the left
SELECT COUNT(*) FROM events WHERE 3 < units AND 'call' = kind AND DATE '2024-01-01' <= day
--- events where 3; COUNT(*)

-- not equal in two spellings
SELECT COUNT(*) FROM events WHERE units <> 3 AND level != 2
--- events where 2; COUNT(*)

-- text beyond ASCII in a constant
SELECT COUNT(*) FROM people WHERE town = '東京' OR town = 'Zürich'
--- people where 1; COUNT(*)
