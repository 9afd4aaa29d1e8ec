-- a share of everything
SELECT kind, COUNT(*) / (SELECT COUNT(*) FROM events) AS share FROM events GROUP BY kind
--- ?
