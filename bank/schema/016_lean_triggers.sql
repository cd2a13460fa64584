-- Three things about the triggers of transactions, ledger_entries and accounts (ADR 0001):
-- 1. The service leaves each of them with its first instruction. Every instruction that runs costs about 2 µs a row, a DECLARE included.
-- 2. Returns (refund, charge-back, reversal) queue before they read what was returned, and nothing waits for a transaction while it holds
--    an account: single statements of plain SQL do not deadlock with each other.
-- 3. The second triggers of the same event (012_ledger_service.sql) are part of the first.
-- What follows is 006, 007, 008, 009 and 012 with these changes.
DELIMITER $$

-- MySQL has no ADD KEY IF NOT EXISTS, and a migration that was cut off is repeated. Takes the place of the foreign key's own index.
DROP PROCEDURE IF EXISTS ledger_migrate_returns$$
CREATE PROCEDURE ledger_migrate_returns()
BEGIN
  IF NOT EXISTS (SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = 'transactions'
    AND index_name = 'ix_transactions_returns') THEN
    ALTER TABLE transactions ADD KEY ix_transactions_returns (reference_id, status, type, amount);
  END IF;
END$$
CALL ledger_migrate_returns()$$
DROP PROCEDURE ledger_migrate_returns$$

-- Judges a movement in the documented order: malformed, unknown account, frozen or closed, currency, funds. Refuses with the first reason,
-- or leaves the accounts locked, the balances after the movement in @ledger_… and the owner, counter account and direction in the parameters.
DROP PROCEDURE IF EXISTS ledger_judge_movement$$
CREATE PROCEDURE ledger_judge_movement(
  IN p_account BIGINT, IN p_amount DECIMAL(20, 4), IN p_currency CHAR(3) CHARACTER SET ascii, IN p_status VARCHAR(8) CHARACTER SET ascii,
  IN p_type VARCHAR(12) CHARACTER SET ascii, IN p_reversal_of BIGINT, IN p_reference BIGINT, IN p_resolving BOOLEAN,
  INOUT p_customer BIGINT, INOUT p_counter BIGINT, INOUT p_direction VARCHAR(6) CHARACTER SET ascii)
