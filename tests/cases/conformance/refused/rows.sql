-- all columns of all rows
SELECT * FROM events
--- J301 SELECT * would show rows

-- one column of all rows
SELECT amount FROM events
--- J301 amount is neither grouped nor aggregated: that would show rows

-- a column beside an aggregate
SELECT kind, COUNT(*) FROM events
--- J301 kind is neither grouped nor aggregated: that would show rows

-- a column that is not the key
SELECT kind, units, COUNT(*) FROM events GROUP BY kind
--- J301 units is neither grouped nor aggregated: that would show rows

-- an expression of rows
SELECT amount * 2 FROM events
--- J301 amount is neither grouped nor aggregated: that would show rows

-- rows in order
SELECT amount FROM events ORDER BY amount DESC LIMIT 1
--- J301 amount is neither grouped nor aggregated: that would show rows

-- rows behind a common table expression
WITH t AS (SELECT person_id, amount FROM events) SELECT amount FROM t
--- J301 amount is neither grouped nor aggregated: that would show rows

-- per-person totals shown
SELECT s FROM (SELECT person_id, SUM(units) AS s FROM events GROUP BY person_id) t
--- J301 s is neither grouped nor aggregated: that would show rows

-- the star of one table
SELECT e.* FROM events e
--- J104 * stands for rows

-- COLUMNS
SELECT COLUMNS('a.*') FROM events
--- J104 COLUMNS(...) is not answered

-- a row as a value
SELECT events FROM events
--- J103 no column events in the tables of the query

-- a constant for every row
SELECT 1 FROM events
--- J104 a constant is not an answer

-- a constant beside aggregates
SELECT COUNT(*), 'note' AS note FROM events
--- J104 a constant is not an answer

-- a column in HAVING that is no key
SELECT kind, COUNT(*) FROM events GROUP BY kind HAVING amount > 3
--- J301 amount is neither grouped nor aggregated: that would show rows

-- a column in ORDER BY that is no key
SELECT kind, COUNT(*) FROM events GROUP BY kind ORDER BY amount
--- J301 amount is neither grouped nor aggregated: that would show rows

-- FROM first, without SELECT
FROM events
--- J301 SELECT * would show rows

-- TABLE
TABLE events
--- J301 SELECT * would show rows

-- EXCLUDE
SELECT * EXCLUDE (amount) FROM events
--- J301 SELECT * would show rows
