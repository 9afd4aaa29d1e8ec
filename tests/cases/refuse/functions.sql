-- C16: MIN
SELECT MIN(sales_value) FROM transactions
--- expected
[J206] minmax of sales_value is not allowed
       SELECT MIN(sales_value) FROM transactions
                  ^^^^^^^^^^^
Rule: complete-journey.odcs.yaml, line 60
Hint: allowed for sales_value: count, mean, quantile, sum, variance

-- C16: MAX
SELECT MAX(sales_value) FROM transactions
--- expected
[J206] minmax of sales_value is not allowed
       SELECT MAX(sales_value) FROM transactions
                  ^^^^^^^^^^^
Rule: complete-journey.odcs.yaml, line 60
Hint: allowed for sales_value: count, mean, quantile, sum, variance

-- C16: MODE
SELECT MODE(week) FROM transactions
--- expected
[J104] MODE is not answered
       SELECT MODE(week) FROM transactions
              ^^^^^^^^^
Hint: answered: COUNT, COUNT_IF, SUM, AVG, MIN, MAX, MEDIAN, QUANTILE_CONT, VAR_POP, STDDEV, COVAR_POP, CORR, REGR_SLOPE

-- C16: FIRST
SELECT FIRST(week) FROM transactions
--- expected
[J104] FIRST is not answered
       SELECT FIRST(week) FROM transactions
              ^^^^^^^^^^
Hint: answered: COUNT, COUNT_IF, SUM, AVG, MIN, MAX, MEDIAN, QUANTILE_CONT, VAR_POP, STDDEV, COVAR_POP, CORR, REGR_SLOPE

-- C16: ANY_VALUE
SELECT ANY_VALUE(week) FROM transactions
--- expected
[J104] ANY_VALUE is not answered here
       SELECT ANY_VALUE(week) FROM transactions
              ^^^^^^^^^^^^^^
Hint: answered: COUNT, SUM, AVG over rows

-- C16: ARG_MAX
SELECT ARG_MAX(week, sales_value) FROM transactions
--- expected
[J104] ARG_MAX is not answered
       SELECT ARG_MAX(week, sales_value) FROM transactions
              ^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: answered: COUNT, COUNT_IF, SUM, AVG, MIN, MAX, MEDIAN, QUANTILE_CONT, VAR_POP, STDDEV, COVAR_POP, CORR, REGR_SLOPE

-- C16: LIST
SELECT LIST(week) FROM transactions
--- expected
[J104] LIST is not answered
       SELECT LIST(week) FROM transactions
              ^^^^^^^^^
Hint: answered: COUNT, COUNT_IF, SUM, AVG, MIN, MAX, MEDIAN, QUANTILE_CONT, VAR_POP, STDDEV, COVAR_POP, CORR, REGR_SLOPE

-- C16: STRING_AGG
SELECT STRING_AGG(store_id, ',') FROM transactions
--- expected
[J104] STRING_AGG is not answered
       SELECT STRING_AGG(store_id, ',') FROM transactions
              ^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: answered: COUNT, COUNT_IF, SUM, AVG, MIN, MAX, MEDIAN, QUANTILE_CONT, VAR_POP, STDDEV, COVAR_POP, CORR, REGR_SLOPE

-- C16: HISTOGRAM
SELECT HISTOGRAM(week) FROM transactions
--- expected
[J105] the function HISTOGRAM is not on the list
       SELECT HISTOGRAM(week) FROM transactions
              ^^^^^^^^^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- C16: APPROX_COUNT_DISTINCT
SELECT APPROX_COUNT_DISTINCT(basket_id) FROM transactions
--- expected
[J104] APPROX_COUNT_DISTINCT is not answered
       SELECT APPROX_COUNT_DISTINCT(basket_id) FROM transactions
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: answered: COUNT, COUNT_IF, SUM, AVG, MIN, MAX, MEDIAN, QUANTILE_CONT, VAR_POP, STDDEV, COVAR_POP, CORR, REGR_SLOPE

-- C16: BIT_OR
SELECT BIT_OR(quantity) FROM transactions
--- expected
[J104] BITWISE_OR_AGG is not answered
       SELECT BIT_OR(quantity) FROM transactions
              ^^^^^^^^^^^^^^^
Hint: answered: COUNT, COUNT_IF, SUM, AVG, MIN, MAX, MEDIAN, QUANTILE_CONT, VAR_POP, STDDEV, COVAR_POP, CORR, REGR_SLOPE

-- C16: CORR
SELECT CORR(sales_value, quantity) FROM transactions
--- expected
[J206] variance of quantity is not allowed
       SELECT CORR(sales_value, quantity) FROM transactions
                                ^^^^^^^^
