-- A plain INSERT INTO transactions posts itself. BEFORE fills what is missing, locks and judges; AFTER writes entries and balances,
-- because only an AFTER trigger knows that the row is really there (INSERT IGNORE, ON DUPLICATE KEY UPDATE).
-- The accounts are locked before the row is written: its foreign key would take a shared lock, and two sharers that upgrade deadlock.
-- Judged in the documented order: malformed, unknown account, frozen or closed, currency, funds.
-- @ledgerflow_service turns judging and posting off for the bank's own service, which does both itself, in groups; it is known by its login
-- (USER() is the client, not the definer), gives every column, and CHECKs, keys and immutability hold for it like for everybody.
-- The lock closes the gap between DROP and CREATE when a running bank is migrated.
LOCK TABLES transactions WRITE;
DELIMITER $$

DROP TRIGGER IF EXISTS transactions_before_insert$$
CREATE TRIGGER transactions_before_insert BEFORE INSERT ON transactions FOR EACH ROW
BEGIN
  DECLARE v_owner, v_counter, v_merchant BIGINT;
  DECLARE v_direction VARCHAR(6) CHARACTER SET ascii;

  SET NEW.status = LOWER(COALESCE(NEW.status, 'posted')), NEW.currency = UPPER(COALESCE(NEW.currency, 'USD')),
    NEW.type = UPPER(COALESCE(NULLIF(NEW.type, ''), IF(NEW.merchant_id IS NULL, 'DEPOSIT', 'PURCHASE'))),
    NEW.created_at = COALESCE(NEW.created_at, UTC_TIMESTAMP(6)), NEW.event_ts = COALESCE(NEW.event_ts, NEW.created_at),
    NEW.effective_at = COALESCE(NEW.effective_at, NEW.event_ts),
    NEW.posted_at = IF(NEW.status = 'posted', COALESCE(NEW.posted_at, NEW.created_at), NULL);

  -- The common movements are locked, judged and weighed in one statement, because every instruction of a trigger costs (ADR 0001).
  -- It finds a row only if nothing at all is wrong; what it does not accept is judged again below, with a reason.
  IF NEW.status = 'posted' AND NEW.direction IS NULL AND NEW.reversal_of IS NULL AND NEW.account_id NOT BETWEEN 801 AND 999
    AND COALESCE(@ledgerflow_service, 0) = 0 THEN
    IF NEW.counter_account_id IS NULL AND NEW.reference_id IS NULL
      AND NEW.type IN ('PURCHASE', 'DEPOSIT', 'WITHDRAWAL', 'FEE', 'REFUND', 'CASHBACK') THEN
      SELECT a.customer_id, c.house_base + CASE NEW.type WHEN 'PURCHASE' THEN 2 WHEN 'REFUND' THEN 2 WHEN 'FEE' THEN 3 WHEN 'CASHBACK' THEN 4 ELSE 1 END,
          IF(NEW.type IN ('DEPOSIT', 'REFUND', 'CASHBACK'), a.balance + NEW.amount, a.balance - NEW.amount), a.entry_seq + 1, NULL, NULL, m.merchant_id
        INTO v_owner, v_counter, @ledger_balance, @ledger_seq, @ledger_counter_balance, @ledger_counter_seq, v_merchant
        FROM accounts a STRAIGHT_JOIN currencies c ON c.code = a.currency LEFT JOIN merchants m ON m.merchant_id = NEW.merchant_id
        WHERE a.account_id = NEW.account_id AND a.status = 'active' AND a.currency = NEW.currency
          AND NEW.amount > 0 AND NEW.amount = ROUND(NEW.amount, c.minor_units) AND COALESCE(NEW.customer_id, a.customer_id) = a.customer_id
          AND (NEW.type IN ('DEPOSIT', 'REFUND', 'CASHBACK') OR a.balance - NEW.amount >= -a.overdraft_limit)
        FOR UPDATE OF a;
    ELSEIF NEW.type = 'TRANSFER' AND NEW.counter_account_id <> NEW.account_id AND NEW.counter_account_id NOT BETWEEN 801 AND 999 THEN
      IF NEW.counter_account_id < NEW.account_id THEN
        SELECT account_id INTO v_counter FROM accounts WHERE account_id = NEW.counter_account_id FOR UPDATE;
      END IF;
      SELECT a.customer_id, b.account_id, a.balance - NEW.amount, a.entry_seq + 1, b.balance + NEW.amount, b.entry_seq + 1, m.merchant_id
        INTO v_owner, v_counter, @ledger_balance, @ledger_seq, @ledger_counter_balance, @ledger_counter_seq, v_merchant
        FROM accounts a STRAIGHT_JOIN accounts b ON b.account_id = NEW.counter_account_id STRAIGHT_JOIN currencies c ON c.code = a.currency
          LEFT JOIN merchants m ON m.merchant_id = NEW.merchant_id
        WHERE a.account_id = NEW.account_id AND a.status = 'active' AND a.currency = NEW.currency AND b.status = 'active' AND b.currency = NEW.currency
          AND NEW.amount > 0 AND NEW.amount = ROUND(NEW.amount, c.minor_units) AND COALESCE(NEW.customer_id, a.customer_id) = a.customer_id
          AND a.balance - NEW.amount >= -a.overdraft_limit
        FOR UPDATE OF a, b;
    END IF;
  END IF;

  IF COALESCE(@ledgerflow_service = 1 AND USER() LIKE 'ledgerflow\_service@%', FALSE) THEN
    SET v_owner = NEW.customer_id, v_counter = NEW.counter_account_id, v_direction = NEW.direction, v_merchant = NEW.merchant_id;
  ELSEIF v_owner IS NULL THEN
    SET v_owner = NEW.customer_id, v_counter = NEW.counter_account_id, v_direction = NEW.direction;
    CALL ledger_judge(NEW.account_id, NEW.amount, NEW.currency, NEW.status, NEW.type, NEW.reversal_of, NEW.reference_id, v_owner, v_counter, v_direction);
    SELECT MAX(merchant_id) INTO v_merchant FROM merchants WHERE merchant_id = NEW.merchant_id;
  ELSE
    SET v_direction = IF(NEW.type IN ('DEPOSIT', 'REFUND', 'CASHBACK'), 'CREDIT', 'DEBIT');
  END IF;
  SET NEW.customer_id = v_owner, NEW.counter_account_id = v_counter, NEW.direction = v_direction;

  -- The seed's clients know merchant ids and no merchants: an unknown one is registered, so that every fact key resolves.
  IF NOT (NEW.merchant_id <=> v_merchant) THEN
    IF NEW.merchant_id < 1 THEN CALL ledger_refuse(CONCAT('merchant_id must be positive, not ', NEW.merchant_id)); END IF;
    INSERT IGNORE INTO merchants (merchant_id, name) VALUES (NEW.merchant_id, CONCAT('Merchant ', NEW.merchant_id));
  END IF;
