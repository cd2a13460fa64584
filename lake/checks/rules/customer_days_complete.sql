-- check: customer_days_complete
-- model: customer_days
-- severity: block
-- inputs: customer_days, fct_transactions
-- scope: everything
-- expected: movements sum to the customer-initiated posted transactions

-- == full
SELECT *
FROM (SELECT coalesce(sum(movements), 0) AS movements FROM gold.customer_days) AS d,
  (
    SELECT count(*) AS counted
    FROM gold.fct_transactions
    WHERE status = 'posted' AND type IN ('DEPOSIT', 'WITHDRAWAL', 'PURCHASE', 'TRANSFER', 'INVEST', 'FX')
  ) AS t
WHERE movements <> counted
