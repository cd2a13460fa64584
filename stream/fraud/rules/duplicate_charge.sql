-- rule: duplicate_charge
-- version: 1
-- status: active
-- severity: medium
-- score: 20
-- entity: account
-- needs: account_id, merchant_id
-- windows: window_minutes
-- when: kind = 'purchase' AND merchant_id IS NOT NULL
-- evidence: e.account_id = t.account_id AND e.merchant_id = t.merchant_id AND e.amount = t.amount AND e.direction = 'debit' AND e.kind = 'purchase' AND e.status IN ('posted', 'pending') AND $within(window_minutes)
-- screen: seconds_since_merchant <= $window_minutes * 60
-- description: The same amount at the same merchant twice within minutes.
-- explanation: {amount} charged {charges} times by merchant {merchant} in {window_minutes} minutes
-- param window_minutes integer = 5: within this time
-- param min_value number = 2: smaller charges are left alone: tickets are bought twice
SELECT account_id AS entity_id, transaction_id AS trigger_id, {'amount': CAST(amount AS DECIMAL(28,2)), 'charges': charges, 'merchant': merchant_id} AS observed
FROM (
  SELECT transaction_id, account_id, merchant_id, amount, is_trigger,
    count(*) OVER (PARTITION BY account_id, merchant_id, amount, currency ORDER BY tick $until(window_minutes)) AS charges
  FROM fraud_transactions
  WHERE merchant_id IS NOT NULL AND direction = 'debit' AND kind = 'purchase' AND status IN ('posted', 'pending') AND value >= $min_value
)
WHERE is_trigger AND charges >= 2
