-- model: merchant_history
-- description: Every state a merchant's row had in MySQL, by the time of the change there.
-- grain: merchant x state
-- key: merchant_id, valid_from
-- inputs: silver.merchants(merchant_id)
-- refresh: history
-- ties to: the current rows = merchant_attributes (check history_is_current)
-- column merchant_id BIGINT: the bank's number of the merchant
-- column name VARCHAR: name as the bank has it
-- column mcc VARCHAR: merchant category code (ISO 18245), where known
-- column bank_category VARCHAR: category as the bank has it
-- column city VARCHAR: town of the merchant
-- column country VARCHAR: ISO 3166 country code
-- column created_at TIMESTAMP: when the bank registered it, UTC
-- column valid_from TIMESTAMP: from when on the row held, UTC; the first row of a key holds from its creation on
-- column valid_to TIMESTAMP: until when it held; NULL: it still does
-- column is_current BOOLEAN: whether it is the present state
-- column is_first BOOLEAN: whether it is the first state known of the key; facts from before it join it too
SELECT merchant_id, name, mcc, category AS bank_category, city, country, CAST(created_at AS TIMESTAMP) AS created_at
FROM silver.merchants
