-- The routines behind the triggers on transactions: lock, weigh (BEFORE trigger), post (AFTER trigger).
-- @ledger_… variables carry the locked rows from the BEFORE to the AFTER trigger of the same row: nothing of the client's runs in between,
-- and a BEFORE always sets them anew, so a client cannot lend a value to a posting. House accounts (801..999) are neither locked nor cached.
DELIMITER $$

DROP PROCEDURE IF EXISTS ledger_refuse$$
CREATE PROCEDURE ledger_refuse(IN p_reason VARCHAR(1000))
BEGIN
  DECLARE v_text VARCHAR(128) DEFAULT LEFT(p_reason, 128);
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_text;
END$$

-- Locks and reads the accounts of a movement, lower id first; p_counter may be NULL (a house account by default).
-- FOR SHARE where nothing will be updated: house accounts, and an account that is just being opened.
DROP PROCEDURE IF EXISTS ledger_lock$$
CREATE PROCEDURE ledger_lock(IN p_account BIGINT, IN p_counter BIGINT, IN p_opening BOOLEAN)
BEGIN
  SET @ledger_owner = NULL, @ledger_currency = NULL, @ledger_status = NULL, @ledger_balance = NULL, @ledger_limit = NULL, @ledger_seq = NULL,
    @ledger_counter_currency = NULL, @ledger_counter_status = NULL, @ledger_counter_balance = NULL, @ledger_counter_limit = NULL,
    @ledger_counter_seq = NULL;
  IF p_counter < p_account THEN CALL ledger_lock_counter(p_counter); END IF;
  IF p_opening OR p_account BETWEEN 801 AND 999 THEN
    SELECT customer_id, currency, status, balance, overdraft_limit, entry_seq
      INTO @ledger_owner, @ledger_currency, @ledger_status, @ledger_balance, @ledger_limit, @ledger_seq
      FROM accounts WHERE account_id = p_account FOR SHARE;
  ELSE
    SELECT customer_id, currency, status, balance, overdraft_limit, entry_seq
      INTO @ledger_owner, @ledger_currency, @ledger_status, @ledger_balance, @ledger_limit, @ledger_seq
      FROM accounts WHERE account_id = p_account FOR UPDATE;
  END IF;
  IF p_counter > p_account THEN CALL ledger_lock_counter(p_counter); END IF;
END$$

DROP PROCEDURE IF EXISTS ledger_lock_counter$$
CREATE PROCEDURE ledger_lock_counter(IN p_account BIGINT)
BEGIN
  IF p_account BETWEEN 801 AND 999 THEN
    SELECT currency, status INTO @ledger_counter_currency, @ledger_counter_status FROM accounts WHERE account_id = p_account FOR SHARE;
  ELSE
    SELECT currency, status, balance, overdraft_limit, entry_seq
      INTO @ledger_counter_currency, @ledger_counter_status, @ledger_counter_balance, @ledger_counter_limit, @ledger_counter_seq
      FROM accounts WHERE account_id = p_account FOR UPDATE;
  END IF;
END$$

DROP PROCEDURE IF EXISTS ledger_require_active$$
CREATE PROCEDURE ledger_require_active(IN p_account BIGINT, IN p_counter BIGINT)
BEGIN
  IF @ledger_status <> 'active' THEN CALL ledger_refuse(CONCAT('account ', p_account, ' is ', @ledger_status)); END IF;
  IF @ledger_counter_status <> 'active' THEN CALL ledger_refuse(CONCAT('account ', p_counter, ' is ', @ledger_counter_status)); END IF;
END$$

-- Turns the locked balances into those after the movement; refuses what is not covered.
DROP PROCEDURE IF EXISTS ledger_weigh$$
CREATE PROCEDURE ledger_weigh(IN p_account BIGINT, IN p_counter BIGINT, IN p_direction VARCHAR(6) CHARACTER SET ascii, IN p_amount DECIMAL(20, 4))
BEGIN
  DECLARE v_signed DECIMAL(20, 4) DEFAULT IF(p_direction = 'CREDIT', p_amount, -p_amount);
  SET @ledger_balance = @ledger_balance + v_signed, @ledger_seq = IF(@ledger_balance IS NULL, NULL, @ledger_seq + 1),
    @ledger_counter_balance = @ledger_counter_balance - v_signed, @ledger_counter_seq = @ledger_counter_seq + 1;
  IF v_signed < 0 AND @ledger_balance < -@ledger_limit THEN
    CALL ledger_refuse(CONCAT('insufficient funds: account ', p_account, ' has ', ROUND(@ledger_balance + p_amount, 4),
      ' and an overdraft limit of ', ROUND(@ledger_limit, 4), ', not ', p_amount));
  END IF;
  IF v_signed > 0 AND @ledger_counter_balance < -@ledger_counter_limit THEN
    CALL ledger_refuse(CONCAT('insufficient funds: account ', p_counter, ' has ', ROUND(@ledger_counter_balance + p_amount, 4),
      ' and an overdraft limit of ', ROUND(@ledger_counter_limit, 4), ', not ', p_amount));
  END IF;