Rule: complete-journey.odcs.yaml, line 58
Hint: allowed for quantity: count, mean, minmax, quantile, sum

-- C16: PRODUCT
SELECT PRODUCT(quantity) FROM transactions
--- expected
[J105] the function PRODUCT is not on the list
       SELECT PRODUCT(quantity) FROM transactions
              ^^^^^^^^^^^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- SUM(DISTINCT)
SELECT SUM(DISTINCT quantity) FROM transactions
--- expected
[J104] DISTINCT is answered in COUNT(DISTINCT x) of one column
       SELECT SUM(DISTINCT quantity) FROM transactions
              ^^^^^^^^^^^^^^^^^^^^^
Hint: count one column

-- COUNT of two columns
SELECT COUNT(DISTINCT week, store_id) FROM transactions
--- expected
[J104] DISTINCT is answered in COUNT(DISTINCT x) of one column
       SELECT COUNT(DISTINCT week, store_id) FROM transactions
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: count one column

-- a function nobody knows
SELECT SUM(my_udf(quantity)) FROM transactions
--- expected
[J105] the function my_udf is not on the list
       SELECT SUM(my_udf(quantity)) FROM transactions
              ^^^^^^^^^^^^^^^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- random
SELECT COUNT(*) FROM transactions WHERE RANDOM() < 0.5
--- expected
[J105] the function RAND is not on the list
       SELECT COUNT(*) FROM transactions WHERE RANDOM() < 0.5
                                               ^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- the clock
SELECT COUNT(*) FROM transactions WHERE transaction_timestamp < NOW()
--- expected
[J105] the function NOW is not on the list
       SELECT COUNT(*) FROM transactions WHERE transaction_timestamp < NOW()
                                                                       ^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- the date of today
SELECT COUNT(*) FROM transactions WHERE transaction_timestamp < CURRENT_DATE
--- expected
[J105] the function CURRENT_DATE is not on the list
       SELECT COUNT(*) FROM transactions WHERE transaction_timestamp < CURRENT_DATE
                                               ^^^^^^^^^^^^^^^^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- REPEAT
SELECT COUNT(*) FROM demographics WHERE REPEAT(home_ownership, 1000000) = 'x'
--- expected
[J105] the function REPEAT is not on the list
       SELECT COUNT(*) FROM demographics WHERE REPEAT(home_ownership, 1000000) = 'x'
                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- regular expressions
SELECT COUNT(*) FROM demographics WHERE regexp_matches(home_ownership, '(a+)+$')
--- expected
[J105] the function REGEXP_LIKE is not on the list
       SELECT COUNT(*) FROM demographics WHERE regexp_matches(home_ownership, '(a+)+$')
                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- the operator ~
SELECT COUNT(*) FROM demographics WHERE home_ownership ~ 'a+'
--- expected
[J105] the function REGEXP_LIKE is not on the list
       SELECT COUNT(*) FROM demographics WHERE home_ownership ~ 'a+'
                                               ^^^^^^^^^^^^^^^^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- CAST of text
SELECT SUM(CAST(home_ownership AS INTEGER)) FROM demographics
--- expected
[J106] a cast from text to int is not answered
       SELECT SUM(CAST(home_ownership AS INTEGER)) FROM demographics
                  ^^^^^^^^^^^^^^^^^^^
Hint: casts answered: timestamp to DATE, number to BIGINT or DOUBLE, whole number to TEXT, constants to DATE or TIMESTAMP

-- TRY_CAST
SELECT SUM(TRY_CAST(home_ownership AS INTEGER)) FROM demographics
--- expected
[J105] the function TRY_CAST is not on the list
       SELECT SUM(TRY_CAST(home_ownership AS INTEGER)) FROM demographics
                  ^^^^^^^^^^^^^^^^^^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- a pattern from the data
SELECT COUNT(*) FROM demographics WHERE home_ownership LIKE household_comp
--- expected
[J106] LIKE takes a constant pattern
       SELECT COUNT(*) FROM demographics WHERE home_ownership LIKE household_comp
                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write x LIKE 'abc%'

-- list functions
SELECT COUNT(*) FROM transactions WHERE list_contains([1, 2], quantity)
--- expected
[J105] the function ARRAY_CONTAINS is not on the list
       SELECT COUNT(*) FROM transactions WHERE list_contains([1, 2], quantity)
                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- lambdas
SELECT SUM(list_sum(list_transform([1], x -> x + quantity))) FROM transactions
--- expected
[J105] the function list_sum is not on the list
       SELECT SUM(list_sum(list_transform([1], x -> x + quantity))) FROM transactions
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- files
SELECT COUNT(*) FROM read_csv('/etc/passwd')
--- expected
[J104] FROM takes tables and subqueries
       SELECT COUNT(*) FROM read_csv('/etc/passwd')
                            ^^^^^^^^^^^^^^^^^^^^^^
