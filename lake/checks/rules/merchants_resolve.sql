-- check: merchants_resolve
-- model: merchant_attributes
-- severity: page
-- inputs: fct_transactions, merchant_attributes
-- scope: everything
-- expected: every transaction's merchant is in merchant_attributes

-- == full
SELECT t.transaction_id, t.merchant_id
FROM gold.fct_transactions AS t
ANTI JOIN gold.merchant_attributes AS m ON m.merchant_id = t.merchant_id
WHERE t.merchant_id IS NOT NULL
