-- The bank itself: customer 800 and, per enabled currency, eight accounts with the ids house_base + role:
-- 1 float, 2 settlement, 3 fees, 4 cashback, 5 fx, 6 opening equity, 7 interest, 8 adjustments. USD 801..808, INR 811..818.
-- CALL ledger_enable_currency('EUR') adds the next one.
DELIMITER $$

DROP PROCEDURE IF EXISTS ledger_enable_currency$$
CREATE PROCEDURE ledger_enable_currency(IN p_code CHAR(3) CHARACTER SET ascii)
BEGIN
  DECLARE v_base BIGINT;
  DECLARE v_known CHAR(3) CHARACTER SET ascii;
  SELECT code, house_base INTO v_known, v_base FROM currencies WHERE code = p_code AND minor_units IS NOT NULL FOR UPDATE;
  IF v_known IS NULL THEN CALL ledger_refuse(CONCAT('currency ', p_code, ' is unknown or has no minor units')); END IF;
  IF v_base IS NULL THEN
    SELECT COALESCE(MAX(house_base) + 10, 800) INTO v_base FROM currencies;
    IF v_base > 990 THEN CALL ledger_refuse('no house account ids are left: at most 20 currencies can be enabled'); END IF;
  END IF;
  UPDATE currencies SET enabled = 1, house_base = v_base WHERE code = p_code;
  INSERT IGNORE INTO accounts (account_id, customer_id, account_type, currency, label) VALUES
    (v_base + 1, 800, 'house_float', v_known, CONCAT('Float ', v_known)),
    (v_base + 2, 800, 'house_settlement', v_known, CONCAT('Merchant settlement ', v_known)),
    (v_base + 3, 800, 'house_fees', v_known, CONCAT('Fee income ', v_known)),
    (v_base + 4, 800, 'house_cashback', v_known, CONCAT('Cashback ', v_known)),
    (v_base + 5, 800, 'house_fx', v_known, CONCAT('Currency exchange ', v_known)),
    (v_base + 6, 800, 'house_equity', v_known, CONCAT('Opening equity ', v_known)),
    (v_base + 7, 800, 'house_interest', v_known, CONCAT('Interest ', v_known)),
    (v_base + 8, 800, 'house_adjustment', v_known, CONCAT('Adjustments ', v_known));
END$$

DELIMITER ;

INSERT IGNORE INTO customers (customer_id, first_name, last_name) VALUES (800, 'LedgerFlow', 'Bank');
CALL ledger_enable_currency('USD');
CALL ledger_enable_currency('INR');