BEGIN
  DECLARE v_owner, v_house_base, v_original, v_original_account, v_first, v_second, v_id, v_seq, v_own_seq, v_counter_seq, v_reversals, v_failed, v_entries BIGINT;
  DECLARE v_direction VARCHAR(6) CHARACTER SET ascii;
  DECLARE v_own_currency, v_counter_currency, v_row_currency CHAR(3) CHARACTER SET ascii;
  DECLARE v_own_status, v_counter_status, v_row_status, v_original_status VARCHAR(8) CHARACTER SET ascii;
  DECLARE v_balance, v_own, v_other, v_limit, v_own_limit, v_other_limit, v_signed, v_whole, v_refunded DECIMAL(20, 4);
  DECLARE v_digits, v_house_role, v_step TINYINT;

  -- The direction of the account's own entry, and the role of the house account on the other side (010_house.sql; NULL: the client names it).
  CASE p_type
    WHEN 'PURCHASE' THEN SET v_direction = 'DEBIT', v_house_role = 2;
    WHEN 'DEPOSIT' THEN SET v_direction = 'CREDIT', v_house_role = 1;
    WHEN 'WITHDRAWAL' THEN SET v_direction = 'DEBIT', v_house_role = 1;
    WHEN 'TRANSFER' THEN SET v_direction = 'DEBIT';
    WHEN 'INVEST' THEN SET v_direction = 'DEBIT';
    WHEN 'REFUND' THEN SET v_direction = 'CREDIT', v_house_role = 2;
    WHEN 'CHARGEBACK' THEN SET v_direction = 'CREDIT', v_house_role = 2;
    WHEN 'FEE' THEN SET v_direction = 'DEBIT', v_house_role = 3;
    WHEN 'CASHBACK' THEN SET v_direction = 'CREDIT', v_house_role = 4;
    WHEN 'FX' THEN SET v_direction = p_direction, v_house_role = 5;
    WHEN 'OPENING' THEN SET v_house_role = 6;
    WHEN 'INTEREST' THEN SET v_direction = COALESCE(p_direction, 'CREDIT'), v_house_role = 7;
    WHEN 'ADJUSTMENT' THEN SET v_direction = p_direction, v_house_role = 8;
    WHEN 'REVERSAL' THEN SET v_house_role = NULL;
    ELSE CALL ledger_refuse(CONCAT('unknown transaction type ', p_type));
  END CASE;
  IF COALESCE(p_amount, 0) <= 0 THEN CALL ledger_refuse(CONCAT('amount must be greater than zero, not ', COALESCE(p_amount, 'NULL'))); END IF;
  IF p_status NOT IN ('pending', 'posted', 'failed') THEN CALL ledger_refuse(CONCAT('status must be pending, posted or failed, not ', p_status)); END IF;
  IF (p_reversal_of IS NULL) = (p_type = 'REVERSAL') THEN
    CALL ledger_refuse(IF(p_type = 'REVERSAL', 'REVERSAL needs reversal_of', CONCAT('reversal_of belongs to type REVERSAL, not ', p_type)));
  END IF;

  -- What a reversal, refund or chargeback returns.
  SET v_original = IF(p_type IN ('REVERSAL', 'REFUND', 'CHARGEBACK'), COALESCE(p_reversal_of, p_reference), NULL);
  IF v_original IS NOT NULL THEN
    SELECT account_id, amount, status, IF(p_type = 'REVERSAL', IF(direction = 'CREDIT', 'DEBIT', 'CREDIT'), v_direction),
        IF(p_type = 'REVERSAL', counter_account_id, v_id)
      INTO v_original_account, v_whole, v_original_status, v_direction, v_id
      FROM transactions WHERE transaction_id = v_original FOR SHARE;
    IF v_original_account IS NULL THEN CALL ledger_refuse(CONCAT('unknown transaction ', v_original)); END IF;
    IF v_original_account <> p_account THEN CALL ledger_refuse(CONCAT('transaction ', v_original, ' is not on account ', p_account)); END IF;
    IF v_original_status <> 'posted' THEN CALL ledger_refuse(CONCAT('transaction ', v_original, ' is ', v_original_status, ', not posted')); END IF;
    -- SELECT … INTO reads a snapshot; the same read in an EXISTS would lock the gap behind it (here and below).
    SELECT COUNT(*) INTO v_entries FROM ledger_entries WHERE transaction_id = v_original AND leg > 2;
    IF v_entries > 0 THEN
      CALL ledger_refuse(CONCAT('transaction ', v_original, ' has more than two legs: reverse it through the service'));
    END IF;
    IF p_type = 'REVERSAL' THEN
      IF p_counter <> v_id THEN CALL ledger_refuse('a REVERSAL has the counter account of its original'); END IF;
      IF p_amount <> v_whole THEN CALL ledger_refuse(CONCAT('REVERSAL returns the whole ', v_whole, ' of transaction ', v_original, ', not ', p_amount)); END IF;
      SET p_counter = v_id;
    END IF;
  END IF;
  IF p_reference IS NOT NULL AND NOT p_reference <=> v_original THEN
    -- The row's foreign key locks it anyway, but after the accounts: whoever resolves a pending one holds it already and then wants an account.
    SELECT transaction_id INTO v_id FROM transactions WHERE transaction_id = p_reference FOR SHARE;
    IF v_id IS NULL THEN CALL ledger_refuse(CONCAT('unknown transaction ', p_reference)); END IF;
  END IF;
  IF p_counter IS NULL AND v_house_role IS NULL THEN CALL ledger_refuse(CONCAT(p_type, ' needs counter_account_id')); END IF;
  IF p_counter = p_account THEN CALL ledger_refuse(CONCAT('account ', p_account, ' cannot be its own counter account')); END IF;

  -- Read both accounts, lower id first; FOR SHARE where nothing will be updated: house accounts, and an account that is just being opened.
  SET v_first = LEAST(p_account, COALESCE(p_counter, p_account)), v_second = GREATEST(p_account, COALESCE(p_counter, p_account)), v_step = 1;
  WHILE v_step <= IF(v_first = v_second, 1, 2) DO
    SET v_id = IF(v_step = 1, v_first, v_second), v_row_currency = NULL, v_balance = NULL;
    IF v_id BETWEEN 801 AND 999 OR p_type = 'OPENING' THEN
      SELECT customer_id, currency, status, balance, overdraft_limit, entry_seq INTO v_owner, v_row_currency, v_row_status, v_balance, v_limit, v_seq
        FROM accounts WHERE account_id = v_id FOR SHARE;
    ELSE
      SELECT customer_id, currency, status, balance, overdraft_limit, entry_seq INTO v_owner, v_row_currency, v_row_status, v_balance, v_limit, v_seq
        FROM accounts WHERE account_id = v_id FOR UPDATE;
    END IF;
    IF v_row_currency IS NULL THEN CALL ledger_refuse(CONCAT('unknown account ', COALESCE(v_id, 'NULL'))); END IF;
    IF v_id = p_account THEN
      IF p_customer <> v_owner THEN CALL ledger_refuse(CONCAT('customer ', p_customer, ' does not own account ', p_account)); END IF;
      SET p_customer = v_owner, v_own_currency = v_row_currency, v_own_status = v_row_status, v_own = v_balance, v_own_limit = v_limit, v_own_seq = v_seq;
    ELSE
      SET v_counter_currency = v_row_currency, v_counter_status = v_row_status, v_other = v_balance, v_other_limit = v_limit, v_counter_seq = v_seq;
    END IF;
    SET v_step = v_step + 1;
  END WHILE;

  SELECT minor_units, house_base INTO v_digits, v_house_base FROM currencies WHERE code = v_own_currency;
  SET p_counter = COALESCE(p_counter, v_house_base + v_house_role);
  IF p_counter = p_account THEN CALL ledger_refuse(CONCAT('account ', p_account, ' cannot be its own counter account')); END IF;
  IF p_type = 'OPENING' THEN
    -- Only inside the statement that inserts the account is there a balance with sequence 1 and no entry; the key of entries says so for certain.
    SELECT COUNT(*) INTO v_entries FROM ledger_entries WHERE account_id = p_account;
    IF NOT COALESCE(v_own <> 0 AND p_amount = ABS(v_own) AND v_own_seq = 1 AND p_status = 'posted'
      AND p_counter = v_house_base + v_house_role AND v_entries = 0, FALSE) THEN
      CALL ledger_refuse('OPENING is written by the database when an account is inserted with a balance');
    END IF;
    SET v_direction = IF(v_own > 0, 'CREDIT', 'DEBIT');
  END IF;
  IF COALESCE(v_direction, '') NOT IN ('CREDIT', 'DEBIT') OR p_direction <> v_direction THEN
    CALL ledger_refuse(CONCAT(p_type, ' needs direction ', IF(v_direction IN ('CREDIT', 'DEBIT'), v_direction, 'CREDIT or DEBIT'),
      COALESCE(CONCAT(', not ', p_direction), '')));
  END IF;
  SET p_direction = v_direction;
  IF p_status = 'posted' AND p_type <> 'OPENING' THEN
    IF v_own_status <> 'active' THEN CALL ledger_refuse(CONCAT('account ', p_account, ' is ', v_own_status)); END IF;
    IF v_counter_status <> 'active' THEN CALL ledger_refuse(CONCAT('account ', p_counter, ' is ', v_counter_status)); END IF;
  END IF;
  IF p_currency <> v_own_currency THEN CALL ledger_refuse(CONCAT('account ', p_account, ' is in ', v_own_currency, ', not ', p_currency)); END IF;
  IF p_currency <> v_counter_currency THEN CALL ledger_refuse(CONCAT('account ', p_counter, ' is in ', v_counter_currency, ', not ', p_currency)); END IF;
  IF p_amount <> ROUND(p_amount, v_digits) THEN
    CALL ledger_refuse(CONCAT('amount ', p_amount, ' has more fraction digits than ', p_currency, ' allows (', v_digits, ')'));
  END IF;
  IF v_original IS NOT NULL THEN
    -- Current reads of what was returned before. They lock gaps of the two indexes, and two sharers of a gap that both insert into it deadlock:
    -- so returns queue here, at the bank's own customer row, until the one before has ended. Both reads are answered from their index, so
    -- they lock no row of transactions: a pending return is locked by whoever resolves it, and that one waits for the account.
    SELECT customer_id INTO v_id FROM customers WHERE customer_id = 800 FOR UPDATE;
    SELECT COALESCE(SUM(amount), 0) INTO v_refunded FROM transactions FORCE INDEX (ix_transactions_returns)
      WHERE reference_id = v_original AND status = 'posted' AND type IN ('REFUND', 'CHARGEBACK') FOR SHARE;
    SELECT COUNT(*) INTO v_reversals FROM transactions FORCE INDEX (uq_transactions_reversal_of) WHERE reversal_of = v_original FOR SHARE;
    IF v_reversals > 0 AND NOT (p_type = 'REVERSAL' AND p_resolving) THEN
      -- A failed one stays failed, so that an old snapshot may tell it; any other counts as a return of everything.
      SELECT COUNT(*) INTO v_failed FROM transactions WHERE reversal_of = v_original AND status = 'failed';
      IF v_failed = 0 THEN SET v_refunded = v_whole; END IF;
    END IF;
    IF v_refunded + p_amount > v_whole THEN
      CALL ledger_refuse(CONCAT('transaction ', v_original, ' of ', v_whole, ' has ', v_refunded, ' returned already, not ', p_amount, ' more'));
    END IF;
  END IF;

  SET v_signed = IF(p_type = 'OPENING', 0, IF(v_direction = 'CREDIT', p_amount, -p_amount));
  IF p_status = 'posted' AND v_signed < 0 AND v_own + v_signed < -v_own_limit THEN
    CALL ledger_refuse(CONCAT('insufficient funds: account ', p_account, ' has ', v_own, ' and an overdraft limit of ', v_own_limit, ', not ', p_amount));
  END IF;
  IF p_status = 'posted' AND v_signed > 0 AND v_other - v_signed < -v_other_limit THEN
    CALL ledger_refuse(CONCAT('insufficient funds: account ', p_counter, ' has ', v_other, ' and an overdraft limit of ', v_other_limit, ', not ', p_amount));
  END IF;
  SET @ledger_balance = v_own + v_signed, @ledger_seq = IF(v_own IS NULL, NULL, IF(p_type = 'OPENING', 1, v_own_seq + 1)),
    @ledger_counter_balance = v_other - v_signed, @ledger_counter_seq = IF(v_other IS NULL, NULL, v_counter_seq + 1);
