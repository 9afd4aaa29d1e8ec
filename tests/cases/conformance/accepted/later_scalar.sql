-- a scalar subquery that is a private aggregate
SELECT COUNT(*) - (SELECT COUNT(*) FROM visits) AS d FROM events
--- ?

-- a share of everything
SELECT kind, COUNT(*) / (SELECT COUNT(*) FROM events) AS share FROM events GROUP BY kind
--- ?

-- a correlated total of the same person
SELECT COUNT(*) FROM events e WHERE e.units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id)
--- ?
