-- A plain INSERT INTO transactions posts itself. BEFORE fills what is missing, locks and judges; AFTER writes entries and balances,
-- because only an AFTER trigger knows that the row is really there (INSERT IGNORE, ON DUPLICATE KEY UPDATE).
-- The accounts are locked before the row is written: its foreign key would take a shared lock, and two sharers that upgrade deadlock.
-- @ledgerflow_service turns posting off for the bank's own service, known by its login (USER() is the client, not the definer).
DELIMITER $$

DROP TRIGGER IF EXISTS transactions_before_insert$$
CREATE TRIGGER transactions_before_insert BEFORE INSERT ON transactions FOR EACH ROW
BEGIN
  DECLARE v_owner, v_house_base BIGINT;
  DECLARE v_currency, v_counter_currency CHAR(3) CHARACTER SET ascii;
  DECLARE v_status, v_counter_status, v_known_type VARCHAR(12) CHARACTER SET ascii;
  DECLARE v_type_direction VARCHAR(6) CHARACTER SET ascii;
  DECLARE v_digits, v_either_way, v_house_role TINYINT;
  DECLARE v_balance DECIMAL(20, 4);
  DECLARE v_seq, v_counter_id BIGINT;
  DECLARE v_counter_given BOOLEAN DEFAULT NEW.counter_account_id IS NOT NULL AND NEW.counter_account_id <> 0;

  SET NEW.status = LOWER(COALESCE(NEW.status, 'posted')), NEW.currency = UPPER(COALESCE(NEW.currency, 'USD')),
    NEW.created_at = COALESCE(NEW.created_at, UTC_TIMESTAMP(6)), NEW.event_ts = COALESCE(NEW.event_ts, NEW.created_at),
    NEW.effective_at = COALESCE(NEW.effective_at, NEW.event_ts),
    NEW.type = UPPER(COALESCE(NULLIF(NEW.type, ''), IF(NEW.merchant_id IS NULL, 'DEPOSIT', 'PURCHASE'))),
    NEW.direction = UPPER(COALESCE(NEW.direction, '')), NEW.customer_id = COALESCE(NEW.customer_id, 0),
    NEW.counter_account_id = COALESCE(NEW.counter_account_id, 0),
    NEW.posted_at = IF(NEW.status = 'posted', COALESCE(NEW.posted_at, NEW.created_at), NULL);

  IF NEW.amount IS NULL OR NEW.amount <= 0 THEN
    CALL ledger_refuse(CONCAT('amount must be greater than zero, not ', COALESCE(NEW.amount, 'NULL')));
  END IF;
  IF NEW.status NOT IN ('pending', 'posted', 'failed') THEN
    CALL ledger_refuse(CONCAT('status must be pending, posted or failed, not ', NEW.status));
  END IF;

  -- Lower id first. FOR SHARE where nothing will be updated: house accounts, and the account that is just being opened.
  IF v_counter_given AND NEW.counter_account_id < NEW.account_id AND NEW.counter_account_id NOT BETWEEN 801 AND 999 THEN
    SELECT account_id INTO v_counter_id FROM accounts WHERE account_id = NEW.counter_account_id FOR UPDATE;
  END IF;
  IF NEW.type = 'OPENING' OR NEW.account_id BETWEEN 801 AND 999 THEN
    SELECT a.customer_id, a.currency, a.status, a.balance, a.entry_seq, c.minor_units, c.house_base, t.type, t.direction, t.either_way, t.house_role
      INTO v_owner, v_currency, v_status, v_balance, v_seq, v_digits, v_house_base, v_known_type, v_type_direction, v_either_way, v_house_role
      FROM accounts a JOIN currencies c ON c.code = a.currency LEFT JOIN transaction_types t ON t.type = NEW.type
      WHERE a.account_id = NEW.account_id FOR SHARE OF a;
  ELSE
    SELECT a.customer_id, a.currency, a.status, c.minor_units, c.house_base, t.type, t.direction, t.either_way, t.house_role
      INTO v_owner, v_currency, v_status, v_digits, v_house_base, v_known_type, v_type_direction, v_either_way, v_house_role
      FROM accounts a JOIN currencies c ON c.code = a.currency LEFT JOIN transaction_types t ON t.type = NEW.type
      WHERE a.account_id = NEW.account_id FOR UPDATE OF a;
  END IF;

  IF v_owner IS NULL THEN CALL ledger_refuse(CONCAT('unknown account ', COALESCE(NEW.account_id, 'NULL'))); END IF;
  IF v_known_type IS NULL THEN CALL ledger_refuse(CONCAT('unknown transaction type ', NEW.type)); END IF;
  IF NEW.status = 'posted' AND v_status <> 'active' AND NEW.type <> 'OPENING' THEN
    CALL ledger_refuse(CONCAT('account ', NEW.account_id, ' is ', v_status));
  END IF;
  IF NEW.currency <> v_currency THEN
    CALL ledger_refuse(CONCAT('account ', NEW.account_id, ' is in ', v_currency, ', not ', NEW.currency));
  END IF;
  IF NEW.amount <> ROUND(NEW.amount, v_digits) THEN
    CALL ledger_refuse(CONCAT('amount ', NEW.amount, ' has more fraction digits than ', NEW.currency, ' allows (', v_digits, ')'));
  END IF;
  IF NEW.customer_id = 0 THEN
    SET NEW.customer_id = v_owner;
  ELSEIF NEW.customer_id <> v_owner THEN
    CALL ledger_refuse(CONCAT('customer ', NEW.customer_id, ' does not own account ', NEW.account_id));
  END IF;

  IF NEW.type = 'REVERSAL' THEN
    IF NEW.reversal_of IS NULL THEN CALL ledger_refuse('REVERSAL needs reversal_of'); END IF;
    SELECT IF(direction = 'CREDIT', 'DEBIT', 'CREDIT'), counter_account_id INTO v_type_direction, v_counter_id
      FROM transactions WHERE transaction_id = NEW.reversal_of;
    IF v_counter_given AND NEW.counter_account_id <> v_counter_id THEN CALL ledger_refuse('REVERSAL has another counter account than its original'); END IF;
    SET v_either_way = 0, NEW.counter_account_id = COALESCE(v_counter_id, 0);
  ELSEIF NEW.reversal_of IS NOT NULL THEN
    CALL ledger_refuse(CONCAT('reversal_of belongs to type REVERSAL, not ', NEW.type));
  ELSEIF NEW.type = 'OPENING' THEN
    -- Only inside the statement that inserts the account is there a balance with sequence 1 and no entry.
    IF NOT (v_balance <> 0 AND NEW.amount = ABS(v_balance) AND v_seq = 1 AND NEW.status = 'posted' AND NOT v_counter_given
      AND NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.account_id = NEW.account_id)) THEN
      CALL ledger_refuse('OPENING is written by the database when an account is inserted with a balance');
    END IF;
    SET v_either_way = 0, v_type_direction = IF(v_balance > 0, 'CREDIT', 'DEBIT');
  END IF;

  IF NEW.direction = '' THEN SET NEW.direction = COALESCE(v_type_direction, ''); END IF;
  IF NEW.direction NOT IN ('CREDIT', 'DEBIT') OR (NEW.direction <> v_type_direction AND NOT v_either_way) THEN
    CALL ledger_refuse(CONCAT(NEW.type, ' needs direction ', COALESCE(v_type_direction, 'CREDIT or DEBIT'), IF(NEW.direction = '', '', CONCAT(', not ', NEW.direction))));
  END IF;

  IF NEW.counter_account_id = 0 THEN
    IF v_house_role IS NULL THEN CALL ledger_refuse(CONCAT(NEW.type, ' needs counter_account_id')); END IF;
    SET NEW.counter_account_id = v_house_base + v_house_role;
  END IF;
  IF v_counter_given OR NEW.type = 'REVERSAL' OR NEW.counter_account_id = NEW.account_id THEN
    IF NEW.counter_account_id = NEW.account_id THEN CALL ledger_refuse(CONCAT('account ', NEW.account_id, ' cannot be its own counter account')); END IF;
    IF NEW.counter_account_id BETWEEN 801 AND 999 THEN
      SELECT currency, status INTO v_counter_currency, v_counter_status FROM accounts WHERE account_id = NEW.counter_account_id FOR SHARE;
    ELSE
      SELECT currency, status INTO v_counter_currency, v_counter_status FROM accounts WHERE account_id = NEW.counter_account_id FOR UPDATE;
    END IF;
    IF v_counter_currency IS NULL THEN CALL ledger_refuse(CONCAT('unknown account ', NEW.counter_account_id)); END IF;
    IF NEW.status = 'posted' AND v_counter_status <> 'active' THEN
      CALL ledger_refuse(CONCAT('account ', NEW.counter_account_id, ' is ', v_counter_status));
    END IF;
    IF v_counter_currency <> NEW.currency THEN
      CALL ledger_refuse(CONCAT('account ', NEW.counter_account_id, ' is in ', v_counter_currency, ', not ', NEW.currency));
    END IF;
  END IF;

  IF NEW.type = 'REVERSAL' THEN
    CALL ledger_check_returns(NEW.reversal_of, NEW.account_id, NEW.amount);
    IF NOT EXISTS (SELECT 1 FROM transactions o WHERE o.transaction_id = NEW.reversal_of AND o.amount = NEW.amount) THEN
      CALL ledger_refuse(CONCAT('REVERSAL returns the whole of transaction ', NEW.reversal_of, ', not ', NEW.amount));
    END IF;
  ELSEIF NEW.reference_id IS NOT NULL AND NEW.type IN ('REFUND', 'CHARGEBACK') THEN
    CALL ledger_check_returns(NEW.reference_id, NEW.account_id, NEW.amount);
  END IF;

  -- The seed's clients know merchant ids and no merchants: an unknown one is registered, so that every fact key resolves.
  IF NEW.merchant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM merchants m WHERE m.merchant_id = NEW.merchant_id) THEN
    IF NEW.merchant_id < 1 THEN CALL ledger_refuse(CONCAT('merchant_id must be positive, not ', NEW.merchant_id)); END IF;
    INSERT IGNORE INTO merchants (merchant_id, name) VALUES (NEW.merchant_id, CONCAT('Merchant ', NEW.merchant_id));
  END IF;
