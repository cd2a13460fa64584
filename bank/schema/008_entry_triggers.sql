-- Entries are written once, by posting, and never touched again. An entry is accepted because it is a leg of a posted transaction;
-- both legs exist as soon as a transaction is posted and are unique, so there is never room for one more, whoever asks.
-- @ledger_posting only chooses the readable message: a client that sets it meets the structural check and the unique key.
DELIMITER $$

DROP TRIGGER IF EXISTS ledger_entries_before_insert$$
CREATE TRIGGER ledger_entries_before_insert BEFORE INSERT ON ledger_entries FOR EACH ROW
BEGIN
  DECLARE v_ok BOOLEAN;
  IF NOT (COALESCE(@ledgerflow_service, 0) = 1 AND USER() LIKE 'ledgerflow\_service@%') THEN
    IF NOT (@ledger_posting <=> NEW.transaction_id) THEN
      CALL ledger_refuse('ledger entries are written by posting a transaction: insert into transactions');
    END IF;
    SELECT t.status = 'posted' AND t.amount = NEW.amount AND t.currency = NEW.currency AND NEW.leg IN (1, 2)
        AND NEW.account_id = IF(NEW.leg = 1, t.account_id, t.counter_account_id)
        AND (NEW.posting_type = t.direction) = (NEW.leg = 1)
      INTO v_ok FROM transactions t WHERE t.transaction_id = NEW.transaction_id;
    IF NOT COALESCE(v_ok, FALSE) THEN
      CALL ledger_refuse(CONCAT('entry is not a leg of posted transaction ', NEW.transaction_id));
    END IF;
  END IF;
END$$

DROP TRIGGER IF EXISTS ledger_entries_before_update$$
CREATE TRIGGER ledger_entries_before_update BEFORE UPDATE ON ledger_entries FOR EACH ROW
  CALL ledger_refuse(CONCAT('ledger entry ', OLD.entry_id, ' is posted and cannot be changed'))$$

DROP TRIGGER IF EXISTS ledger_entries_before_delete$$
CREATE TRIGGER ledger_entries_before_delete BEFORE DELETE ON ledger_entries FOR EACH ROW
  CALL ledger_refuse(CONCAT('ledger entry ', OLD.entry_id, ' is posted and cannot be deleted'))$$

DELIMITER ;
