-- check: merchants_resolve
-- model: merchant_attributes
-- severity: block
-- inputs: fct_transactions, merchant_attributes
-- gone: merchants
-- scope: changed transactions
-- expected: every transaction's merchant is in merchant_attributes

-- == changed
SELECT t.transaction_id, t.merchant_id
FROM fresh.fct_transactions AS t
ANTI JOIN (SELECT merchant_id FROM gold.merchant_attributes WHERE merchant_id IN (SELECT merchant_id FROM fresh.fct_transactions)) AS m ON m.merchant_id = t.merchant_id
WHERE t.merchant_id IS NOT NULL

-- == full
SELECT t.transaction_id, t.merchant_id
FROM gold.fct_transactions AS t
ANTI JOIN gold.merchant_attributes AS m ON m.merchant_id = t.merchant_id
WHERE t.merchant_id IS NOT NULL