END$$

DELIMITER ;
-- Closes the gap between DROP and CREATE when a running bank is migrated. No procedure can be made under it: hence the new name above.
LOCK TABLES transactions WRITE, accounts WRITE, ledger_entries WRITE;
DELIMITER $$

DROP TRIGGER IF EXISTS transactions_before_insert_legs$$
DROP TRIGGER IF EXISTS transactions_before_insert$$
CREATE TRIGGER transactions_before_insert BEFORE INSERT ON transactions FOR EACH ROW
  IF NOT (@ledgerflow_service <=> 1 AND USER() LIKE 'ledgerflow\_service@%' AND NEW.created_at IS NOT NULL AND NEW.effective_at IS NOT NULL) THEN
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
        AND NOT (@ledgerflow_service <=> 1 AND USER() LIKE 'ledgerflow\_service@%') THEN
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
        ELSEIF NEW.type = 'TRANSFER' AND NEW.reference_id IS NULL AND NEW.counter_account_id <> NEW.account_id AND NEW.counter_account_id NOT BETWEEN 801 AND 999 THEN
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

      IF @ledgerflow_service <=> 1 AND USER() LIKE 'ledgerflow\_service@%' THEN
        SET v_owner = NEW.customer_id, v_counter = NEW.counter_account_id, v_direction = NEW.direction, v_merchant = NEW.merchant_id;
      ELSEIF v_owner IS NULL THEN
        SET v_owner = NEW.customer_id, v_counter = NEW.counter_account_id, v_direction = NEW.direction;
        CALL ledger_judge_movement(NEW.account_id, NEW.amount, NEW.currency, NEW.status, NEW.type, NEW.reversal_of, NEW.reference_id, FALSE,
          v_owner, v_counter, v_direction);
        SELECT MAX(merchant_id) INTO v_merchant FROM merchants WHERE merchant_id = NEW.merchant_id;
      ELSE
        SET v_direction = IF(NEW.type IN ('DEPOSIT', 'REFUND', 'CASHBACK'), 'CREDIT', 'DEBIT');
      END IF;
      SET NEW.customer_id = v_owner, NEW.counter_account_id = v_counter, NEW.direction = v_direction;

      -- The seed's clients know merchant ids and no merchants: an unknown one is registered, so that every fact key resolves.
      IF NOT (NEW.merchant_id <=> v_merchant) THEN
        IF NEW.merchant_id < 1 THEN CALL ledger_refuse(CONCAT('merchant_id must be positive, not ', NEW.merchant_id)); END IF;
        -- One after the other: of two that wait for the same new row both hold it for reading when its transaction fails, and then deadlock.
        SELECT customer_id INTO v_owner FROM customers WHERE customer_id = 800 FOR UPDATE;
        INSERT IGNORE INTO merchants (merchant_id, name) VALUES (NEW.merchant_id, CONCAT('Merchant ', NEW.merchant_id));
      END IF;
    END;
  END IF$$

