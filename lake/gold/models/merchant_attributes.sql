-- model: merchant_attributes
-- description: What the bank says of each merchant now.
-- grain: merchant
-- key: merchant_id
-- inputs: silver.merchants(merchant_id)
-- refresh: rows
-- ties to: every merchant of a transaction is here (check merchants_resolve)
-- column merchant_id BIGINT: the bank's number of the merchant
-- column name VARCHAR: name as the bank has it
-- column mcc VARCHAR: merchant category code (ISO 18245), where known
-- column bank_category VARCHAR: category as the bank has it; unclassified where it has none
-- column city VARCHAR: town of the merchant
-- column country VARCHAR: ISO 3166 country code
-- column created_at TIMESTAMP: when the bank registered it, UTC
SELECT merchant_id, name, mcc, category AS bank_category, city, country, CAST(created_at AS TIMESTAMP) AS created_at
FROM silver.merchants
