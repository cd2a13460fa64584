-- The posting routines behind the triggers. What they rely on:
--   * the caller has locked the customer accounts (BEFORE trigger, ascending ids), so the locking reads here never wait;
--   * house accounts (801..999) are neither locked nor cached;
--   * nothing here trusts a session variable: an entry is accepted because it is a missing leg of a posted transaction.
DELIMITER $$

DROP PROCEDURE IF EXISTS ledger_refuse$$
CREATE PROCEDURE ledger_refuse(IN p_reason VARCHAR(1000))
BEGIN
  DECLARE v_text VARCHAR(128) DEFAULT LEFT(p_reason, 128);
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_text;
END$$

-- Writes the two entries of a posted transaction and moves the cached balances of its customer accounts.
DROP PROCEDURE IF EXISTS ledger_post$$
CREATE PROCEDURE ledger_post(
  IN p_transaction BIGINT, IN p_account BIGINT, IN p_counter BIGINT, IN p_direction VARCHAR(6) CHARACTER SET ascii,
  IN p_amount DECIMAL(20, 4), IN p_currency CHAR(3) CHARACTER SET ascii, IN p_at DATETIME(6))
BEGIN
  DECLARE v_opposite VARCHAR(6) CHARACTER SET ascii DEFAULT IF(p_direction = 'CREDIT', 'DEBIT', 'CREDIT');
  DECLARE v_balance, v_counter_balance, v_limit, v_counter_limit DECIMAL(20, 4);
  DECLARE v_seq, v_counter_seq BIGINT;

  IF p_account NOT BETWEEN 801 AND 999 THEN
    SELECT balance + IF(p_direction = 'CREDIT', p_amount, -p_amount), overdraft_limit, entry_seq + 1 INTO v_balance, v_limit, v_seq
      FROM accounts WHERE account_id = p_account FOR UPDATE;
    IF p_direction = 'DEBIT' AND v_balance < -v_limit THEN
      CALL ledger_refuse(CONCAT('insufficient funds: account ', p_account, ' has ', v_balance + p_amount, ' ', p_currency,
        ' and an overdraft limit of ', v_limit, ', not ', p_amount));
    END IF;
  END IF;
  IF p_counter NOT BETWEEN 801 AND 999 THEN
    SELECT balance + IF(p_direction = 'CREDIT', -p_amount, p_amount), overdraft_limit, entry_seq + 1
      INTO v_counter_balance, v_counter_limit, v_counter_seq
      FROM accounts WHERE account_id = p_counter FOR UPDATE;
    IF p_direction = 'CREDIT' AND v_counter_balance < -v_counter_limit THEN
      CALL ledger_refuse(CONCAT('insufficient funds: account ', p_counter, ' has ', v_counter_balance + p_amount, ' ', p_currency,
        ' and an overdraft limit of ', v_counter_limit, ', not ', p_amount));
    END IF;
  END IF;

  SET @ledger_posting = p_transaction;
  INSERT INTO ledger_entries (transaction_id, account_id, posting_type, amount, currency, balance_after, account_seq, created_at, leg) VALUES
    (p_transaction, p_account, p_direction, p_amount, p_currency, v_balance, v_seq, p_at, 1),
    (p_transaction, p_counter, v_opposite, p_amount, p_currency, v_counter_balance, v_counter_seq, p_at, 2);
  SET @ledger_posting = NULL;
  IF v_seq IS NOT NULL THEN
    UPDATE accounts SET balance = v_balance, entry_seq = v_seq WHERE account_id = p_account;
  END IF;
  IF v_counter_seq IS NOT NULL THEN
    UPDATE accounts SET balance = v_counter_balance, entry_seq = v_counter_seq WHERE account_id = p_counter;
  END IF;
END$$

-- Locks the customer accounts of a transaction in ascending order and refuses what is not active.
DROP PROCEDURE IF EXISTS ledger_lock_active$$
CREATE PROCEDURE ledger_lock_active(IN p_account BIGINT, IN p_counter BIGINT)
BEGIN
  DECLARE v_first BIGINT DEFAULT LEAST(p_account, p_counter);
  DECLARE v_second BIGINT DEFAULT GREATEST(p_account, p_counter);
  DECLARE v_status VARCHAR(8) CHARACTER SET ascii;
  IF v_first NOT BETWEEN 801 AND 999 THEN
    SELECT status INTO v_status FROM accounts WHERE account_id = v_first FOR UPDATE;
    IF v_status <> 'active' THEN CALL ledger_refuse(CONCAT('account ', v_first, ' is ', v_status)); END IF;
  END IF;
  IF v_second NOT BETWEEN 801 AND 999 THEN
    SELECT status INTO v_status FROM accounts WHERE account_id = v_second FOR UPDATE;
    IF v_status <> 'active' THEN CALL ledger_refuse(CONCAT('account ', v_second, ' is ', v_status)); END IF;
  END IF;
END$$

-- Refunds, chargebacks and reversals of one transaction may not return more than it moved. The accounts are locked by the caller.
DROP PROCEDURE IF EXISTS ledger_check_returns$$
CREATE PROCEDURE ledger_check_returns(IN p_original BIGINT, IN p_account BIGINT, IN p_amount DECIMAL(20, 4))
BEGIN
  DECLARE v_account BIGINT;
  DECLARE v_amount, v_returned DECIMAL(20, 4);
  DECLARE v_status VARCHAR(8) CHARACTER SET ascii;
  SELECT account_id, amount, status INTO v_account, v_amount, v_status FROM transactions WHERE transaction_id = p_original FOR SHARE;
  IF v_account IS NULL THEN CALL ledger_refuse(CONCAT('unknown transaction ', p_original)); END IF;
  IF v_account <> p_account THEN CALL ledger_refuse(CONCAT('transaction ', p_original, ' is not on account ', p_account)); END IF;
  IF v_status <> 'posted' THEN CALL ledger_refuse(CONCAT('transaction ', p_original, ' is ', v_status, ', not posted')); END IF;
  SELECT COALESCE(SUM(amount), 0) INTO v_returned FROM (
    SELECT amount FROM transactions WHERE reference_id = p_original AND type IN ('REFUND', 'CHARGEBACK') AND status = 'posted'
    UNION ALL SELECT amount FROM transactions WHERE reversal_of = p_original AND status = 'posted') returned FOR SHARE;
  IF v_returned + p_amount > v_amount THEN
    CALL ledger_refuse(CONCAT('transaction ', p_original, ' of ', v_amount, ' has ', v_returned, ' returned already, not ', p_amount, ' more'));
  END IF;
END$$

DELIMITER ;
