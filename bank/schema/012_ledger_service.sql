-- What the ledger service adds: idempotency keys, two-phase holds, and the log of account status changes.
-- accounts.held caches the sum of an account's open holds; its CHECK makes held money unspendable for everybody, plain SQL included.
-- A hold and its resolution are rows that never change; the resolution's key lets only one of capture, void and expiry happen.

-- Not captured (EXCLUDED_TABLES): the bodies may hold personal data. Keys are bytes, so that neither case nor trailing blanks are lost.
CREATE TABLE IF NOT EXISTS idempotency_keys (
  account_id BIGINT NOT NULL,
  idem_key VARBINARY(255) NOT NULL,
  fingerprint BINARY(32) NOT NULL COMMENT 'SHA-256 of the canonical JSON (RFC 8785) of operation and body',
  operation VARCHAR(16) CHARACTER SET ascii NOT NULL,
  status SMALLINT NOT NULL COMMENT 'HTTP status of the answer',
  transaction_id BIGINT NULL COMMENT 'first transaction that was written',
  sequence BIGINT NULL COMMENT 'entry_id of the last entry that was written',
  hold_id BIGINT NULL,
  body TEXT NOT NULL COMMENT 'answer without the ids above',
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (account_id, idem_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS holds (
  hold_id BIGINT NOT NULL AUTO_INCREMENT,
  account_id BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  merchant_id BIGINT NULL,
  amount DECIMAL(20, 4) NOT NULL,
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  effective_at DATETIME(6) NOT NULL,
  device_id BIGINT NULL,
  channel VARCHAR(16) NULL,
  description VARCHAR(255) NULL,
  metadata JSON NULL,
  PRIMARY KEY (hold_id),
  KEY ix_holds_account (account_id),
  KEY ix_holds_expiry (expires_at),
  CONSTRAINT fk_holds_account FOREIGN KEY (account_id) REFERENCES accounts (account_id),
  CONSTRAINT fk_holds_merchant FOREIGN KEY (merchant_id) REFERENCES merchants (merchant_id),
  CONSTRAINT fk_holds_device FOREIGN KEY (device_id) REFERENCES devices (device_id),
  CONSTRAINT ck_holds_amount CHECK (amount > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS hold_resolutions (
  hold_id BIGINT NOT NULL,
  outcome VARCHAR(8) CHARACTER SET ascii NOT NULL,
  captured DECIMAL(20, 4) NOT NULL COMMENT 'what was posted; the rest of the hold is released',
  transaction_id BIGINT NULL COMMENT 'the posting of a capture',
  resolved_at DATETIME(6) NOT NULL,
  PRIMARY KEY (hold_id),
  CONSTRAINT fk_resolutions_hold FOREIGN KEY (hold_id) REFERENCES holds (hold_id),
  CONSTRAINT fk_resolutions_transaction FOREIGN KEY (transaction_id) REFERENCES transactions (transaction_id),
  CONSTRAINT ck_resolutions_outcome CHECK (outcome IN ('captured', 'voided', 'expired')),
  CONSTRAINT ck_resolutions_captured CHECK ((outcome = 'captured') = (captured > 0) AND (outcome = 'captured') = (transaction_id IS NOT NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS account_status_changes (
  change_id BIGINT NOT NULL AUTO_INCREMENT,
  account_id BIGINT NOT NULL,
  from_status VARCHAR(8) CHARACTER SET ascii NOT NULL,
  to_status VARCHAR(8) CHARACTER SET ascii NOT NULL,
  reason VARCHAR(255) NULL,
  actor VARCHAR(64) NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (change_id),
  KEY ix_status_changes_account (account_id),
  CONSTRAINT fk_status_changes_account FOREIGN KEY (account_id) REFERENCES accounts (account_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

DELIMITER $$

-- MySQL has no ADD COLUMN IF NOT EXISTS, and a migration that was cut off is repeated.
DROP PROCEDURE IF EXISTS ledger_migrate_held$$
CREATE PROCEDURE ledger_migrate_held()
BEGIN
  IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'accounts' AND column_name = 'held') THEN
    ALTER TABLE accounts ADD COLUMN held DECIMAL(20, 4) NOT NULL DEFAULT 0;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM information_schema.table_constraints WHERE constraint_schema = DATABASE() AND table_name = 'accounts'
    AND constraint_name = 'ck_accounts_available') THEN
    ALTER TABLE accounts ADD CONSTRAINT ck_accounts_held CHECK (held >= 0),
      ADD CONSTRAINT ck_accounts_available CHECK (balance IS NULL OR balance - held >= -overdraft_limit);
  END IF;
END$$
CALL ledger_migrate_held()$$
DROP PROCEDURE ledger_migrate_held$$

DROP TRIGGER IF EXISTS accounts_before_insert_held$$
CREATE TRIGGER accounts_before_insert_held BEFORE INSERT ON accounts FOR EACH ROW
BEGIN
  IF NEW.held <> 0 THEN CALL ledger_refuse('an account is opened without held money'); END IF;
END$$

DROP TRIGGER IF EXISTS accounts_before_update_held$$
CREATE TRIGGER accounts_before_update_held BEFORE UPDATE ON accounts FOR EACH ROW
BEGIN
  IF NEW.held <> OLD.held AND NOT COALESCE(@ledgerflow_service = 1 AND USER() LIKE 'ledgerflow\_service@%', FALSE) THEN
    CALL ledger_refuse(CONCAT('the held money of account ', OLD.account_id, ' moves only through holds'));
  END IF;
END$$

-- A plain REVERSAL or REFUND has two legs, so it cannot return a transaction of more: the service's own returns swap every leg.
DROP TRIGGER IF EXISTS transactions_before_insert_legs$$
CREATE TRIGGER transactions_before_insert_legs BEFORE INSERT ON transactions FOR EACH ROW PRECEDES transactions_before_insert
BEGIN
  IF NEW.type IN ('REVERSAL', 'REFUND', 'CHARGEBACK') AND NOT COALESCE(@ledgerflow_service = 1 AND USER() LIKE 'ledgerflow\_service@%', FALSE) THEN
    IF EXISTS (SELECT 1 FROM ledger_entries e WHERE e.transaction_id = COALESCE(NEW.reversal_of, NEW.reference_id) AND e.leg > 2) THEN
      CALL ledger_refuse(CONCAT('transaction ', COALESCE(NEW.reversal_of, NEW.reference_id), ' has more than two legs: reverse it through the service'));
    END IF;
  END IF;
END$$

DROP TRIGGER IF EXISTS holds_before_update$$
CREATE TRIGGER holds_before_update BEFORE UPDATE ON holds FOR EACH ROW
  CALL ledger_refuse(CONCAT('hold ', OLD.hold_id, ' cannot be changed; resolve it'))$$

DROP TRIGGER IF EXISTS holds_before_delete$$
CREATE TRIGGER holds_before_delete BEFORE DELETE ON holds FOR EACH ROW
  CALL ledger_refuse(CONCAT('hold ', OLD.hold_id, ' cannot be deleted; resolve it'))$$

DROP TRIGGER IF EXISTS hold_resolutions_before_update$$
CREATE TRIGGER hold_resolutions_before_update BEFORE UPDATE ON hold_resolutions FOR EACH ROW
  CALL ledger_refuse(CONCAT('hold ', OLD.hold_id, ' is ', OLD.outcome, ' for good'))$$

DROP TRIGGER IF EXISTS hold_resolutions_before_delete$$
CREATE TRIGGER hold_resolutions_before_delete BEFORE DELETE ON hold_resolutions FOR EACH ROW
  CALL ledger_refuse(CONCAT('hold ', OLD.hold_id, ' is ', OLD.outcome, ' for good'))$$

DELIMITER ;
