-- a decimal joined to a text
SELECT kind || amount AS both, COUNT(*) FROM events GROUP BY 1
--- J106 only whole numbers are written as text, not a number with decimals

-- a date joined to a text
SELECT kind || day AS both, COUNT(*) FROM events GROUP BY 1
--- J106 only whole numbers are written as text, not a date

-- a truth value joined to a text
SELECT CONCAT(kind, flag) AS both, COUNT(*) FROM events GROUP BY 1
--- J106 only whole numbers are written as text, not a boolean

-- an identifier joined to a text
SELECT kind || basket AS both, COUNT(*) FROM events GROUP BY 1
--- J209 an identifier cannot be used in a text

-- the person as text
SELECT CAST(person_id AS TEXT) AS p, COUNT(*) FROM events GROUP BY 1
--- J209 an identifier cannot be used in CAST

-- REPLACE with a column
SELECT REPLACE(channel, kind, ' ') AS k, COUNT(*) FROM events GROUP BY 1
--- J106 REPLACE takes two constant texts, the first of 1 to 200 characters

-- REPLACE of nothing
SELECT REPLACE(channel, '', ' ') AS k, COUNT(*) FROM events GROUP BY 1
--- J106 REPLACE takes two constant texts, the first of 1 to 200 characters

-- REPLACE that could make texts too long
SELECT REPLACE(channel, 'a', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx') AS k, COUNT(*) FROM events GROUP BY 1
--- J107 a joined or replaced text could be longer than 8448 characters

-- REPLACE in an identifier
SELECT REPLACE(basket, '-', ' ') AS k, COUNT(*) FROM events GROUP BY 1
--- J209 an identifier cannot be used in REPLACE

-- a pattern that ends with its escape
SELECT COUNT(*) FROM events WHERE channel LIKE 'web!' ESCAPE '!'
--- J106 the pattern ends with its ESCAPE character

-- an escape of two signs
SELECT COUNT(*) FROM events WHERE channel LIKE 'web' ESCAPE 'ab'
--- J106 ESCAPE takes one sign, such as '!'

-- an identifier like a pattern with an escape
SELECT COUNT(*) FROM events WHERE basket LIKE 'web!%' ESCAPE '!'
--- J209 an identifier cannot be used in LIKE

-- COUNT DISTINCT of a double
SELECT COUNT(DISTINCT LN(units)) AS n FROM events
--- J104 COUNT(DISTINCT x) takes a column or an exact expression of columns

-- COUNT DISTINCT of a constant
SELECT COUNT(DISTINCT 1) AS n FROM events
--- J104 COUNT(DISTINCT x) takes a column or an exact expression of columns

-- COUNT DISTINCT of people or something else
SELECT COUNT(DISTINCT CASE WHEN units > 3 THEN person_id ELSE 1 END) AS n FROM events
--- J209 an identifier cannot be used in CASE

-- SPLIT_PART from the end
SELECT SPLIT_PART(kind, '-', -1) AS k, COUNT(*) FROM events GROUP BY 1
--- J106 SPLIT_PART takes a constant of 1 to 200 characters and a place from 1 to 1000

-- SPLIT_PART of an identifier
SELECT SPLIT_PART(basket, '-', 1) AS k, COUNT(*) FROM events GROUP BY 1
--- J209 an identifier cannot be used in SPLIT_PART
