-- check: exchange_pairs
-- kind: sql
-- table: silver.accounts
-- severity: warn
-- dimension: accuracy
-- run: hourly
-- expected: exchange moves money between currencies in pairs: two legs, posted together, linked by reference_id

SELECT t.transaction_id, t.reference_id, t.currency, t.amount
FROM silver.transactions AS t
WHERE t.type = 'FX' AND t.status = 'posted' AND t.reference_id IS NOT NULL
  AND t.reference_id NOT IN (SELECT o.transaction_id FROM silver.transactions AS o WHERE o.type = 'FX' AND o.status = 'posted')
