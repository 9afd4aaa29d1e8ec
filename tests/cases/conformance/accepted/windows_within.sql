-- the first event of each person
SELECT kind, COUNT(*) FROM (SELECT person_id, kind, ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY happened, units, amount) AS i FROM events WHERE happened IS NOT NULL) t WHERE i = 1 GROUP BY kind
--- [events where 1 with row_number by person] where 1; keys kind(4+other+null); COUNT(*)

-- the gap to the row before
SELECT COUNT(*) FROM (SELECT person_id, seen, LAG(seen) OVER (PARTITION BY person_id ORDER BY seen) AS before FROM visits) t WHERE before IS NOT NULL
--- [visits with lag by person] where 1; COUNT(*)

-- a total beside each row
SELECT COUNT(*) FROM (SELECT person_id, units, SUM(units) OVER (PARTITION BY person_id) AS s FROM events) t WHERE units * 2 > s
--- [events with sum by person] where 1; COUNT(*)