END$$

-- Writes the two entries and then moves the cached balances: accounts_before_update wants to see the entry first.
-- Of an account that is being opened the row holds the balance already, and is in use by the inserting statement: entries only.
DROP PROCEDURE IF EXISTS ledger_post$$
CREATE PROCEDURE ledger_post(
  IN p_transaction BIGINT, IN p_account BIGINT, IN p_counter BIGINT, IN p_direction VARCHAR(6) CHARACTER SET ascii,
  IN p_amount DECIMAL(20, 4), IN p_currency CHAR(3) CHARACTER SET ascii, IN p_at DATETIME(6), IN p_opening BOOLEAN)
BEGIN
  SET @ledger_posting = p_transaction;
  INSERT INTO ledger_entries (transaction_id, account_id, posting_type, amount, currency, balance_after, account_seq, created_at, leg) VALUES
    (p_transaction, p_account, p_direction, p_amount, p_currency, @ledger_balance, @ledger_seq, p_at, 1),
    (p_transaction, p_counter, IF(p_direction = 'CREDIT', 'DEBIT', 'CREDIT'), p_amount, p_currency, @ledger_counter_balance, @ledger_counter_seq, p_at, 2);
  SET @ledger_posting = NULL;
  IF @ledger_seq IS NOT NULL AND NOT p_opening THEN
    UPDATE accounts SET balance = @ledger_balance, entry_seq = @ledger_seq WHERE account_id = p_account;
  END IF;
  IF @ledger_counter_seq IS NOT NULL THEN
    UPDATE accounts SET balance = @ledger_counter_balance, entry_seq = @ledger_counter_seq WHERE account_id = p_counter;
  END IF;
END$$

-- Refunds, chargebacks and reversals of one transaction may not return more than it moved. The accounts are locked by the caller.
DROP PROCEDURE IF EXISTS ledger_check_returns$$
CREATE PROCEDURE ledger_check_returns(IN p_original BIGINT, IN p_account BIGINT, IN p_amount DECIMAL(20, 4), IN p_whole BOOLEAN)
BEGIN
  DECLARE v_account BIGINT;
  DECLARE v_amount, v_returned DECIMAL(20, 4);
  DECLARE v_status VARCHAR(8) CHARACTER SET ascii;
  SELECT account_id, amount, status INTO v_account, v_amount, v_status FROM transactions WHERE transaction_id = p_original FOR SHARE;
  IF v_account IS NULL THEN CALL ledger_refuse(CONCAT('unknown transaction ', p_original)); END IF;
  IF v_account <> p_account THEN CALL ledger_refuse(CONCAT('transaction ', p_original, ' is not on account ', p_account)); END IF;
  IF v_status <> 'posted' THEN CALL ledger_refuse(CONCAT('transaction ', p_original, ' is ', v_status, ', not posted')); END IF;
  IF p_whole AND v_amount <> p_amount THEN
    CALL ledger_refuse(CONCAT('REVERSAL returns the whole ', v_amount, ' of transaction ', p_original, ', not ', p_amount));
  END IF;
  SELECT COALESCE(SUM(amount), 0) INTO v_returned FROM (
    SELECT amount FROM transactions WHERE reference_id = p_original AND type IN ('REFUND', 'CHARGEBACK') AND status = 'posted'
    UNION ALL SELECT amount FROM transactions WHERE reversal_of = p_original AND status = 'posted') returned FOR SHARE;
  IF v_returned + p_amount > v_amount THEN
    CALL ledger_refuse(CONCAT('transaction ', p_original, ' of ', v_amount, ' has ', v_returned, ' returned already, not ', p_amount, ' more'));
  END IF;
END$$

-- Judges a new transaction in the documented order: malformed, unknown account, frozen or closed, currency, funds. Refuses with the first reason,
-- or leaves the accounts locked and weighed (@ledger_…), the counter account in p_counter and the direction in p_direction.
DROP PROCEDURE IF EXISTS ledger_judge$$
CREATE PROCEDURE ledger_judge(
  IN p_account BIGINT, IN p_customer BIGINT, IN p_amount DECIMAL(20, 4), IN p_currency CHAR(3) CHARACTER SET ascii,
  IN p_status VARCHAR(8) CHARACTER SET ascii, IN p_type VARCHAR(12) CHARACTER SET ascii, IN p_reversal_of BIGINT, IN p_reference BIGINT,
  INOUT p_counter BIGINT, INOUT p_direction VARCHAR(6) CHARACTER SET ascii)
