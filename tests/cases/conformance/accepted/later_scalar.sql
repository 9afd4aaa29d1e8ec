-- a scalar subquery that is a private aggregate
SELECT COUNT(*) - (SELECT COUNT(*) FROM visits) AS d FROM events
--- ?

-- a share of everything
SELECT kind, COUNT(*) / (SELECT COUNT(*) FROM events) AS share FROM events GROUP BY kind
--- ?