END$$

DROP TRIGGER IF EXISTS transactions_after_insert$$
CREATE TRIGGER transactions_after_insert AFTER INSERT ON transactions FOR EACH ROW
BEGIN
  IF NEW.status = 'posted' AND NOT COALESCE(@ledgerflow_service = 1 AND USER() LIKE 'ledgerflow\_service@%', FALSE) THEN
    CALL ledger_post(NEW.transaction_id, NEW.account_id, NEW.counter_account_id, NEW.direction, NEW.amount, NEW.currency, NEW.posted_at, NEW.type = 'OPENING');
  END IF;
END$$

-- Only the resolution of a pending transaction is a change: pending -> posted (posts now) or failed. Everything else is a new transaction.
DROP TRIGGER IF EXISTS transactions_before_update$$
CREATE TRIGGER transactions_before_update BEFORE UPDATE ON transactions FOR EACH ROW
BEGIN
  DECLARE v_owner, v_counter BIGINT;
  DECLARE v_direction VARCHAR(6) CHARACTER SET ascii;
  SET NEW.status = LOWER(NEW.status);
  IF OLD.status <> 'pending' THEN
    CALL ledger_refuse(CONCAT('transaction ', OLD.transaction_id, ' is ', OLD.status, ' and cannot be changed; correct it with a new transaction'));
  END IF;
  IF NOT (NEW.transaction_id = OLD.transaction_id AND NEW.account_id = OLD.account_id AND NEW.customer_id = OLD.customer_id
    AND NEW.merchant_id <=> OLD.merchant_id AND NEW.amount = OLD.amount AND NEW.currency = OLD.currency AND NEW.event_ts = OLD.event_ts
    AND NEW.created_at = OLD.created_at AND NEW.type = OLD.type AND NEW.direction = OLD.direction
    AND NEW.counter_account_id = OLD.counter_account_id AND NEW.reference_id <=> OLD.reference_id AND NEW.reversal_of <=> OLD.reversal_of) THEN
    CALL ledger_refuse(CONCAT('transaction ', OLD.transaction_id, ' is pending: its status may change, its money, parties and times may not'));
  END IF;
  IF NEW.status NOT IN ('pending', 'posted', 'failed') THEN
    CALL ledger_refuse(CONCAT('status must be pending, posted or failed, not ', NEW.status));
  END IF;
  SET NEW.posted_at = IF(NEW.status = 'posted', COALESCE(NEW.posted_at, UTC_TIMESTAMP(6)), NULL);
  IF NEW.status = 'posted' AND NOT COALESCE(@ledgerflow_service = 1 AND USER() LIKE 'ledgerflow\_service@%', FALSE) THEN
    SET v_owner = NEW.customer_id, v_counter = NEW.counter_account_id, v_direction = NEW.direction;
    CALL ledger_judge(NEW.account_id, NEW.amount, NEW.currency, 'posted', NEW.type, NEW.reversal_of, NEW.reference_id, v_owner, v_counter, v_direction);
  END IF;
END$$

DROP TRIGGER IF EXISTS transactions_after_update$$
CREATE TRIGGER transactions_after_update AFTER UPDATE ON transactions FOR EACH ROW
BEGIN
  IF OLD.status = 'pending' AND NEW.status = 'posted' AND NOT COALESCE(@ledgerflow_service = 1 AND USER() LIKE 'ledgerflow\_service@%', FALSE) THEN
    CALL ledger_post(NEW.transaction_id, NEW.account_id, NEW.counter_account_id, NEW.direction, NEW.amount, NEW.currency, NEW.posted_at, FALSE);
  END IF;
END$$

DROP TRIGGER IF EXISTS transactions_before_delete$$
CREATE TRIGGER transactions_before_delete BEFORE DELETE ON transactions FOR EACH ROW
BEGIN
  IF OLD.status = 'posted' THEN
    CALL ledger_refuse(CONCAT('transaction ', OLD.transaction_id, ' is posted and cannot be deleted; correct it with a new transaction'));
  END IF;
END$$

DELIMITER ;
UNLOCK TABLES;
