-- distinct keys of a declared column
SELECT DISTINCT kind FROM events WHERE kind = 'call'
--- ?

-- distinct keys of an undeclared column
SELECT DISTINCT channel FROM events
--- ?

-- distinct pairs in order
SELECT DISTINCT band, town FROM people ORDER BY band, town
--- ?

-- DISTINCT over released values
SELECT DISTINCT COUNT(*) > 40 AS many FROM events GROUP BY kind
--- ?
