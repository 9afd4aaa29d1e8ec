-- a column nobody may group by
--: house grocer
SELECT basket_id, COUNT(*) FROM transactions GROUP BY basket_id
--- J209 an identifier cannot be a key of the answer

-- the unit of the grocer
--: house grocer
SELECT household_id, SUM(sales_value) FROM transactions GROUP BY household_id
--- J209 an identifier cannot be a key of the answer

-- an aggregate the contract does not list
--: house grocer
SELECT MIN(sales_value) FROM transactions
--- J206 minmax of sales_value is not allowed

-- a spread the contract does not list
--: house grocer
SELECT STDDEV(quantity) FROM transactions
--- J206 variance of quantity is not allowed

-- a purpose nobody declared
--: house grocer
--: purpose gossip
SELECT COUNT(*) FROM transactions
--- J202 no purpose 'gossip' for Household purchases

-- a table of another house
--: house grocer
SELECT COUNT(*) FROM stays
--- J102 no table stays

-- stores joined to households off the path
--: house grocer
SELECT COUNT(*) FROM transactions a JOIN transactions b ON a.store_id = b.store_id
--- J212 two private tables are joined off the unit path

-- a table of the hospital that the grocer lacks
--: house hospital
SELECT COUNT(*) FROM transactions
--- J102 no table transactions

-- the patient shown
--: house hospital
SELECT patient_id, COUNT(*) FROM stays GROUP BY patient_id
--- J209 an identifier cannot be a key of the answer
