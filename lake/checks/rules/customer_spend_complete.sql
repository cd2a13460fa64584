-- check: customer_spend_complete
-- model: spend_by_category
-- severity: block
-- inputs: spend_by_category, customer_merchant_months, fct_transactions
-- scope: everything
-- expected: a customer's spending over all categories is the purchases net of refunds, once each

-- == full
SELECT *
FROM (SELECT customer_id, sum(net) AS net, sum(purchases) AS purchases FROM gold.spend_by_category GROUP BY customer_id) AS s
FULL JOIN (
  SELECT customer_id AS id, count(*) FILTER (type = 'PURCHASE') AS counted, sum(CASE direction WHEN 'DEBIT' THEN amount ELSE -amount END) AS total
  FROM gold.fct_transactions
  WHERE status = 'posted'
    AND (type = 'PURCHASE' OR (type IN ('REFUND', 'CHARGEBACK', 'REVERSAL') AND counter_account_id BETWEEN 801 AND 999 AND counter_account_id % 10 = 2))
  GROUP BY customer_id
) AS t ON t.id = s.customer_id
WHERE s.net IS DISTINCT FROM t.total OR purchases IS DISTINCT FROM counted
