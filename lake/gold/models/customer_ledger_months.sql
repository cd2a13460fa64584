-- model: customer_ledger_months
-- description: What each customer brought the bank, by month: fees charged less returned, less cashback and chargebacks.
-- grain: customer x month of the posting x currency
-- key: customer_id, month, currency
-- inputs: gold.fct_ledger_entries, gold.fct_transactions, gold.account_attributes
-- refresh: turn
-- groups: customer_id of fct_transactions
-- ties to: sum of net = net revenue (check ltv_is_revenue)
-- column customer_id BIGINT: customer
-- column month DATE: first day of the month
-- column currency VARCHAR: ISO 4217 code
-- column gross DECIMAL(38,4): credits to income accounts by the customer's transactions
-- column contra DECIMAL(38,4): fees returned, cashback paid less taken back, chargebacks
SELECT customer_id, month, currency, sum(gross) AS gross, sum(contra) AS contra
FROM (
  SELECT
    t.customer_id, CAST(date_trunc('month', e.day) AS DATE) AS month, e.currency,
    CASE WHEN a.account_type = 'house_fees' AND e.posting_type = 'CREDIT' THEN e.amount ELSE 0 END AS gross,
    CASE WHEN a.account_type = 'house_fees' THEN (CASE e.posting_type WHEN 'CREDIT' THEN 0 ELSE e.amount END)
      ELSE (CASE e.posting_type WHEN 'CREDIT' THEN -e.amount ELSE e.amount END) END AS contra
  FROM gold.fct_ledger_entries AS e
  JOIN gold.account_attributes AS a ON a.account_id = e.account_id AND a.account_type IN ('house_fees', 'house_cashback')
  JOIN gold.fct_transactions AS t ON t.transaction_id = e.transaction_id
  UNION ALL
  SELECT customer_id, CAST(date_trunc('month', event_day) AS DATE), currency, 0, amount
  FROM gold.fct_transactions
  WHERE type = 'CHARGEBACK' AND status = 'posted'
)
GROUP BY customer_id, month, currency
