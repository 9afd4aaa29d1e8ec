-- a date and an interval
SELECT COUNT(*) FROM events WHERE day < DATE '2024-01-01' + INTERVAL 30 DAY
--- ?
