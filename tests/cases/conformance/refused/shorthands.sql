-- GROUP BY ALL and an identifier
SELECT person_id, COUNT(*) FROM events GROUP BY ALL
--- J209 an identifier cannot be a key of the answer

-- GROUP BY ALL and a star
SELECT *, COUNT(*) FROM events GROUP BY ALL
--- J301 SELECT * would show rows

-- GROUP BY ALL and a key
SELECT kind, COUNT(*) FROM events GROUP BY ALL, level
--- J104 GROUP BY ALL takes no more keys

-- GROUP BY ALL and a mixture
SELECT kind, COUNT(*) + level FROM events GROUP BY ALL
--- J301 level is neither grouped nor aggregated: that would show rows

-- GROUP BY ALL within a subquery without the person
SELECT AVG(n) FROM (SELECT kind, COUNT(*) AS n FROM events GROUP BY ALL) v
--- J302 a subquery that aggregates must group by the unit key

-- COUNT_IF of a number
SELECT COUNT_IF(units) AS n FROM events
--- J106 COUNT_IF takes boolean, not number

-- COUNT_IF of an identifier
SELECT COUNT_IF(person_id) AS n FROM events
--- J209 an identifier cannot be used in COUNT_IF

-- COUNT_IF of different values
SELECT COUNT_IF(DISTINCT flag) AS n FROM events
--- J104 COUNT_IF takes no DISTINCT

-- the mean of a truth value
SELECT AVG(flag) AS n FROM events
--- J106 MEAN takes number, real, not boolean
