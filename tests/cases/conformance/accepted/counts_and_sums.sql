-- all rows
SELECT COUNT(*) FROM events
--- events; COUNT(*)

-- COUNT without a star counts rows
SELECT COUNT(1) FROM events
--- events; COUNT(1)

-- values that are not NULL
SELECT COUNT(amount) AS amounts, COUNT(kind) AS kinds, COUNT(happened) AS moments, COUNT(flag) AS flags FROM events
--- events; COUNT(amount), COUNT(kind), COUNT(happened), COUNT(flag)

-- people, not rows
SELECT COUNT(DISTINCT person_id) AS people FROM events
--- events; COUNT(DISTINCT person_id)

-- identifiers counted within each person
SELECT COUNT(DISTINCT basket) AS baskets FROM events
--- events; COUNT(DISTINCT basket)

-- values shared by people
SELECT COUNT(DISTINCT item) AS items, COUNT(DISTINCT units) AS quantities FROM events
--- events; COUNT(DISTINCT item), COUNT(DISTINCT units)

-- a sum of cents with negative values
SELECT SUM(amount) AS total FROM events
--- events; SUM(amount)

-- a sum of quarters
SELECT SUM(score) FROM events
--- events; SUM(score)

-- a sum of an expression of two grids
SELECT SUM(amount * units - score) AS mixed FROM events
--- events; SUM(((clamp(amount, -50, 100) * clamp(units, 0, 20)) - clamp(score, -1, 3)))

-- a sum of a constant is a weighted count
SELECT SUM(2) AS twice FROM events
--- events; SUM(2)

-- a sum of a CASE without ELSE skips the rest
SELECT SUM(CASE WHEN kind = 'call' THEN units END) AS calls FROM events
--- events; SUM(case((kind = 'call'), units, NULL))

-- conditional counting by CASE
SELECT SUM(CASE WHEN amount > 0 THEN 1 ELSE 0 END) AS paid, SUM(CASE WHEN amount <= 0 THEN 1 ELSE 0 END) AS refunded, COUNT(*) AS n FROM events
--- events; SUM(case((amount > 0), 1, 0)), SUM(case((amount <= 0), 1, 0)), COUNT(*)

-- nested CASE
SELECT SUM(CASE WHEN kind = 'call' THEN CASE WHEN units > 5 THEN 2 ELSE 1 END ELSE 0 END) FROM events
--- events; SUM(case((kind = 'call'), case((units > 5), 2, 1), 0))

-- pivot by CASE
SELECT level, SUM(CASE WHEN kind = 'call' THEN amount ELSE 0 END) AS call, SUM(CASE WHEN kind = 'mail' THEN amount ELSE 0 END) AS mail, SUM(CASE WHEN kind = 'walk-in' THEN amount ELSE 0 END) AS walk_in FROM events GROUP BY level
--- events; keys level(5+other+null); SUM(case((kind = 'call'), amount, 0)), SUM(case((kind = 'mail'), amount, 0)), SUM(case((kind = 'walk-in'), amount, 0))

-- the mean of cents
SELECT AVG(amount) AS mean FROM events
--- events; AVG(amount)

-- the mean of an expression
SELECT AVG(units * 2 + 1) AS mean FROM events
--- events; AVG(((clamp(units, 0, 20) * 2) + 1))

-- the mean by key
SELECT kind, AVG(score) AS mean, COUNT(score) AS n FROM events GROUP BY kind
--- events; keys kind(4+other+null); AVG(score), COUNT(score)

-- a mean of truth
SELECT AVG(CASE WHEN flag THEN 1 ELSE 0 END) AS share FROM events
--- events; AVG(case(flag, 1, 0))

-- the same aggregate twice is measured once
SELECT COUNT(*) AS n, COUNT(*) * 100 AS percent, SUM(units) AS s, SUM(units) AS again FROM events
--- events; COUNT(*), SUM(units)

-- a wide report
SELECT kind, COUNT(*), COUNT(amount), SUM(amount), AVG(amount), COUNT(DISTINCT person_id), COUNT(DISTINCT basket) FROM events GROUP BY kind
--- events; keys kind(4+other+null); COUNT(*), COUNT(amount), SUM(amount), AVG(amount), COUNT(DISTINCT person_id), COUNT(DISTINCT basket)

-- distinct people by key
SELECT level, COUNT(DISTINCT person_id) AS people FROM events GROUP BY level
--- events; keys level(5+other+null); COUNT(DISTINCT person_id)

-- distinct baskets by key
SELECT kind, COUNT(DISTINCT basket) AS baskets FROM events GROUP BY kind
--- events; keys kind(4+other+null); COUNT(DISTINCT basket)

-- a sum over nobody
SELECT COUNT(*) AS n, SUM(amount) AS total FROM events WHERE kind = 'fax'
--- events where 1; COUNT(*), SUM(amount)

-- a sum of doubles
SELECT SUM(units / 3) AS thirds, SUM(SQRT(units)) AS roots FROM events
--- events; SUM((clamp(units, 0, 20) / 3)), SUM(sqrt(clamp(units, 0, 20)))

-- TRUE and FALSE counted
SELECT SUM(CASE WHEN flag THEN 1 WHEN NOT flag THEN -1 ELSE 0 END) AS balance FROM events
--- events; SUM(case(flag, 1, not(flag), -1, 0))
