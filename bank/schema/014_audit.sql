-- Evidence against silent changes of posted transactions (ADR 0014): blocks of the hash chain, what they were made from, a Merkle root a day.
-- Written by the follower in bank/audit, never by a posting; nothing here is edited or deleted by anybody.

CREATE TABLE IF NOT EXISTS audit_blocks (
  block_no BIGINT NOT NULL COMMENT 'from 1, without gaps',
  encoding_version SMALLINT NOT NULL,
  after_entry_id BIGINT NOT NULL COMMENT 'the block holds the transactions whose leg 1 is an entry beyond this one',
  through_entry_id BIGINT NOT NULL COMMENT 'and up to this one',
  first_position BIGINT NOT NULL COMMENT 'place of the first transaction in the whole chain, from 1',
  transactions INT NOT NULL,
  previous_head CHAR(64) CHARACTER SET ascii NOT NULL,
  head CHAR(64) CHARACTER SET ascii NOT NULL COMMENT 'of the chain after the last transaction of the block, SHA-256 in hex',
  merkle_root CHAR(64) CHARACTER SET ascii NOT NULL COMMENT 'over the transactions of the block',
  sealed_at DATETIME(6) NOT NULL,
  PRIMARY KEY (block_no),
  UNIQUE KEY uq_audit_blocks_previous_head (previous_head),
  CONSTRAINT ck_audit_blocks_range CHECK (through_entry_id > after_entry_id),
  CONSTRAINT ck_audit_blocks_transactions CHECK (transactions > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The encodings a block was hashed from, one a line, deflated: they let an audit name what a changed transaction was. Not captured.
CREATE TABLE IF NOT EXISTS audit_evidence (
  block_no BIGINT NOT NULL,
  encodings MEDIUMBLOB NOT NULL,
  PRIMARY KEY (block_no),
  CONSTRAINT fk_audit_evidence_block FOREIGN KEY (block_no) REFERENCES audit_blocks (block_no)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS audit_days (
  day DATE NOT NULL COMMENT 'UTC day on which the blocks were sealed',
  first_block BIGINT NOT NULL,
  last_block BIGINT NOT NULL,
  transactions BIGINT NOT NULL,
  merkle_root CHAR(64) CHARACTER SET ascii NOT NULL COMMENT 'over the Merkle roots of the blocks of the day',
  head CHAR(64) CHARACTER SET ascii NOT NULL COMMENT 'of the chain at the end of the day',
  closed_at DATETIME(6) NOT NULL,
  PRIMARY KEY (day),
  UNIQUE KEY uq_audit_days_first_block (first_block),
  CONSTRAINT fk_audit_days_first FOREIGN KEY (first_block) REFERENCES audit_blocks (block_no),
  CONSTRAINT fk_audit_days_last FOREIGN KEY (last_block) REFERENCES audit_blocks (block_no)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

DELIMITER $$

-- Writing transactions that are open now, and the caller's own. A procedure, so that the caller needs no PROCESS privilege.
-- MySQL keeps this list for up to 0.1 s and longer while others read it: a caller that finds itself in it knows that it is newer than itself.
DROP PROCEDURE IF EXISTS audit_open_writers$$
CREATE PROCEDURE audit_open_writers()
  READS SQL DATA
BEGIN
  SELECT CAST(trx_id AS CHAR) AS id, trx_mysql_thread_id = CONNECTION_ID() AS own, TIMESTAMPDIFF(SECOND, trx_started, NOW()) AS seconds
  FROM information_schema.innodb_trx
  -- A transaction that has written nothing yet has an id from 2^48 on.
  WHERE trx_id < 281474976710656 OR trx_mysql_thread_id = CONNECTION_ID();
END$$

DROP TRIGGER IF EXISTS audit_blocks_before_update$$
CREATE TRIGGER audit_blocks_before_update BEFORE UPDATE ON audit_blocks FOR EACH ROW
  CALL ledger_refuse(CONCAT('audit block ', OLD.block_no, ' is sealed and cannot be changed'))$$

DROP TRIGGER IF EXISTS audit_blocks_before_delete$$
CREATE TRIGGER audit_blocks_before_delete BEFORE DELETE ON audit_blocks FOR EACH ROW
  CALL ledger_refuse(CONCAT('audit block ', OLD.block_no, ' is sealed and cannot be deleted'))$$

DROP TRIGGER IF EXISTS audit_evidence_before_update$$
CREATE TRIGGER audit_evidence_before_update BEFORE UPDATE ON audit_evidence FOR EACH ROW
  CALL ledger_refuse(CONCAT('the evidence of audit block ', OLD.block_no, ' cannot be changed'))$$

DROP TRIGGER IF EXISTS audit_evidence_before_delete$$
CREATE TRIGGER audit_evidence_before_delete BEFORE DELETE ON audit_evidence FOR EACH ROW
  CALL ledger_refuse(CONCAT('the evidence of audit block ', OLD.block_no, ' cannot be deleted'))$$

DROP TRIGGER IF EXISTS audit_days_before_update$$
CREATE TRIGGER audit_days_before_update BEFORE UPDATE ON audit_days FOR EACH ROW
  CALL ledger_refuse(CONCAT('the audit root of ', OLD.day, ' cannot be changed'))$$

DROP TRIGGER IF EXISTS audit_days_before_delete$$
CREATE TRIGGER audit_days_before_delete BEFORE DELETE ON audit_days FOR EACH ROW
  CALL ledger_refuse(CONCAT('the audit root of ', OLD.day, ' cannot be deleted'))$$

DELIMITER ;
