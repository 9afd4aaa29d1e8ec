-- an accuracy that is no number
SELECT COUNT(*) FROM events WITH ACCURACY high
--- J317 ACCURACY needs a plain positive number

-- an accuracy of zero
SELECT COUNT(*) FROM events WITH ACCURACY 0
--- J317 ACCURACY must be above 0 and at most 1e15

-- a negative epsilon
SELECT COUNT(*) FROM events EPSILON -1
--- J101 the text is not valid SQL here

-- a confidence above all
SELECT COUNT(*) FROM events WITH ACCURACY 5 CONFIDENCE 200
--- J317 a confidence must be at least 50 and at most 99.9999

-- an epsilon of nothing
SELECT COUNT(*) FROM events EPSILON 0
--- J317 EPSILON must be above 0 and at most 1e15

-- an interval of a key
SELECT DP_INTERVAL_LOW(kind), COUNT(*) FROM events GROUP BY kind
--- J104 interval functions take an aggregate or an output column that is one

-- an interval of two things
SELECT NOISE_SD(COUNT(*), 2) FROM events
--- J104 interval functions take one argument

-- an interval of an expression
SELECT DP_INTERVAL_HIGH(COUNT(*) + 1) FROM events
--- J104 interval functions take an aggregate or an output column that is one

-- an interval of a row
SELECT COUNT(*) FROM events WHERE DP_INTERVAL_LOW(amount) > 3
--- J105 the function DP_INTERVAL_LOW is not on the list
