-- rule: new_merchant_burst
-- version: 2
-- status: active
-- severity: medium
-- score: 25
-- entity: customer
-- needs: customer_id, merchant_id
-- windows: known_days, usual_days
-- when: kind = 'purchase' AND merchant_id IS NOT NULL
-- screen: is_new_merchant AND customer_count_1d >= $min_merchants - 1 AND ($min_merchants < 2 OR seconds_since_last <= $window_hours * 3600)
-- description: Purchases at many merchants within hours where this customer had not bought before, by somebody who mostly goes where one is known.
-- explanation: {merchants} merchants in {window_hours} hours that were new in {known_days} days (limit {min_merchants}); {share} of {prior} purchases before were at new ones (limit {max_share})
-- param window_hours integer = 3: within this time
-- param known_days integer = 60: a merchant is new when it was not visited for this time
-- param min_merchants integer = 5: new merchants that are too many
-- param usual_days integer = 30: history that tells how often the customer goes to new merchants
-- param max_share number = 0.3: share of purchases at new merchants from which they are a habit
-- param min_prior integer = 20: purchases in that history without which every merchant would be new
SELECT customer_id AS entity_id, transaction_id AS trigger_id, {'merchants': merchants, 'share': round(fresh / prior, 2), 'prior': prior, 'evidence': list_filter(strangers, lambda x: x <> transaction_id)} AS observed
FROM (
  SELECT *, count(DISTINCT new_merchant) OVER w AS merchants,
    list(transaction_id) FILTER (new_merchant IS NOT NULL) OVER w AS strangers,
    count(new_merchant) OVER (PARTITION BY customer_id ORDER BY tick $between(usual_days, window_hours)) AS fresh,
    count(*) OVER (PARTITION BY customer_id ORDER BY tick $between(usual_days, window_hours)) AS prior
  FROM (
    SELECT transaction_id, customer_id, is_trigger, tick, tie,
      CASE WHEN count(*) OVER (PARTITION BY customer_id, merchant_id ORDER BY tick $before(known_days)) = 0 THEN merchant_id END AS new_merchant
    FROM fraud_transactions
    WHERE customer_id IS NOT NULL AND merchant_id IS NOT NULL AND direction = 'debit' AND kind = 'purchase' AND status <> 'failed'
  )
  WINDOW w AS (PARTITION BY customer_id ORDER BY tick $until(window_hours))
)
WHERE is_trigger AND new_merchant IS NOT NULL AND prior >= $min_prior AND fresh <= $max_share * prior AND merchants >= $min_merchants
