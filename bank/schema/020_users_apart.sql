-- Users, what proves who they are, and service keys move to a database of their own, `<bank>_auth`: the bank's clients may read and change
-- every table of the bank's database, and only the service may touch these. It is not captured.
DELIMITER $$

DROP PROCEDURE IF EXISTS ledger_move_users$$
CREATE PROCEDURE ledger_move_users()
BEGIN
  DECLARE v_table VARCHAR(64) CHARACTER SET utf8mb4;
  DECLARE v_done BOOLEAN DEFAULT FALSE;
  DECLARE tables_here CURSOR FOR SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()
    AND TABLE_NAME IN ('users', 'user_credentials', 'login_attempts', 'user_sessions', 'refresh_tokens', 'service_keys');
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_done = TRUE;
  SET @ledger_statement = CONCAT('CREATE DATABASE IF NOT EXISTS `', REPLACE(DATABASE(), '`', '``'), '_auth` CHARACTER SET utf8mb4');
  PREPARE statement FROM @ledger_statement;
  EXECUTE statement;
  SET SESSION foreign_key_checks = OFF;
  OPEN tables_here;
  moving: LOOP
    FETCH tables_here INTO v_table;
    IF v_done THEN LEAVE moving; END IF;
    -- There already: an earlier migration was repeated after this one, and its empty table goes.
    SET @ledger_statement = CONCAT('SELECT COUNT(*) INTO @ledger_rows FROM ', v_table);
    PREPARE statement FROM @ledger_statement;
    EXECUTE statement;
    IF @ledger_rows = 0 AND EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = CONCAT(DATABASE(), '_auth') AND TABLE_NAME = v_table) THEN
      SET @ledger_statement = CONCAT('DROP TABLE ', v_table);
      PREPARE statement FROM @ledger_statement;
      EXECUTE statement;
      ITERATE moving;
    END IF;
    SET @ledger_statement = CONCAT('RENAME TABLE ', v_table, ' TO `', REPLACE(DATABASE(), '`', '``'), '_auth`.', v_table);
    PREPARE statement FROM @ledger_statement;
    EXECUTE statement;
  END LOOP;
  CLOSE tables_here;
  SET SESSION foreign_key_checks = ON;
  DEALLOCATE PREPARE statement;
END$$
CALL ledger_move_users()$$
DROP PROCEDURE ledger_move_users$$

DELIMITER ;
