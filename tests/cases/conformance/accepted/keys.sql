-- a declared key with an empty group and NULL
SELECT kind, COUNT(*) FROM events GROUP BY kind
--- events; keys kind(4+other+null); COUNT(*)

-- whole-number keys
SELECT level, SUM(amount) FROM events GROUP BY level
--- events; keys level(5+other+null); SUM(amount)

-- two declared keys
SELECT kind, level, COUNT(*) FROM events GROUP BY kind, level
--- events; keys kind(4+other+null), level(5+other+null); COUNT(*)

-- a boolean key
SELECT flag, COUNT(*) FROM events GROUP BY flag
--- events; keys flag(2+null); COUNT(*)

-- an undeclared key of odd texts
SELECT channel, COUNT(*) FROM events GROUP BY channel
--- events; keys channel(found); COUNT(*)

-- an undeclared key beside a declared one
SELECT town, band, COUNT(*) FROM people GROUP BY town, band
--- people; keys town(found), band(4+other+null); COUNT(*)

-- a whole number without a list
SELECT units, COUNT(*) FROM events GROUP BY units
--- events; keys units(21+other+null); COUNT(*)

-- a key of cents
SELECT amount, COUNT(*) FROM events GROUP BY amount
--- events; keys amount(found); COUNT(*)

-- a date as key
SELECT seen_on, COUNT(*) FROM (SELECT person_id, CAST(seen AS DATE) AS seen_on FROM visits) v GROUP BY seen_on HAVING COUNT(*) > 1
--- visits; keys seen_on(found); COUNT(*); then having

-- by position
SELECT kind, level, COUNT(*) FROM events GROUP BY 1, 2
--- events; keys kind(4+other+null), level(5+other+null); COUNT(*)

-- by output name
SELECT UPPER(kind) AS k, COUNT(*) FROM events GROUP BY k
--- events; keys k(4+other+null); COUNT(*)

-- an expression written twice
SELECT level + 1, COUNT(*) FROM events GROUP BY level + 1
--- events; keys key(5+null); COUNT(*)

-- a key that is not shown
SELECT COUNT(*) AS n FROM events GROUP BY kind
--- events; keys kind(4+other+null); COUNT(*)

-- a key shown inside an expression
SELECT level * 10 AS tens, COUNT(*) FROM events GROUP BY level
--- events; keys level(5+other+null); COUNT(*)

-- keys in another order than shown
SELECT COUNT(*), level, kind FROM events GROUP BY kind, level
--- events; keys kind(4+other+null), level(5+other+null); COUNT(*)

-- CASE bands
SELECT CASE WHEN units < 2 THEN 'few' WHEN units < 10 THEN 'some' ELSE 'many' END AS band, COUNT(*) FROM events GROUP BY 1
--- events; keys band(3); COUNT(*)

-- CASE with a subject
SELECT CASE level WHEN 1 THEN 'low' WHEN 4 THEN 'high' ELSE 'middle' END AS name, COUNT(*) FROM events GROUP BY 1
--- events; keys name(3); COUNT(*)

-- COALESCE gives NULL a name
SELECT COALESCE(kind, 'unknown') AS kind_or, COUNT(*) FROM events GROUP BY 1
--- events; keys kind_or(5+other); COUNT(*)

-- a truth as key
SELECT amount > 10 AS is_big, COUNT(*) FROM events GROUP BY amount > 10
--- events; keys key(2+null); COUNT(*)

-- IS NULL as key
SELECT kind IS NULL AS missing, COUNT(*) FROM events GROUP BY 1
--- events; keys missing(2); COUNT(*)

-- bins by FLOOR
SELECT FLOOR(score) AS bin, COUNT(*) FROM events GROUP BY 1
--- events; keys bin(5+null); COUNT(*)

-- bins of ten
SELECT FLOOR(units / 10) * 10 AS bin, COUNT(*) FROM events GROUP BY 1
--- events; keys bin(21+null); COUNT(*)

-- bins by whole division
SELECT minutes // 60 AS hours, COUNT(*) FROM visits GROUP BY 1
--- visits; keys hours(11+other+null); COUNT(*)

-- a remainder as key
SELECT level % 2 AS odd, COUNT(*) FROM events GROUP BY 1
--- events; keys odd(2+other+null); COUNT(*)

-- the first letter
SELECT LEFT(channel, 1) AS letter, COUNT(*) FROM events GROUP BY 1
--- events; keys letter(found); COUNT(*)

-- NULLIF as key
SELECT NULLIF(kind, 'call') AS rest, COUNT(*) FROM events GROUP BY 1
--- events; keys rest(3+other+null); COUNT(*)

-- five keys
SELECT kind, level, flag, COUNT(*) FROM events GROUP BY kind, level, flag
--- events; keys kind(4+other+null), level(5+other+null), flag(2+null); COUNT(*)

-- grouping without duplicates of one key
SELECT kind, COUNT(*) FROM events GROUP BY kind, kind
--- events; keys kind(4+other+null); COUNT(*)

-- a quoted column name with a space
SELECT "first day" IS NULL AS unknown, COUNT(*) FROM people GROUP BY 1
--- people; keys unknown(2); COUNT(*)