END$$

DROP TRIGGER IF EXISTS transactions_after_insert$$
CREATE TRIGGER transactions_after_insert AFTER INSERT ON transactions FOR EACH ROW
BEGIN
  IF NEW.status <> 'posted' OR (@ledgerflow_service = 1 AND USER() LIKE 'ledgerflow\_service@%') THEN
    SET @ledger_posting = NULL;
  ELSEIF NEW.type = 'OPENING' THEN
    -- accounts is in use by the inserting statement and already holds the balance: entries only.
    SET @ledger_posting = NEW.transaction_id;
    INSERT INTO ledger_entries (transaction_id, account_id, posting_type, amount, currency, balance_after, account_seq, created_at, leg) VALUES
      (NEW.transaction_id, NEW.account_id, NEW.direction, NEW.amount, NEW.currency, IF(NEW.direction = 'CREDIT', NEW.amount, -NEW.amount), 1, NEW.posted_at, 1),
      (NEW.transaction_id, NEW.counter_account_id, IF(NEW.direction = 'CREDIT', 'DEBIT', 'CREDIT'), NEW.amount, NEW.currency, NULL, NULL, NEW.posted_at, 2);
    SET @ledger_posting = NULL;
  ELSE
    CALL ledger_post(NEW.transaction_id, NEW.account_id, NEW.counter_account_id, NEW.direction, NEW.amount, NEW.currency, NEW.posted_at);
  END IF;
