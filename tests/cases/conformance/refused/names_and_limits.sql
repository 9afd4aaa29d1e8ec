-- a table nobody declared
SELECT COUNT(*) FROM payments
--- J102 no table payments

-- a column nobody declared
SELECT SUM(amonut) FROM events
--- J103 no column amonut in the tables of the query

-- an alias that is not there
SELECT SUM(x.amount) FROM events e
--- J102 no relation x in FROM

-- a table of the system
SELECT COUNT(*) FROM information_schema.tables
--- J102 no table information_schema.tables

-- a table of DuckDB
SELECT COUNT(*) FROM duckdb_settings()
--- J104 FROM takes tables and subqueries

-- a catalogue of Postgres
--: dialect postgres
SELECT COUNT(*) FROM pg_catalog.pg_user
--- J102 no table pg_catalog.pg_user

-- another database
SELECT COUNT(*) FROM other.main.events
--- J104 TABLE with catalog is not answered here

-- our own hidden column
SELECT COUNT(*) FROM events WHERE _unit = 3
--- J103 no column _unit in the tables of the query

-- our own hidden rank
SELECT SUM(_rank) FROM events
--- J103 no column _rank in the tables of the query

-- our own table of cells
SELECT COUNT(*) FROM cells
--- J102 no table cells

-- an alias used where it does not exist yet
SELECT SUM(units) AS s FROM events WHERE s > 3
--- J103 no column s in the tables of the query

-- a position that does not exist
SELECT kind, COUNT(*) FROM events GROUP BY 3
--- J104 GROUP BY names a position that does not exist

-- position zero
SELECT kind, COUNT(*) FROM events GROUP BY kind ORDER BY 0
--- J104 ORDER BY names a position that does not exist

-- a negative LIMIT
SELECT kind, COUNT(*) FROM events GROUP BY kind LIMIT -1
--- J104 LIMIT takes a plain whole number

-- a LIMIT in percent
SELECT kind, COUNT(*) FROM events GROUP BY kind LIMIT 10 PERCENT
--- J104 LIMIT with limit options is not answered here

-- a LIMIT that is computed
SELECT kind, COUNT(*) FROM events GROUP BY kind LIMIT (SELECT COUNT(*) FROM events)
--- J104 LIMIT takes a plain whole number

-- more keys than are answered
SELECT COUNT(*) FROM events GROUP BY kind, level, flag, units, score, item, amount, channel, day
--- J107 more than 8 keys

-- too many declared keys
SELECT COUNT(*) FROM events GROUP BY kind, level, units, item
--- J314 the grouping has 6762 declared keys; at most 1000 are answered

-- a constant as key
SELECT COUNT(*) FROM events GROUP BY 'all'
--- J104 GROUP BY takes columns and expressions of columns

-- parameters without values
SELECT COUNT(*) FROM events WHERE units > ?
--- J104 a parameter without its value is not answered

-- named parameters
SELECT COUNT(*) FROM events WHERE units > $limit
--- J104 a parameter without its value is not answered
