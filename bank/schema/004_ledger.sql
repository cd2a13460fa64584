-- Transactions and their ledger entries. amount is positive; direction is that of account_id's own entry, the counter account gets the opposite.
-- No foreign key on transactions.customer_id: the trigger proves that the customer owns the account, and the account's key proves the customer.

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
  UNIQUE KEY uq_transactions_posted (transaction_id, posted_at),
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
  created_at DATETIME(6) NOT NULL COMMENT 'posted_at of the transaction',
  leg SMALLINT NOT NULL COMMENT '1: account_id of the transaction, 2: its counter account',
  PRIMARY KEY (entry_id),
  UNIQUE KEY uq_entries_leg (transaction_id, created_at, leg),
  UNIQUE KEY uq_entries_account_seq (account_id, account_seq),
  -- posted_at is NULL until a transaction is posted, so this key admits entries of posted transactions only.
  CONSTRAINT fk_entries_transaction FOREIGN KEY (transaction_id, created_at) REFERENCES transactions (transaction_id, posted_at),
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