END$$

-- Only the resolution of a pending transaction is a change: pending -> posted (posts now) or failed. Everything else is a new transaction.
DROP TRIGGER IF EXISTS transactions_before_update$$
CREATE TRIGGER transactions_before_update BEFORE UPDATE ON transactions FOR EACH ROW
BEGIN
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
  IF NEW.status = 'posted' THEN
    CALL ledger_lock_active(NEW.account_id, NEW.counter_account_id);
    IF NEW.reversal_of IS NOT NULL THEN
      CALL ledger_check_returns(NEW.reversal_of, NEW.account_id, NEW.amount);
    ELSEIF NEW.reference_id IS NOT NULL AND NEW.type IN ('REFUND', 'CHARGEBACK') THEN
      CALL ledger_check_returns(NEW.reference_id, NEW.account_id, NEW.amount);
    END IF;
  END IF;
END$$

DROP TRIGGER IF EXISTS transactions_after_update$$
CREATE TRIGGER transactions_after_update AFTER UPDATE ON transactions FOR EACH ROW
BEGIN
  IF OLD.status = 'pending' AND NEW.status = 'posted' AND NOT (COALESCE(@ledgerflow_service, 0) = 1 AND USER() LIKE 'ledgerflow\_service@%') THEN
    CALL ledger_post(NEW.transaction_id, NEW.account_id, NEW.counter_account_id, NEW.direction, NEW.amount, NEW.currency, NEW.posted_at);
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
