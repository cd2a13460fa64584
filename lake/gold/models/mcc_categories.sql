-- model: mcc_categories
-- description: Merchant category codes (ISO 18245) and the category they stand for; ranges are inclusive.
-- grain: range of codes
-- key: first_code
-- inputs: none
-- refresh: view
-- ties to: ranges do not overlap
-- column first_code VARCHAR: first code of the range
-- column last_code VARCHAR: last code of the range
-- column category VARCHAR: category
SELECT first_code, last_code, category
FROM (VALUES
  ('3000', '3350', 'airlines'), ('3351', '3500', 'car rental'), ('3501', '3999', 'hotels'), ('4111', '4131', 'transport'),
  ('4411', '4411', 'travel'), ('4511', '4511', 'airlines'), ('4722', '4722', 'travel'), ('4784', '4789', 'transport'),
  ('4812', '4816', 'telecom'), ('4829', '4829', 'money transfer'), ('4899', '4899', 'streaming'), ('4900', '4900', 'utilities'),
  ('5045', '5045', 'electronics'), ('5200', '5261', 'home'), ('5300', '5399', 'general'), ('5411', '5499', 'groceries'),
  ('5511', '5533', 'cars'), ('5541', '5542', 'fuel'), ('5611', '5699', 'clothing'), ('5712', '5722', 'home'),
  ('5732', '5735', 'electronics'), ('5811', '5814', 'restaurants'), ('5815', '5818', 'digital goods'), ('5912', '5912', 'pharmacy'),
  ('5941', '5941', 'sports'), ('5942', '5943', 'books'), ('5944', '5944', 'jewellery'), ('5945', '5947', 'gifts'), ('6010', '6012', 'cash'),
  ('6051', '6051', 'crypto'), ('6211', '6211', 'brokers'), ('6300', '6399', 'insurance'), ('7011', '7011', 'hotels'), ('7230', '7298', 'personal care'),
  ('7512', '7519', 'car rental'), ('7523', '7549', 'cars'), ('7832', '7841', 'cinema'), ('7922', '7941', 'entertainment'),
  ('7994', '7994', 'gaming'), ('7995', '7995', 'gambling'), ('7996', '7999', 'entertainment'), ('8011', '8099', 'health'), ('8211', '8299', 'education'),
  ('8398', '8398', 'charity'), ('9211', '9402', 'government')
) AS codes(first_code, last_code, category)