DROP TRIGGER IF EXISTS transactions_after_insert$$
CREATE TRIGGER transactions_after_insert AFTER INSERT ON transactions FOR EACH ROW
  IF NEW.status = 'posted' AND NOT (@ledgerflow_service <=> 1 AND USER() LIKE 'ledgerflow\_service@%') THEN
    CALL ledger_post(NEW.transaction_id, NEW.account_id, NEW.counter_account_id, NEW.direction, NEW.amount, NEW.currency, NEW.posted_at, NEW.type = 'OPENING');
  END IF$$

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
  IF NEW.status = 'posted' AND NOT (@ledgerflow_service <=> 1 AND USER() LIKE 'ledgerflow\_service@%') THEN
    SET v_owner = NEW.customer_id, v_counter = NEW.counter_account_id, v_direction = NEW.direction;
    CALL ledger_judge_movement(NEW.account_id, NEW.amount, NEW.currency, 'posted', NEW.type, NEW.reversal_of, NEW.reference_id, TRUE, v_owner, v_counter,
      v_direction);
  END IF;
END$$

DROP TRIGGER IF EXISTS transactions_after_update$$
CREATE TRIGGER transactions_after_update AFTER UPDATE ON transactions FOR EACH ROW
BEGIN
  IF OLD.status = 'pending' AND NEW.status = 'posted' AND NOT (@ledgerflow_service <=> 1 AND USER() LIKE 'ledgerflow\_service@%') THEN
    CALL ledger_post(NEW.transaction_id, NEW.account_id, NEW.counter_account_id, NEW.direction, NEW.amount, NEW.currency, NEW.posted_at, FALSE);
  END IF;
