-- Entries are written once, by posting, and never touched again. Whoever asks, there is no room for one more: an entry needs a posted
-- transaction (fk_entries_transaction), legs 1 and 2 exist as soon as it is posted, and a leg is unique (uq_entries_leg).
-- So @ledger_posting only chooses the readable message: a client that sets it meets the keys.
-- The lock closes the gap between DROP and CREATE when a running bank is migrated.
LOCK TABLES ledger_entries WRITE;
DELIMITER $$

DROP TRIGGER IF EXISTS ledger_entries_before_insert$$
CREATE TRIGGER ledger_entries_before_insert BEFORE INSERT ON ledger_entries FOR EACH ROW
BEGIN
  IF NOT (@ledger_posting <=> NEW.transaction_id AND NEW.leg IN (1, 2)) THEN
    IF NOT COALESCE(@ledgerflow_service = 1 AND USER() LIKE 'ledgerflow\_service@%', FALSE) THEN
      CALL ledger_refuse('ledger entries are written by posting a transaction: insert into transactions');
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
UNLOCK TABLES;
