-- Transactions and their ledger entries. amount is positive; direction is that of account_id's own entry, the counter account gets the opposite.
-- No foreign key on transactions.customer_id: the trigger proves that the customer owns the account, and the account's key proves the customer.

CREATE TABLE IF NOT EXISTS transaction_types (
  type VARCHAR(12) CHARACTER SET ascii NOT NULL,
  direction VARCHAR(6) CHARACTER SET ascii NULL COMMENT 'of the account; NULL: the client must say',
  either_way TINYINT NOT NULL DEFAULT 0 COMMENT 'the client may give the other direction',
  house_role TINYINT NULL COMMENT 'default counter account = house_base + house_role; NULL: the client must name one',
  description VARCHAR(120) NOT NULL,
  PRIMARY KEY (type)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

INSERT IGNORE INTO transaction_types (type, direction, either_way, house_role, description) VALUES
  ('DEPOSIT', 'CREDIT', 0, 1, 'money enters the bank'),
  ('WITHDRAWAL', 'DEBIT', 0, 1, 'money leaves the bank'),
  ('PURCHASE', 'DEBIT', 0, 2, 'payment to a merchant'),
  ('REFUND', 'CREDIT', 0, 2, 'money back from a merchant; reference_id names the purchase'),
  ('CHARGEBACK', 'CREDIT', 0, 2, 'disputed purchase returned; reference_id names the purchase'),
  ('FEE', 'DEBIT', 0, 3, 'fee income of the bank'),
  ('CASHBACK', 'CREDIT', 0, 4, 'reward paid by the bank'),
  ('FX', NULL, 1, 5, 'one leg of a currency exchange'),
  ('OPENING', 'CREDIT', 1, 6, 'opening balance; written by the database when an account is inserted'),
  ('INTEREST', 'CREDIT', 1, 7, 'interest paid, or charged when the direction is DEBIT'),
  ('ADJUSTMENT', NULL, 1, 8, 'correction by the bank'),
  ('TRANSFER', 'DEBIT', 0, NULL, 'to another account of the bank'),
  ('INVEST', 'DEBIT', 0, NULL, 'cash moved into an investment account'),
  ('REVERSAL', NULL, 1, NULL, 'a posted transaction undone: reversal_of, legs swapped, full amount');

CREATE TABLE IF NOT EXISTS transactions (
  transaction_id BIGINT NOT NULL AUTO_INCREMENT,
  account_id BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  merchant_id BIGINT NULL,
  amount DECIMAL(20, 4) NOT NULL,
  currency CHAR(3) CHARACTER SET ascii NOT NULL DEFAULT 'USD',
  status VARCHAR(8) CHARACTER SET ascii NOT NULL DEFAULT 'posted',
  event_ts DATETIME(6) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  type VARCHAR(12) CHARACTER SET ascii NOT NULL,
  direction VARCHAR(6) CHARACTER SET ascii NOT NULL,
  counter_account_id BIGINT NOT NULL,
  reference_id BIGINT NULL,
  reversal_of BIGINT NULL,
  device_id BIGINT NULL,
  channel VARCHAR(16) NULL,
  description VARCHAR(255) NULL,
  effective_at DATETIME(6) NOT NULL,
  posted_at DATETIME(6) NULL,
  metadata JSON NULL,
  PRIMARY KEY (transaction_id),
  KEY ix_transactions_account (account_id, event_ts),
  KEY ix_transactions_customer (customer_id, event_ts),
  UNIQUE KEY uq_transactions_reversal_of (reversal_of),
  CONSTRAINT fk_transactions_account FOREIGN KEY (account_id) REFERENCES accounts (account_id),
  CONSTRAINT fk_transactions_counter FOREIGN KEY (counter_account_id) REFERENCES accounts (account_id),
  CONSTRAINT fk_transactions_merchant FOREIGN KEY (merchant_id) REFERENCES merchants (merchant_id),
  CONSTRAINT fk_transactions_device FOREIGN KEY (device_id) REFERENCES devices (device_id),
  CONSTRAINT fk_transactions_reference FOREIGN KEY (reference_id) REFERENCES transactions (transaction_id),
  CONSTRAINT fk_transactions_reversal FOREIGN KEY (reversal_of) REFERENCES transactions (transaction_id),
  CONSTRAINT ck_transactions_amount CHECK (amount > 0),
  CONSTRAINT ck_transactions_status CHECK (status IN ('pending', 'posted', 'failed')),
  CONSTRAINT ck_transactions_posted CHECK ((status = 'posted') = (posted_at IS NOT NULL)),
  CONSTRAINT ck_transactions_direction CHECK (direction IN ('CREDIT', 'DEBIT')),
  CONSTRAINT ck_transactions_counter CHECK (counter_account_id <> account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS ledger_entries (
  entry_id BIGINT NOT NULL AUTO_INCREMENT,
  transaction_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  posting_type VARCHAR(6) CHARACTER SET ascii NOT NULL,
  amount DECIMAL(20, 4) NOT NULL,
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  balance_after DECIMAL(20, 4) NULL COMMENT 'of a customer account; NULL for house accounts',
  account_seq BIGINT NULL COMMENT 'the how-manieth entry of a customer account, without gaps; NULL for house accounts',
  created_at DATETIME(6) NOT NULL,
  leg SMALLINT NOT NULL COMMENT '1: account_id of the transaction, 2: its counter account',
  PRIMARY KEY (entry_id),
  UNIQUE KEY uq_entries_leg (transaction_id, leg),
  UNIQUE KEY uq_entries_account_seq (account_id, account_seq),
  CONSTRAINT fk_entries_transaction FOREIGN KEY (transaction_id) REFERENCES transactions (transaction_id),
  CONSTRAINT fk_entries_account FOREIGN KEY (account_id) REFERENCES accounts (account_id),
  CONSTRAINT ck_entries_posting_type CHECK (posting_type IN ('CREDIT', 'DEBIT')),
  CONSTRAINT ck_entries_amount CHECK (amount > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Always empty: a referenced table cannot be truncated, and TRUNCATE is the one statement that no trigger sees.
CREATE TABLE IF NOT EXISTS ledger_no_truncate (
  entry_id BIGINT NOT NULL,
  PRIMARY KEY (entry_id),
  CONSTRAINT fk_no_truncate_entry FOREIGN KEY (entry_id) REFERENCES ledger_entries (entry_id),
  CONSTRAINT ck_no_truncate_empty CHECK (entry_id IS NULL)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
