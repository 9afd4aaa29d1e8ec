-- a function nobody knows
SELECT SUM(f(units)) FROM events
--- J105 the function f is not on the list

-- a random number
SELECT COUNT(*) FROM events WHERE RANDOM() < 0.5
--- J105 the function RAND is not on the list

-- a random identifier
SELECT COUNT(*) FROM events WHERE gen_random_uuid() IS NOT NULL
--- J105 the function UUID is not on the list

-- the clock
SELECT COUNT(*) FROM events WHERE happened > NOW()
--- J105 the function NOW is not on the list

-- today
SELECT COUNT(*) FROM events WHERE day = CURRENT_DATE
--- J105 the function CURRENT_DATE is not on the list

-- an error on purpose
SELECT SUM(CASE WHEN amount > 50 THEN error('found') ELSE 0 END) FROM events
--- J105 the function error is not on the list

-- sleeping
--: dialect postgres
SELECT COUNT(*) FROM events WHERE pg_sleep(10) IS NULL
--- J105 the function pg_sleep is not on the list

-- reading a file as text
SELECT COUNT(*) FROM events WHERE read_text('/etc/passwd') IS NOT NULL
--- J105 the function read_text is not on the list

-- the name of the user
SELECT COUNT(*) FROM events WHERE kind = CURRENT_USER
--- J105 the function CURRENT_USER is not on the list

-- an environment variable
SELECT COUNT(*) FROM events WHERE kind = getenv('HOME')
--- J105 the function getenv is not on the list

-- a setting
SELECT COUNT(*) FROM events WHERE kind = current_setting('threads')
--- J105 the function current_setting is not on the list

-- a regular expression
SELECT COUNT(*) FROM events WHERE regexp_matches(channel, '(a+)+$')
--- J105 the function REGEXP_LIKE is not on the list

-- SIMILAR TO
SELECT COUNT(*) FROM events WHERE channel SIMILAR TO '(a|b)*'
--- J104 SimilarTo is not answered

-- text that repeats
SELECT COUNT(*) FROM events WHERE repeat(channel, 1000000) = 'x'
--- J105 the function REPEAT is not on the list

-- a digest
SELECT COUNT(*) FROM events GROUP BY md5(channel)
--- J105 the function MD5 is not on the list

-- a text cast to a number
SELECT SUM(CAST(channel AS INTEGER)) FROM events
--- J106 a cast from text to int is not answered

-- a text cast to a date
SELECT COUNT(*) FROM events WHERE CAST(channel AS DATE) > DATE '2024-01-01'
--- J106 only a timestamp can be cast to a date

-- a lambda
SELECT COUNT(*) FROM events WHERE len(list_transform([1, 2], x -> x + 1)) > 0
--- J105 the function TRANSFORM is not on the list

-- a list
SELECT COUNT(*) FROM events WHERE [units] = [1]
--- J104 a list is not answered

-- a struct
SELECT COUNT(*) FROM events WHERE {'a': units}.a = 1
--- J104 a field of a value is not answered

-- a collation
SELECT COUNT(*) FROM events WHERE channel COLLATE NOCASE = 'web'
--- J104 COLLATE is not answered

-- a time zone
SELECT COUNT(*) FROM events WHERE happened AT TIME ZONE 'Europe/Berlin' > TIMESTAMP '2024-01-01 00:00:00'
--- J104 AT TIME ZONE is not answered

-- a sequence
SELECT COUNT(*) FROM events WHERE nextval('s') > 0
--- J105 the function nextval is not on the list

-- the number of a row
SELECT COUNT(*) FROM events WHERE rowid < 10
--- J103 no column rowid in the tables of the query

-- a pattern from a column
SELECT COUNT(*) FROM events WHERE channel LIKE kind
--- J106 LIKE takes a constant pattern

-- a pattern of very many wildcards
SELECT COUNT(*) FROM events WHERE channel LIKE '%a%a%a%a%a%a%a%a%a%a%a%'
--- J106 a pattern may hold at most 8 %, 200 characters, and 8 _ behind its first %

-- a list of columns in IN
SELECT COUNT(*) FROM events WHERE units IN (level, 3)
--- J106 IN takes a list of constants

-- pairs in IN
SELECT COUNT(*) FROM events WHERE (kind, level) IN (('call', 1))
--- J104 a list in brackets is not answered

-- division by something close to zero
SELECT SUM(units / SQRT(units)) FROM events
--- J106 division by an expression that may be close to 0

-- printing
SELECT COUNT(*) FROM events GROUP BY printf('%s', kind)
--- J105 the function printf is not on the list

-- json
SELECT COUNT(*) FROM events WHERE json_extract(channel, '$.a') = 1
--- J105 the function JSON_EXTRACT is not on the list

-- a function nobody knows, of a star, with FILTER
SELECT f(*) FILTER (WHERE units > 0) FROM events
--- J105 the function f is not on the list

-- a substring without a start
SELECT COUNT(*) FROM events WHERE SUBSTRING(channel) = 'a'
--- J106 SUBSTR takes a start
