-- A nullable column with a default cannot be carried through Avro: Kafka Connect's converters write the default where the row has NULL.
-- accounts.balance needs none: accounts_before_insert puts 0 where a customer's account gives no balance.
ALTER TABLE accounts ALTER COLUMN balance SET DEFAULT NULL;
