-- variances and deviations
SELECT VAR_POP(amount) AS vp, VAR_SAMP(amount) AS vs, STDDEV_POP(units) AS sp, STDDEV_SAMP(units) AS ss FROM events
--- events; VAR_POP(amount), VAR_SAMP(amount), STDDEV_POP(units), STDDEV_SAMP(units)

-- short names
SELECT VARIANCE(score) AS v, STDDEV(score) AS s FROM events
--- events; VAR_SAMP(score), STDDEV_SAMP(score)

-- spread of an expression
SELECT VAR_SAMP(amount - units) AS v FROM events
--- events; VAR_SAMP((clamp(amount, -50, 100) - clamp(units, 0, 20)))

-- spread by key
SELECT kind, STDDEV(amount) AS s, COUNT(amount) AS n FROM events GROUP BY kind
--- events; keys kind(4+other+null); STDDEV_SAMP(amount), COUNT(amount)

-- spread with FILTER
SELECT VAR_POP(units) FILTER (WHERE flag) AS v FROM events
--- events; VAR_POP(units)

-- coefficient of variation
SELECT STDDEV_POP(units) / AVG(units) AS cv FROM events
--- events; STDDEV_POP(units), AVG(units)

-- covariance
SELECT COVAR_POP(amount, units) AS p, COVAR_SAMP(units, score) AS s FROM events
--- events; COVAR_POP(amount, units), COVAR_SAMP(units, score)

-- correlation
SELECT CORR(amount, score) AS r, CORR(units, units * 2) AS one FROM events
--- events; CORR(amount, score), CORR(units, (clamp(units, 0, 20) * 2))

-- the slope of a regression
SELECT REGR_SLOPE(amount, units) AS b FROM events
--- events; REGR_SLOPE(amount, units)

-- correlation by key
SELECT kind, CORR(amount, units) AS r FROM events GROUP BY kind
--- events; keys kind(4+other+null); CORR(amount, units)

-- the median
SELECT MEDIAN(units) AS m FROM events
--- events; QUANTILE_CONT(units, 0.5)

-- the median by key
SELECT kind, MEDIAN(units) AS m FROM events GROUP BY kind
--- events; keys kind(4+other+null); QUANTILE_CONT(units, 0.5)

-- quantiles of whole numbers
SELECT QUANTILE_DISC(units, 0.25) AS q1, QUANTILE_DISC(units, 0.5) AS q2, QUANTILE_DISC(units, 0.9) AS q3 FROM events
--- events; QUANTILE_DISC(units, 0.25), QUANTILE_DISC(units, 0.5), QUANTILE_DISC(units, 0.9)

-- PERCENTILE_CONT of the standard
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY score) AS m FROM events
--- events; QUANTILE_CONT(score, 0.5)

-- PERCENTILE_DISC, descending
SELECT PERCENTILE_DISC(0.25) WITHIN GROUP (ORDER BY units DESC) AS q FROM events
--- events; QUANTILE_DISC(units, 0.75)

-- a rank with FILTER
SELECT MEDIAN(units) FILTER (WHERE level > 2) AS m FROM events
--- events; QUANTILE_CONT(units, 0.5)

-- the ends inside the declared range
SELECT MIN(units) AS low, MAX(units) AS high FROM events
--- events; MIN(units), MAX(units)

-- the ends by key
SELECT kind, MAX(units) AS high FROM events GROUP BY kind
--- events; keys kind(4+other+null); MAX(units)

-- the ends of an expression
SELECT MAX(units - level) AS high, MIN(units * 2) AS low FROM events WHERE level IS NOT NULL
--- events where 1; MAX((clamp(units, 0, 20) - clamp(level, 1, 5))), MIN((clamp(units, 0, 20) * 2))

-- quantiles in a range too wide for a leaf per cent
SELECT MEDIAN(amount) AS m, QUANTILE_DISC(amount, 0.8) AS q, MIN(amount) AS low, MAX(amount) AS high FROM events
--- events; QUANTILE_CONT(amount, 0.5), QUANTILE_DISC(amount, 0.8), MIN(amount), MAX(amount)

-- a rank between two neighbouring values
SELECT QUANTILE_CONT(units, 0.37) AS q, PERCENTILE_CONT(0.61) WITHIN GROUP (ORDER BY score DESC) AS d FROM events
--- events; QUANTILE_CONT(units, 0.37), QUANTILE_CONT(score, 0.39)

-- the range between two quantiles
SELECT QUANTILE_DISC(units, 0.75) - QUANTILE_DISC(units, 0.25) AS iqr FROM events
--- events; QUANTILE_DISC(units, 0.75), QUANTILE_DISC(units, 0.25)
