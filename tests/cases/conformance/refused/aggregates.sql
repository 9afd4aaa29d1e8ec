-- ANY_VALUE
SELECT ANY_VALUE(amount) FROM events
--- J104 ANY_VALUE is not answered here

-- FIRST
SELECT FIRST(amount) FROM events
--- J104 FIRST is not answered

-- LAST
SELECT LAST(kind) FROM events
--- J104 LAST is not answered

-- LIST
SELECT LIST(amount) FROM events
--- J104 LIST is not answered

-- ARRAY_AGG
SELECT ARRAY_AGG(amount ORDER BY amount) FROM events
--- J104 ARRAY_AGG is not answered

-- STRING_AGG
SELECT STRING_AGG(channel, ',') FROM events
--- J104 STRING_AGG is not answered

-- MODE
SELECT MODE(channel) FROM events
--- J104 MODE is not answered

-- ARG_MAX
SELECT ARG_MAX(channel, amount) FROM events
--- J104 ARG_MAX is not answered

-- ARG_MIN
SELECT ARG_MIN(person_id, amount) FROM events
--- J104 ARG_MIN is not answered

-- BIT_AND
SELECT BIT_AND(units) FROM events
--- J104 BITWISE_AND_AGG is not answered

-- BIT_XOR
SELECT BIT_XOR(units) FROM events
--- J104 BITWISE_XOR_AGG is not answered

-- BOOL_OR
SELECT BOOL_OR(flag) FROM events
--- J104 BOOL_OR is not answered

-- PRODUCT
SELECT PRODUCT(units) FROM events
--- J105 the function PRODUCT is not on the list

-- HISTOGRAM
SELECT HISTOGRAM(units) FROM events
--- J105 the function HISTOGRAM is not on the list

-- ENTROPY
SELECT ENTROPY(units) FROM events
--- J105 the function ENTROPY is not on the list

-- a sketch
SELECT APPROX_COUNT_DISTINCT(channel) FROM events
--- J104 APPROX_COUNT_DISTINCT is not answered

-- an approximate quantile
SELECT APPROX_QUANTILE(amount, 0.5) FROM events
--- J104 APPROX_QUANTILE is not answered

-- a sum without duplicates
SELECT SUM(DISTINCT amount) FROM events
--- J104 DISTINCT is answered in COUNT(DISTINCT x) of one column

-- two columns without duplicates
SELECT COUNT(DISTINCT (kind, level)) FROM events
--- J104 a list in brackets is not answered

-- an aggregate of an aggregate
SELECT SUM(COUNT(*)) FROM events
--- J104 an aggregate inside an aggregate is not answered

-- an aggregate in WHERE
SELECT COUNT(*) FROM events WHERE COUNT(*) > 3
--- J104 COUNT is not answered here

-- an aggregate as key
SELECT COUNT(*) FROM events GROUP BY COUNT(*)
--- J104 COUNT is not answered here

-- a sum of everything
SELECT SUM(*) FROM events
--- J104 only COUNT takes *

-- a sum of text
SELECT SUM(channel) FROM events
--- J106 SUM takes number, real, not text

-- a sum of dates
SELECT SUM(day) FROM events
--- J106 SUM takes number, real, not date

-- the least text
SELECT MIN(channel) FROM events
--- J106 MIN takes number, real, not text

-- the median of text
SELECT MEDIAN(kind) FROM events
--- J106 QUANTILE_CONT takes number, real, not text

-- a rank outside [0, 1]
SELECT QUANTILE_CONT(amount, 1.5) FROM events
--- J104 a quantile takes one value and one constant rank between 0 and 1

-- a rank from a column
SELECT QUANTILE_CONT(amount, score) FROM events
--- J104 a quantile takes one value and one constant rank between 0 and 1

-- several ranks at once
SELECT QUANTILE_CONT(amount, [0.25, 0.75]) FROM events
--- J104 a quantile takes one value and one constant rank between 0 and 1

-- CORR of one column
SELECT CORR(amount) FROM events
--- J101 the text is not valid SQL here

-- a sum without bounds
SELECT SUM(EXTRACT(year FROM day)) FROM events
--- J312 SUM(extract(day, 'year')) has no bounds, so its noise cannot be computed

-- a maximum without a range
SELECT MAX(EXTRACT(year FROM "first day")) FROM people
--- J312 MAX(extract(first day, 'year')) has no range to look in

-- a power that leaves all numbers
SELECT SUM(units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units * units) FROM events
--- J315 an expression could leave the range of the engine's numbers

-- COUNT of three things
SELECT COUNT(kind, level, units) FROM events
--- J104 COUNT with expressions is not answered here

-- a kurtosis
SELECT KURTOSIS(amount) FROM events
--- J104 KURTOSIS is not answered

-- a regression that is not on the list
SELECT REGR_INTERCEPT(amount, units) FROM events
--- J104 REGR_INTERCEPT is not answered
