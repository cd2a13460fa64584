-- model: dim_merchants
-- description: Merchants with their history: name normalised, category of the bank or, where it has none, of the merchant category code.
-- grain: merchant x state
-- key: merchant_id, valid_from
-- inputs: gold.merchant_history, gold.mcc_categories
-- refresh: view
-- ties to: every merchant of a transaction has one current row (check merchants_resolve)
-- column merchant_id BIGINT: the bank's number of the merchant
-- column name VARCHAR: name as the bank has it
-- column name_normalised VARCHAR: lower case, without punctuation, branch numbers and legal forms: one text for one merchant
-- column mcc VARCHAR: merchant category code (ISO 18245), where known
-- column category VARCHAR: category; unclassified where nothing tells it
-- column city VARCHAR: town of the merchant
-- column country VARCHAR: ISO 3166 country code
-- column valid_from TIMESTAMP: from when on the row held, UTC; the first row of a key holds from its creation on
-- column valid_to TIMESTAMP: until when it held; NULL: it still does
-- column is_current BOOLEAN: whether it is the present state
-- column is_first BOOLEAN: whether it is the first state known of the key; facts from before it join it too
SELECT
  h.merchant_id, h.name,
  trim(regexp_replace(regexp_replace(regexp_replace(lower(strip_accents(h.name)), '[^a-z0-9]+', ' ', 'g'),
    '\b(inc|llc|ltd|limited|gmbh|ag|plc|pvt|corp|co)\b', ' ', 'g'), '( +(no|nr|store)? *[0-9]+)? *$|  +', ' ', 'g')) AS name_normalised,
  h.mcc,
  coalesce(nullif(h.bank_category, 'unclassified'), m.category, 'unclassified') AS category,
  h.city, h.country, h.valid_from, h.valid_to, h.is_current, h.is_first
FROM gold.merchant_history AS h
LEFT JOIN gold.mcc_categories AS m ON h.mcc BETWEEN m.first_code AND m.last_code