Hint: table functions and files are not answered

-- a file as table
SELECT COUNT(*) FROM '/etc/passwd'
--- expected
[J102] no table /etc/passwd
       SELECT COUNT(*) FROM '/etc/passwd'
                            ^^^^^^^^^^^^^
Hint: Known: campaign_descriptions, coupon_redemptions, demographics, products, transactions

-- getenv
SELECT COUNT(*) FROM transactions WHERE getenv('HOME') = 'x'
--- expected
[J105] the function getenv is not on the list
       SELECT COUNT(*) FROM transactions WHERE getenv('HOME') = 'x'
                                               ^^^^^^^^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- H4: JSON
SELECT COUNT(*) FROM transactions GROUP BY to_json(week)
--- expected
[J105] the function to_json is not on the list
       SELECT COUNT(*) FROM transactions GROUP BY to_json(week)
                                                  ^^^^^^^^^^^^
Hint: allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all

-- H4: a struct
SELECT {'w': week} AS s, COUNT(*) FROM transactions GROUP BY 1
--- expected
[J104] a struct is not answered
       SELECT {'w': week} AS s, COUNT(*) FROM transactions GROUP BY 1
                    ^^^^
Hint: docs/reference/sql.md lists what is answered

-- whole division of decimals
SELECT SUM(sales_value // 2) FROM transactions
--- expected
[J106] // divides whole numbers, not decimals
       SELECT SUM(sales_value // 2) FROM transactions
                  ^^^^^^^^^^^^^^^^
Hint: write FLOOR(x / y)

-- a power that is no constant
SELECT SUM(POWER(sales_value, quantity)) FROM transactions
--- expected
[J106] POWER takes a constant whole exponent from 0 to 8
       SELECT SUM(POWER(sales_value, quantity)) FROM transactions
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write SQRT(x) or EXP(x)

-- EXP without a limit
SELECT SUM(EXP(sales_value * 100)) FROM transactions
--- expected
[J106] EXP takes a number that is at most 690
       SELECT SUM(EXP(sales_value * 100)) FROM transactions
              ^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: write EXP(LEAST(x, 100)), with your limit

-- a logarithm of another base
SELECT SUM(LOG(3, quantity)) FROM transactions
--- expected
[J106] LOG takes the base 10 or 2
       SELECT SUM(LOG(3, quantity)) FROM transactions
              ^^^^^^^^^^^^^^^^^^^^
Hint: write LN(x) / LN(b)

-- a joined text without bound
SELECT COUNT(*) FROM demographics WHERE REPLACE(age, '-', 'until and including the whole of the year') || income = 'x'
--- expected
[J107] a joined or replaced text could be longer than 8448 characters
       SELECT COUNT(*) FROM demographics WHERE REPLACE(age, '-', 'until and including the whole of the year
                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: use LEFT(x, 100) instead of x

-- bins of a double
SELECT WIDTH_BUCKET(SQRT(sales_value), 0, 10, 5) AS b, COUNT(*) FROM transactions GROUP BY b
--- expected
[J106] WIDTH_BUCKET takes number, not real
       SELECT WIDTH_BUCKET(SQRT(sales_value), 0, 10, 5) AS b, COUNT(*) FROM transactions GROUP BY b
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
Hint: compare or combine values of one type

-- STRING_AGG keeps its name
SELECT STRING_AGG(age, ',') FROM demographics
--- expected
[J104] STRING_AGG is not answered
       SELECT STRING_AGG(age, ',') FROM demographics
              ^^^^^^^^^^^^^^^^^^^^
Hint: answered: COUNT, COUNT_IF, SUM, AVG, MIN, MAX, MEDIAN, QUANTILE_CONT, VAR_POP, STDDEV, COVAR_POP, CORR, REGR_SLOPE

-- BOOL_AND keeps its name
SELECT BOOL_AND(age = 'x') FROM demographics
--- expected
[J104] BOOL_AND is not answered
       SELECT BOOL_AND(age = 'x') FROM demographics
              ^^^^^^^^^^^^^^^^^^
Hint: answered: COUNT, COUNT_IF, SUM, AVG, MIN, MAX, MEDIAN, QUANTILE_CONT, VAR_POP, STDDEV, COVAR_POP, CORR, REGR_SLOPE

-- COLLATE
SELECT COUNT(*) FROM demographics WHERE home_ownership COLLATE nocase = 'a'
--- expected
[J104] COLLATE is not answered
       SELECT COUNT(*) FROM demographics WHERE home_ownership COLLATE nocase = 'a'
                                               ^^^^^^^^^^^^^^
Hint: docs/reference/sql.md lists what is answered