-- Accounts. balance and entry_seq are a cached row that is locked and constrained; the truth is ledger_entries.
-- House accounts (ids 801..999, types house_*) have no cached balance (NULL): nobody has to lock them, so they never serialise customers.

CREATE TABLE IF NOT EXISTS accounts (
  account_id BIGINT NOT NULL AUTO_INCREMENT,
  customer_id BIGINT NOT NULL,
  account_type VARCHAR(20) CHARACTER SET ascii NOT NULL DEFAULT 'checking',
  balance DECIMAL(20, 4) NULL DEFAULT 0,
  status VARCHAR(8) CHARACTER SET ascii NOT NULL DEFAULT 'active',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  currency CHAR(3) CHARACTER SET ascii NOT NULL DEFAULT 'USD',
  overdraft_limit DECIMAL(20, 4) NOT NULL DEFAULT 0,
  entry_seq BIGINT NOT NULL DEFAULT 0,
  label VARCHAR(120) NULL,
  PRIMARY KEY (account_id),
  KEY ix_accounts_customer (customer_id),
  CONSTRAINT fk_accounts_customer FOREIGN KEY (customer_id) REFERENCES customers (customer_id),
  CONSTRAINT fk_accounts_currency FOREIGN KEY (currency) REFERENCES currencies (code),
  CONSTRAINT ck_accounts_type CHECK (account_type IN ('checking', 'savings', 'credit', 'investment', 'house_float', 'house_settlement',
    'house_fees', 'house_cashback', 'house_fx', 'house_equity', 'house_interest', 'house_adjustment')),
  CONSTRAINT ck_accounts_status CHECK (status IN ('active', 'frozen', 'closed')),
  CONSTRAINT ck_accounts_house CHECK ((account_type LIKE 'house%') = (balance IS NULL)),
  CONSTRAINT ck_accounts_overdraft_limit CHECK (overdraft_limit >= 0),
  CONSTRAINT ck_accounts_overdraft CHECK (balance IS NULL OR balance >= -overdraft_limit)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 AUTO_INCREMENT = 1001;
