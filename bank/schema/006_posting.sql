-- The routines behind the triggers on transactions: judge (BEFORE trigger), post (AFTER trigger). Few and large on purpose: every statement
-- on transactions pays for each routine and table that its triggers could reach, run or not (ADR 0001).
-- @ledger_… variables carry the locked rows from the BEFORE to the AFTER trigger of the same row: nothing of the client's runs in between,
-- and a BEFORE always sets them anew, so a client cannot lend a value to a posting. House accounts (801..999) are neither locked nor cached.
DELIMITER $$

DROP PROCEDURE IF EXISTS ledger_refuse$$
CREATE PROCEDURE ledger_refuse(IN p_reason VARCHAR(1000))
BEGIN
  DECLARE v_text VARCHAR(128) DEFAULT LEFT(p_reason, 128);
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_text;
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

-- Judges a movement in the documented order: malformed, unknown account, frozen or closed, currency, funds. Refuses with the first reason,
-- or leaves the accounts locked, the balances after the movement in @ledger_… and the owner, counter account and direction in the parameters.
DROP PROCEDURE IF EXISTS ledger_judge$$
CREATE PROCEDURE ledger_judge(
  IN p_account BIGINT, IN p_amount DECIMAL(20, 4), IN p_currency CHAR(3) CHARACTER SET ascii, IN p_status VARCHAR(8) CHARACTER SET ascii,
  IN p_type VARCHAR(12) CHARACTER SET ascii, IN p_reversal_of BIGINT, IN p_reference BIGINT,
  INOUT p_customer BIGINT, INOUT p_counter BIGINT, INOUT p_direction VARCHAR(6) CHARACTER SET ascii)
BEGIN
  DECLARE v_owner, v_house_base, v_original, v_original_account, v_first, v_second, v_id, v_seq, v_own_seq, v_counter_seq BIGINT;
  DECLARE v_direction VARCHAR(6) CHARACTER SET ascii;
  DECLARE v_own_currency, v_counter_currency, v_row_currency CHAR(3) CHARACTER SET ascii;
  DECLARE v_own_status, v_counter_status, v_row_status, v_original_status VARCHAR(8) CHARACTER SET ascii;
  DECLARE v_balance, v_own, v_other, v_limit, v_own_limit, v_other_limit, v_signed, v_whole, v_refunded, v_reversed DECIMAL(20, 4);
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
    IF p_type = 'REVERSAL' THEN
      IF p_counter <> v_id THEN CALL ledger_refuse('a REVERSAL has the counter account of its original'); END IF;
      IF p_amount <> v_whole THEN CALL ledger_refuse(CONCAT('REVERSAL returns the whole ', v_whole, ' of transaction ', v_original, ', not ', p_amount)); END IF;
      SET p_counter = v_id;
    END IF;
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
    -- Only inside the statement that inserts the account is there a balance with sequence 1 and no entry.
    IF NOT COALESCE(v_own <> 0 AND p_amount = ABS(v_own) AND v_own_seq = 1 AND p_status = 'posted'
      AND p_counter = v_house_base + v_house_role AND NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.account_id = p_account), FALSE) THEN
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
    -- Current reads: another return of the same transaction has waited for, or held, the account's lock.
    SELECT COALESCE(SUM(amount), 0) INTO v_refunded FROM transactions
      WHERE reference_id = v_original AND type IN ('REFUND', 'CHARGEBACK') AND status = 'posted' FOR SHARE;
    SELECT COALESCE(SUM(amount), 0) INTO v_reversed FROM transactions WHERE reversal_of = v_original AND status = 'posted' FOR SHARE;
    IF v_refunded + v_reversed + p_amount > v_whole THEN
      CALL ledger_refuse(CONCAT('transaction ', v_original, ' of ', v_whole, ' has ', v_refunded + v_reversed, ' returned already, not ', p_amount, ' more'));
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
