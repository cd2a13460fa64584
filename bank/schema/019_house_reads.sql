-- House accounts are judged without a lock (ADR 0001). Where InnoDB checks foreign keys itself (innodb_native_foreign_keys), a trigger has one
-- instance of `accounts`, opened for writing, and its FOR SHARE of a house account becomes an exclusive lock that every movement waits for.
-- What follows is the procedure of 016 with this one change. A movement that needs it between DROP and CREATE is refused (1305) and can be sent again.
DELIMITER $$

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

  -- Read both accounts, lower id first. House accounts, and an account that is just being opened, are not updated: they are read without a lock.
  SET v_first = LEAST(p_account, COALESCE(p_counter, p_account)), v_second = GREATEST(p_account, COALESCE(p_counter, p_account)), v_step = 1;
  WHILE v_step <= IF(v_first = v_second, 1, 2) DO
    SET v_id = IF(v_step = 1, v_first, v_second), v_row_currency = NULL, v_balance = NULL;
    IF v_id BETWEEN 801 AND 999 OR p_type = 'OPENING' THEN
      SELECT customer_id, currency, status, balance, overdraft_limit, entry_seq INTO v_owner, v_row_currency, v_row_status, v_balance, v_limit, v_seq
        FROM accounts WHERE account_id = v_id;
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
