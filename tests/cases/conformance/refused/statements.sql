-- nothing
;
--- J101 the query is empty

-- a comment alone
/* nothing */
--- J101 the query is empty

-- no SQL at all
tell me everything
--- J101 the text is not valid SQL here

-- two statements
SELECT COUNT(*) FROM events; SELECT COUNT(*) FROM visits
--- J101 only one statement at a time

-- an injection after a comment
SELECT COUNT(*) FROM events; DROP TABLE events --
--- J101 only one statement at a time

-- INSERT
INSERT INTO events SELECT * FROM events
--- J101 only SELECT is answered; this starts with INSERT

-- UPDATE
UPDATE events SET amount = 0
--- J101 only SELECT is answered; this starts with UPDATE

-- DELETE
DELETE FROM events
--- J101 only SELECT is answered; this starts with DELETE

-- CREATE TABLE
CREATE TABLE t AS SELECT * FROM events
--- J101 only SELECT is answered; this starts with CREATE

-- CREATE VIEW
CREATE VIEW v AS SELECT COUNT(*) FROM events
--- J101 only SELECT is answered; this starts with CREATE

-- DROP
DROP TABLE events
--- J101 only SELECT is answered; this starts with DROP

-- COPY out
COPY events TO 'out.csv'
--- J101 only SELECT is answered; this starts with COPY

-- COPY of a question
COPY (SELECT COUNT(*) FROM events) TO 'out.parquet'
--- J101 only SELECT is answered; this starts with COPY

-- EXPORT
EXPORT DATABASE 'folder'
--- J101 the text is not valid SQL here

-- ATTACH
ATTACH 'other.db'
--- J101 only SELECT is answered; this starts with ATTACH

-- INSTALL
INSTALL httpfs
--- J101 only SELECT is answered; this starts with INSTALL

-- LOAD
LOAD httpfs
--- J101 only SELECT is answered; this starts with LOAD

-- PRAGMA
PRAGMA database_list
--- J101 only SELECT is answered; this starts with PRAGMA

-- SET
SET enable_external_access = true
--- J101 only SELECT is answered; this starts with SET

-- CALL
CALL pragma_version()
--- J101 only SELECT is answered; this starts with CALL

-- EXPLAIN without PRIVACY
EXPLAIN SELECT COUNT(*) FROM events
--- J101 only SELECT is answered; this starts with EXPLAIN

-- EXPLAIN ANALYZE
EXPLAIN ANALYZE SELECT COUNT(*) FROM events
--- J101 only SELECT is answered; this starts with EXPLAIN

-- DESCRIBE
DESCRIBE events
--- J101 only SELECT is answered; this starts with DESCRIBE

-- SUMMARIZE
SUMMARIZE events
--- J101 only SELECT is answered; this starts with SUMMARIZE

-- SHOW
SHOW TABLES
--- J101 only SELECT is answered; this starts with SHOW

-- BEGIN
BEGIN
--- J101 only SELECT is answered; this starts with BEGIN

-- a macro
CREATE MACRO f(x) AS x + 1
--- J101 only SELECT is answered; this starts with CREATE

-- a file
SELECT COUNT(*) FROM 'data.parquet'
--- J102 no table data.parquet

-- a table function over a file
SELECT COUNT(*) FROM read_csv('data.csv')
--- J104 FROM takes tables and subqueries

-- a table function over the web
SELECT COUNT(*) FROM read_parquet('https://example.org/x.parquet')
--- J104 FROM takes tables and subqueries

-- a range of numbers
SELECT COUNT(*) FROM range(10)
--- J104 FROM takes tables and subqueries

-- unnest
SELECT COUNT(*) FROM events, UNNEST([1, 2]) AS u(x)
--- J104 FROM takes tables and subqueries

-- a pivot
PIVOT events ON kind USING COUNT(*)
--- J101 only SELECT is answered; this starts with PIVOT

-- SELECT INTO
SELECT COUNT(*) INTO t FROM events
--- J104 SELECT with into is not answered here

-- FOR UPDATE
SELECT COUNT(*) FROM events FOR UPDATE
--- J104 SELECT with locks is not answered here

-- no table at all
SELECT 1
--- J318 the query reads no table

-- a function that lists files
SELECT COUNT(*) FROM glob('/*')
--- J104 FROM takes tables and subqueries

-- a quote that is not closed
SELECT COUNT(*) FROM events WHERE kind = 'call
--- J101 a comment or quote is not closed

-- a comment that is not closed
SELECT COUNT(*) FROM events /* WHERE
--- J101 a comment or quote is not closed

-- a bracket too many
SELECT COUNT(*) FROM events WHERE (units > 3))
--- J101 the text is not valid SQL here

-- a prepared statement
PREPARE q AS SELECT COUNT(*) FROM events
--- J101 only SELECT is answered; this starts with PREPARE
