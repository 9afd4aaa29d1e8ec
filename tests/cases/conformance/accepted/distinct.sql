-- distinct keys of a declared column
SELECT DISTINCT kind FROM events WHERE kind = 'call'
--- events where 1; keys kind(4+other+null); ; distinct

-- distinct keys of an undeclared column
SELECT DISTINCT channel FROM events
--- events; keys channel(found); ; distinct

-- distinct pairs in order
SELECT DISTINCT band, town FROM people ORDER BY band, town
--- people; keys band(4+other+null), town(found); ; then order; distinct

-- DISTINCT over released values
SELECT DISTINCT COUNT(*) > 40 AS many FROM events GROUP BY kind
--- events; keys kind(4+other+null); COUNT(*); distinct
