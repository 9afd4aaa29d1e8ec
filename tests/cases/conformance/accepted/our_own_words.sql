-- EXPLAIN PRIVACY
EXPLAIN PRIVACY SELECT kind, COUNT(*) FROM events GROUP BY kind
--- events; keys kind(4+other+null); COUNT(*); explain

-- WITH ACCURACY
SELECT COUNT(*) FROM events WITH ACCURACY 500000
--- events; COUNT(*); accuracy

-- WITH ACCURACY and CONFIDENCE
SELECT SUM(units) FROM events WITH ACCURACY 5000000 CONFIDENCE 90
--- events; SUM(units); accuracy

-- EPSILON
SELECT COUNT(*) FROM events EPSILON 0.5
--- events; COUNT(*); epsilon

-- an interval that closes around the value
--: plainly SELECT COUNT(*), COUNT(*), COUNT(*), 0 FROM events
SELECT COUNT(*) AS n, DP_INTERVAL_LOW(n) AS low, DP_INTERVAL_HIGH(n) AS high, NOISE_SD(n) AS sd FROM events
--- events; COUNT(*)

-- an interval of an aggregate
--: plainly SELECT kind, SUM(units), SUM(units) FROM events GROUP BY kind
SELECT kind, DP_INTERVAL_LOW(SUM(units)) AS low, DP_INTERVAL_HIGH(SUM(units)) AS high FROM events GROUP BY kind HAVING COUNT(*) > 0
--- events; keys kind(4+other+null); SUM(units), COUNT(*); then having
