-- Accounts: a balance given at insert becomes an OPENING transaction; afterwards the cached balance only follows the entries.
-- The follow-the-entries rule needs no flag: the entry with the next account_seq and that very balance_after must exist,
-- and only posting can write it (008_entry_triggers.sql). So it holds for every MySQL user, root included.
-- The lock closes the gap between DROP and CREATE when a running bank is migrated.
LOCK TABLES accounts WRITE;
DELIMITER $$

DROP TRIGGER IF EXISTS accounts_before_insert$$
CREATE TRIGGER accounts_before_insert BEFORE INSERT ON accounts FOR EACH ROW
BEGIN
  DECLARE v_digits TINYINT;
  DECLARE v_house_base BIGINT;
  DECLARE v_house_role INT;
  SET NEW.account_type = LOWER(COALESCE(NEW.account_type, 'checking')), NEW.status = LOWER(COALESCE(NEW.status, 'active')),
    NEW.currency = UPPER(COALESCE(NEW.currency, 'USD')), NEW.overdraft_limit = COALESCE(NEW.overdraft_limit, 0),
    NEW.created_at = COALESCE(NEW.created_at, UTC_TIMESTAMP(6));
  SELECT minor_units, house_base INTO v_digits, v_house_base FROM currencies WHERE code = NEW.currency AND enabled;
  IF v_digits IS NULL THEN CALL ledger_refuse(CONCAT('currency ', NEW.currency, ' is unknown or not enabled')); END IF;
  IF NEW.status NOT IN ('active', 'frozen', 'closed') THEN
    CALL ledger_refuse(CONCAT('account status must be active, frozen or closed, not ', NEW.status));
  END IF;
  IF NEW.account_type LIKE 'house%' THEN
    SET v_house_role = FIELD(NEW.account_type, 'house_float', 'house_settlement', 'house_fees', 'house_cashback', 'house_fx', 'house_equity',
      'house_interest', 'house_adjustment');
    IF v_house_role = 0 OR NEW.account_id <> v_house_base + v_house_role THEN
      CALL ledger_refuse(CONCAT('house accounts are made by CALL ledger_enable_currency, not inserted'));
    END IF;
    SET NEW.balance = NULL, NEW.entry_seq = 0;
  ELSE
    IF NEW.account_type NOT IN ('checking', 'savings', 'credit', 'investment') THEN
      CALL ledger_refuse(CONCAT('account type must be checking, savings, credit or investment, not ', NEW.account_type));
    END IF;
    IF NEW.account_id BETWEEN 801 AND 999 THEN CALL ledger_refuse('account ids 801 to 999 belong to the house'); END IF;
    SET NEW.balance = COALESCE(NEW.balance, 0), NEW.entry_seq = IF(NEW.balance = 0, 0, 1);
    IF NEW.overdraft_limit < 0 THEN CALL ledger_refuse(CONCAT('overdraft limit must not be negative: ', NEW.overdraft_limit)); END IF;
    IF NEW.balance <> ROUND(NEW.balance, v_digits) OR NEW.overdraft_limit <> ROUND(NEW.overdraft_limit, v_digits) THEN
      CALL ledger_refuse(CONCAT('balance ', NEW.balance, ' or limit ', NEW.overdraft_limit, ' has more fraction digits than ', NEW.currency, ' allows (', v_digits, ')'));
    END IF;
    IF NEW.balance < -NEW.overdraft_limit THEN
      CALL ledger_refuse(CONCAT('opening balance ', NEW.balance, ' is below the overdraft limit of ', NEW.overdraft_limit));
    END IF;
  END IF;
END$$

DROP TRIGGER IF EXISTS accounts_after_insert$$
CREATE TRIGGER accounts_after_insert AFTER INSERT ON accounts FOR EACH ROW
BEGIN
  IF NEW.balance <> 0 AND NOT (COALESCE(@ledgerflow_service, 0) = 1 AND USER() LIKE 'ledgerflow\_service@%') THEN
    INSERT INTO transactions (account_id, customer_id, amount, currency, status, event_ts, created_at, type, description) VALUES
      (NEW.account_id, NEW.customer_id, ABS(NEW.balance), NEW.currency, 'posted', NEW.created_at, NEW.created_at, 'OPENING', 'opening balance');
  END IF;
END$$

DROP TRIGGER IF EXISTS accounts_before_update$$
CREATE TRIGGER accounts_before_update BEFORE UPDATE ON accounts FOR EACH ROW
BEGIN
  -- Posting, judged in one instruction: only balance and entry_seq change, by one step, along an entry that exists.
  IF NOT (NEW.entry_seq = OLD.entry_seq + 1 AND NEW.account_id = OLD.account_id AND NEW.currency = OLD.currency AND NEW.customer_id = OLD.customer_id
    AND NEW.status = OLD.status AND NEW.account_type = OLD.account_type AND NEW.overdraft_limit = OLD.overdraft_limit
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
      AND NOT COALESCE(@ledgerflow_service = 1 AND USER() LIKE 'ledgerflow\_service@%', FALSE) THEN
      CALL ledger_refuse(CONCAT('the balance of account ', OLD.account_id, ' moves only through transactions'));
    END IF;
    IF NEW.overdraft_limit < 0 THEN CALL ledger_refuse(CONCAT('overdraft limit must not be negative: ', NEW.overdraft_limit)); END IF;
    IF NEW.overdraft_limit <> OLD.overdraft_limit AND NEW.balance < -NEW.overdraft_limit THEN
      CALL ledger_refuse(CONCAT('account ', OLD.account_id, ' has ', NEW.balance, ', below an overdraft limit of ', NEW.overdraft_limit));
    END IF;
  END IF;
END$$

DROP TRIGGER IF EXISTS accounts_before_delete$$
CREATE TRIGGER accounts_before_delete BEFORE DELETE ON accounts FOR EACH ROW
BEGIN
  IF OLD.entry_seq > 0 OR OLD.account_type LIKE 'house%' THEN
    CALL ledger_refuse(CONCAT('account ', OLD.account_id, ' has ledger entries and cannot be deleted; close it'));
  END IF;
END$$

DELIMITER ;
UNLOCK TABLES;
