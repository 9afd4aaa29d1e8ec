-- a difference of dates without first and last
SELECT AVG(date_diff('day', CAST(happened AS DATE), day)) AS days FROM events
--- J312 AVG((day_number(day) - day_number(to_date(happened)))) has no bounds, so its noise cannot be computed

-- a sum of years without first and last
SELECT SUM(YEAR(day)) FROM events
--- J312 SUM(extract(day, 'year')) has no bounds, so its noise cannot be computed

-- the least difference of dates
SELECT MIN(day - CAST(happened AS DATE)) FROM events
--- J312 MIN((day_number(day) - day_number(to_date(happened)))) has no range to look in

-- a logarithm close to 0
SELECT AVG(LN(amount / 7)) FROM events WHERE amount > 0
--- J312 AVG(ln(clamp((clamp(amount, -50, 100) / 7), -50/7, 100/7))) has no bounds, so its noise cannot be computed

-- the length of an identifier
SELECT SUM(LENGTH(basket)) FROM events
--- J209 an identifier cannot be used in LENGTH

-- the greatest identifier
SELECT COUNT(GREATEST(basket, visit_id)) FROM events JOIN visits USING (person_id)
--- J209 an identifier cannot be used in GREATEST
