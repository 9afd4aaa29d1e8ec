-- text with number
SELECT COUNT(*) FROM events WHERE kind = 3
--- J106 cannot compare number with text

-- number with text
SELECT COUNT(*) FROM events WHERE units > 'many'
--- J106 cannot compare number with text

-- a date that is none
SELECT COUNT(*) FROM events WHERE day > '2024-13-45'
--- J106 a date constant is not of the form YYYY-MM-DD

-- truth with number
SELECT COUNT(*) FROM events WHERE flag = 1
--- J106 cannot compare boolean with number

-- text added
SELECT SUM(channel + 1) FROM events
--- J106 the operator + takes number, real, not text

-- a number as a condition
SELECT COUNT(*) FROM events WHERE units
--- J104 a condition must be true or false

-- a text as a condition
SELECT COUNT(*) FROM events WHERE NOT kind
--- J106 NOT takes boolean, not text

-- branches of two types
SELECT COUNT(*) FROM events GROUP BY CASE WHEN flag THEN 'a' ELSE 1 END
--- J106 the branches of CASE have different types

-- COALESCE of two types
SELECT SUM(COALESCE(units, 'none')) FROM events
--- J106 the branches of COALESCE have different types

-- a double as key
SELECT units / 3 AS third, COUNT(*) FROM events GROUP BY 1
--- J104 a key must be exact, not a double

-- a part of a number
SELECT COUNT(*) FROM events GROUP BY EXTRACT(year FROM units)
--- J106 EXTRACT(year) takes a date or timestamp

-- a part that does not exist
SELECT COUNT(*) FROM events GROUP BY EXTRACT(fortnight FROM day)
--- J106 there is no date part 'fortnight'

-- LENGTH of a number
SELECT COUNT(*) FROM events WHERE LENGTH(units) = 2
--- J106 LENGTH takes text, not number

-- whole division of decimals
SELECT SUM(amount // 2) FROM events
--- J106 // divides whole numbers, not decimals

-- rounding to too many places
SELECT SUM(ROUND(amount, 40)) FROM events
--- J106 ROUND takes -9 to 9 decimals

-- LIKE on a number
SELECT COUNT(*) FROM events WHERE units LIKE '1%'
--- J106 LIKE takes text, not number

-- a constant with too many digits
SELECT COUNT(*) FROM events WHERE units < 1e300
--- J315 an expression could leave the range of the engine's numbers

-- a number cut short
SELECT COUNT(*) FROM events WHERE units IN (0.e, 1)
--- J317 a number is not complete
