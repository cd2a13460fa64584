-- rule: account_emptied
-- version: 1
-- status: active
-- severity: high
-- score: 40
-- entity: account
-- needs: account_id, balance_before
-- windows: window_minutes
-- when: kind IN ('transfer', 'cash_out') AND value >= $min_value
-- description: One transfer or withdrawal takes all of a considerable balance.
-- explanation: {value} of a balance of {balance} leaves at once ({share}; limit {min_share})
-- param min_share number = 0.98: share of the balance that is all of it
-- param min_value number = 1000: smaller amounts are left alone
-- param window_minutes integer = 0: it looks at nothing but the movement
SELECT account_id AS entity_id, transaction_id AS trigger_id,
  {'value': value, 'balance': CAST(balance_before AS DECIMAL(28,2)), 'share': round(amount / balance_before, 3)} AS observed
FROM fraud_transactions
WHERE is_trigger AND direction = 'debit' AND status <> 'failed' AND kind IN ('transfer', 'cash_out')
  AND customer_id IS DISTINCT FROM counter_customer_id AND balance_before > 0 AND value >= $min_value AND amount >= $min_share * balance_before AND amount <= balance_before