END$$

DROP TRIGGER IF EXISTS ledger_entries_before_insert$$
CREATE TRIGGER ledger_entries_before_insert BEFORE INSERT ON ledger_entries FOR EACH ROW
  IF NOT (@ledgerflow_service <=> 1 AND USER() LIKE 'ledgerflow\_service@%') AND NOT (@ledger_posting <=> NEW.transaction_id AND NEW.leg IN (1, 2)) THEN
    CALL ledger_refuse('ledger entries are written by posting a transaction: insert into transactions');
  END IF$$

DROP TRIGGER IF EXISTS accounts_before_update_held$$
DROP TRIGGER IF EXISTS accounts_before_update$$
CREATE TRIGGER accounts_before_update BEFORE UPDATE ON accounts FOR EACH ROW
  IF NOT (@ledgerflow_service <=> 1 AND USER() LIKE 'ledgerflow\_service@%' AND NEW.account_id = OLD.account_id AND NEW.currency = OLD.currency
    AND NEW.customer_id = OLD.customer_id AND NEW.account_type = OLD.account_type AND NEW.overdraft_limit = OLD.overdraft_limit) THEN
    BEGIN
      -- Posting, judged in one instruction: only balance and entry_seq change, by one step, along an entry that exists.
      IF NOT (NEW.entry_seq = OLD.entry_seq + 1 AND NEW.account_id = OLD.account_id AND NEW.currency = OLD.currency AND NEW.customer_id = OLD.customer_id
        AND NEW.status = OLD.status AND NEW.account_type = OLD.account_type AND NEW.overdraft_limit = OLD.overdraft_limit AND NEW.held = OLD.held
        AND EXISTS (SELECT 1 FROM ledger_entries e
          WHERE e.account_id = OLD.account_id AND e.account_seq = NEW.entry_seq AND e.balance_after = NEW.balance)) THEN
        SET NEW.status = LOWER(NEW.status), NEW.account_type = LOWER(NEW.account_type);
        IF NEW.account_id <> OLD.account_id THEN CALL ledger_refuse(CONCAT('account ', OLD.account_id, ' keeps its id')); END IF;
        IF NEW.currency <> OLD.currency THEN CALL ledger_refuse(CONCAT('account ', OLD.account_id, ' keeps its currency ', OLD.currency)); END IF;
        IF NEW.customer_id <> OLD.customer_id THEN CALL ledger_refuse(CONCAT('account ', OLD.account_id, ' keeps its customer ', OLD.customer_id)); END IF;
        IF NEW.status NOT IN ('active', 'frozen', 'closed') THEN
          CALL ledger_refuse(CONCAT('account status must be active, frozen or closed, not ', NEW.status));
        END IF;
        IF NEW.account_type <> OLD.account_type AND (OLD.account_type LIKE 'house%' OR NEW.account_type NOT IN ('checking', 'savings', 'credit', 'investment')) THEN
          CALL ledger_refuse(CONCAT('account ', OLD.account_id, ' cannot become ', NEW.account_type, ' from ', OLD.account_type));
        END IF;
        IF NOT (NEW.balance <=> OLD.balance AND NEW.entry_seq <=> OLD.entry_seq)
          AND NOT (@ledgerflow_service <=> 1 AND USER() LIKE 'ledgerflow\_service@%') THEN
          CALL ledger_refuse(CONCAT('the balance of account ', OLD.account_id, ' moves only through transactions'));
        END IF;
        IF NEW.overdraft_limit < 0 THEN CALL ledger_refuse(CONCAT('overdraft limit must not be negative: ', NEW.overdraft_limit)); END IF;
        IF NEW.overdraft_limit <> OLD.overdraft_limit AND NEW.balance < -NEW.overdraft_limit THEN
          CALL ledger_refuse(CONCAT('account ', OLD.account_id, ' has ', NEW.balance, ', below an overdraft limit of ', NEW.overdraft_limit));
        END IF;
        IF NEW.held <> OLD.held AND NOT (@ledgerflow_service <=> 1 AND USER() LIKE 'ledgerflow\_service@%') THEN
          CALL ledger_refuse(CONCAT('the held money of account ', OLD.account_id, ' moves only through holds'));
        END IF;
      END IF;
    END;
  END IF$$

DELIMITER ;
UNLOCK TABLES;
DROP PROCEDURE IF EXISTS ledger_judge;
