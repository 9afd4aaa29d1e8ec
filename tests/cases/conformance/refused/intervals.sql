-- an interval of a column
SELECT COUNT(*) FROM events WHERE day + INTERVAL (units) DAY > DATE '2024-02-01'
--- J106 INTERVAL takes a constant whole number of seconds, minutes, hours, days, weeks, months, quarters or years

-- days of a column
SELECT COUNT(*) FROM events WHERE day + units > DATE '2024-02-01'
--- J106 a date takes a constant number of days

-- an interval too long
SELECT COUNT(*) FROM events WHERE day + INTERVAL 20000 YEAR > DATE '2024-02-01'
--- J106 INTERVAL takes a constant whole number of seconds, minutes, hours, days, weeks, months, quarters or years

-- part of a day
SELECT COUNT(*) FROM events WHERE day + INTERVAL 1.5 DAY > DATE '2024-02-01'
--- J106 INTERVAL takes a constant whole number of seconds, minutes, hours, days, weeks, months, quarters or years

-- an interval and a number
SELECT COUNT(*) FROM events WHERE units + INTERVAL 1 DAY > 3
--- J106 INTERVAL is added to a date or timestamp

-- an interval and an identifier
SELECT COUNT(*) FROM events WHERE basket + INTERVAL 1 DAY > 3
--- J209 an identifier cannot be used in arithmetic with INTERVAL

-- hours of a date
SELECT TIME_BUCKET(INTERVAL 1 HOUR, day) AS w, COUNT(*) FROM events GROUP BY 1
--- J106 the width of TIME_BUCKET of a date is whole days

-- spans of nothing
SELECT TIME_BUCKET(INTERVAL 0 DAY, day) AS w, COUNT(*) FROM events GROUP BY 1
--- J106 the width of TIME_BUCKET is above 0, and months or days, not both

-- spans of months and days
SELECT TIME_BUCKET(INTERVAL '1 month 1 day', day) AS w, COUNT(*) FROM events GROUP BY 1
--- J106 the width of TIME_BUCKET is above 0, and months or days, not both

-- spans of an identifier
SELECT TIME_BUCKET(INTERVAL 1 DAY, basket) AS w, COUNT(*) FROM events GROUP BY 1
--- J209 an identifier cannot be used in TIME_BUCKET

-- the last day of the person
SELECT LAST_DAY(person_id) AS w, COUNT(*) FROM events GROUP BY 1
--- J209 an identifier cannot be used in LAST_DAY

-- an interval alone
SELECT INTERVAL 1 DAY AS i, COUNT(*) FROM events
--- J104 an INTERVAL by itself is not answered

-- a constant that leaves the calendar
SELECT COUNT(*) FROM events WHERE DATE '9999-12-31' + INTERVAL 1 DAY > day
--- J106 a constant leaves the years 1 to 9999

-- DATE_SUB with a unit
SELECT DATE_SUB('day', day, DATE '2024-02-01') AS d, COUNT(*) FROM events GROUP BY 1
--- J105 the function DATE_SUB is not on the list

-- functions nested so deeply that their guards fill memory
SELECT COUNT(*) FROM events WHERE DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', DATE_TRUNC('day', happened)))))))))))))))))))))))) IS NOT NULL
--- J107 an expression is too large when it is written for the engine