BEGIN
  DECLARE v_house_base, v_original_counter BIGINT;
  DECLARE v_direction VARCHAR(6) CHARACTER SET ascii;
  DECLARE v_digits, v_house_role TINYINT;

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
  IF p_type = 'REVERSAL' THEN
    SELECT IF(direction = 'CREDIT', 'DEBIT', 'CREDIT'), counter_account_id INTO v_direction, v_original_counter
      FROM transactions WHERE transaction_id = p_reversal_of;
    IF v_direction IS NULL THEN CALL ledger_refuse(CONCAT('unknown transaction ', p_reversal_of)); END IF;
    IF p_counter <> v_original_counter THEN CALL ledger_refuse('a REVERSAL has the counter account of its original'); END IF;
    SET p_counter = v_original_counter;
  END IF;
  IF p_counter IS NULL AND v_house_role IS NULL THEN CALL ledger_refuse(CONCAT(p_type, ' needs counter_account_id')); END IF;

  IF p_counter = p_account THEN CALL ledger_refuse(CONCAT('account ', p_account, ' cannot be its own counter account')); END IF;

  CALL ledger_lock(p_account, p_counter, p_type = 'OPENING');
  IF @ledger_owner IS NULL THEN CALL ledger_refuse(CONCAT('unknown account ', COALESCE(p_account, 'NULL'))); END IF;
  IF p_counter IS NOT NULL AND @ledger_counter_currency IS NULL THEN CALL ledger_refuse(CONCAT('unknown account ', p_counter)); END IF;
  SELECT minor_units, house_base INTO v_digits, v_house_base FROM currencies WHERE code = @ledger_currency;
  SET p_counter = COALESCE(p_counter, v_house_base + v_house_role);
  IF p_counter = p_account THEN CALL ledger_refuse(CONCAT('account ', p_account, ' cannot be its own counter account')); END IF;
  IF p_type = 'OPENING' THEN
    -- Only inside the statement that inserts the account is there a balance with sequence 1 and no entry.
    IF NOT COALESCE(@ledger_balance <> 0 AND p_amount = ABS(@ledger_balance) AND @ledger_seq = 1 AND p_status = 'posted'
      AND p_counter = v_house_base + v_house_role AND NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.account_id = p_account), FALSE) THEN
      CALL ledger_refuse('OPENING is written by the database when an account is inserted with a balance');
    END IF;
    SET v_direction = IF(@ledger_balance > 0, 'CREDIT', 'DEBIT');
  END IF;
  IF COALESCE(v_direction, '') NOT IN ('CREDIT', 'DEBIT') OR p_direction <> v_direction THEN
    CALL ledger_refuse(CONCAT(p_type, ' needs direction ', IF(v_direction IN ('CREDIT', 'DEBIT'), v_direction, 'CREDIT or DEBIT'),
      COALESCE(CONCAT(', not ', p_direction), '')));
  END IF;
  SET p_direction = v_direction;
  IF p_customer <> @ledger_owner THEN CALL ledger_refuse(CONCAT('customer ', p_customer, ' does not own account ', p_account)); END IF;
  IF p_status = 'posted' AND p_type <> 'OPENING' THEN CALL ledger_require_active(p_account, p_counter); END IF;
  IF p_currency <> @ledger_currency THEN CALL ledger_refuse(CONCAT('account ', p_account, ' is in ', @ledger_currency, ', not ', p_currency)); END IF;
  IF p_currency <> @ledger_counter_currency THEN
    CALL ledger_refuse(CONCAT('account ', p_counter, ' is in ', @ledger_counter_currency, ', not ', p_currency));
  END IF;
  IF p_amount <> ROUND(p_amount, v_digits) THEN
    CALL ledger_refuse(CONCAT('amount ', p_amount, ' has more fraction digits than ', p_currency, ' allows (', v_digits, ')'));
  END IF;
  IF p_type IN ('REVERSAL', 'REFUND', 'CHARGEBACK') AND COALESCE(p_reversal_of, p_reference) IS NOT NULL THEN
    CALL ledger_check_returns(COALESCE(p_reversal_of, p_reference), p_account, p_amount, p_type = 'REVERSAL');
  END IF;
  IF p_status = 'posted' AND p_type <> 'OPENING' THEN
    IF NOT COALESCE(@ledgerflow_service = 1 AND USER() LIKE 'ledgerflow\_service@%', FALSE) THEN
      CALL ledger_weigh(p_account, p_counter, p_direction, p_amount);
    END IF;
  END IF;
END$$

DELIMITER ;
