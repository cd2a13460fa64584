-- The market: instruments, their simulated prices, and paper trades with the quantities held. Prices are written by the simulator alone
-- (bank/market), on its own schedule; the cash of a trade is a transaction like any other.

CREATE TABLE IF NOT EXISTS instruments (
  symbol VARCHAR(12) CHARACTER SET ascii NOT NULL,
  name VARCHAR(80) NOT NULL,
  kind VARCHAR(8) CHARACTER SET ascii NOT NULL,
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  initial_price DECIMAL(20, 4) NOT NULL COMMENT 'the price at tick 0',
  drift DECIMAL(9, 6) NOT NULL COMMENT 'expected logarithmic growth a year',
  volatility DECIMAL(9, 6) NOT NULL COMMENT 'standard deviation of the logarithmic return of a year',
  enabled TINYINT NOT NULL DEFAULT 1,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (symbol),
  CONSTRAINT fk_instruments_currency FOREIGN KEY (currency) REFERENCES currencies (code),
  CONSTRAINT ck_instruments_kind CHECK (kind IN ('stock', 'fund', 'bond', 'metal')),
  CONSTRAINT ck_instruments_price CHECK (initial_price > 0),
  CONSTRAINT ck_instruments_volatility CHECK (volatility >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS market_prices (
  symbol VARCHAR(12) CHARACTER SET ascii NOT NULL,
  tick BIGINT NOT NULL COMMENT 'from 0, without gaps: price number tick of the symbol',
  price DECIMAL(20, 4) NOT NULL,
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  priced_at DATETIME(6) NOT NULL,
  PRIMARY KEY (symbol, tick),
  KEY ix_market_prices_time (symbol, priced_at),
  CONSTRAINT fk_market_prices_symbol FOREIGN KEY (symbol) REFERENCES instruments (symbol),
  CONSTRAINT ck_market_prices_price CHECK (price > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS trades (
  trade_id BIGINT NOT NULL AUTO_INCREMENT,
  account_id BIGINT NOT NULL COMMENT 'that pays or receives the cash',
  customer_id BIGINT NOT NULL,
  symbol VARCHAR(12) CHARACTER SET ascii NOT NULL,
  side VARCHAR(4) CHARACTER SET ascii NOT NULL,
  quantity DECIMAL(20, 8) NOT NULL,
  price DECIMAL(20, 4) NOT NULL COMMENT 'of one unit',
  amount DECIMAL(20, 4) NOT NULL COMMENT 'quantity x price, rounded to the currency; that of the cash transaction',
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  price_tick BIGINT NOT NULL COMMENT 'the tick of market_prices the price comes from',
  transaction_id BIGINT NOT NULL COMMENT 'the cash leg',
  traded_at DATETIME(6) NOT NULL,
  PRIMARY KEY (trade_id),
  UNIQUE KEY uq_trades_transaction (transaction_id),
  KEY ix_trades_customer (customer_id, traded_at),
  KEY ix_trades_account (account_id, symbol),
  CONSTRAINT fk_trades_account FOREIGN KEY (account_id) REFERENCES accounts (account_id),
  CONSTRAINT fk_trades_transaction FOREIGN KEY (transaction_id) REFERENCES transactions (transaction_id),
  CONSTRAINT fk_trades_price FOREIGN KEY (symbol, price_tick) REFERENCES market_prices (symbol, tick),
  CONSTRAINT ck_trades_side CHECK (side IN ('buy', 'sell')),
  CONSTRAINT ck_trades_quantity CHECK (quantity > 0),
  CONSTRAINT ck_trades_amount CHECK (amount > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- A cached row, like accounts.balance: locked and constrained; the truth is the trades. Nobody sells what he has not got.
CREATE TABLE IF NOT EXISTS holdings (
  account_id BIGINT NOT NULL,
  symbol VARCHAR(12) CHARACTER SET ascii NOT NULL,
  quantity DECIMAL(20, 8) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (account_id, symbol),
  CONSTRAINT fk_holdings_account FOREIGN KEY (account_id) REFERENCES accounts (account_id),
  CONSTRAINT fk_holdings_symbol FOREIGN KEY (symbol) REFERENCES instruments (symbol),
  CONSTRAINT ck_holdings_quantity CHECK (quantity >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

INSERT IGNORE INTO instruments (symbol, name, kind, currency, initial_price, drift, volatility) VALUES
  ('ACME', 'Acme Industries', 'stock', 'USD', 148.2000, 0.070000, 0.280000),
  ('BLUE', 'Blue Harbour Shipping', 'stock', 'USD', 36.4500, 0.050000, 0.340000),
  ('CLOUD', 'Cloudline Software', 'stock', 'USD', 412.9000, 0.110000, 0.420000),
  ('GRID', 'Gridworks Energy', 'stock', 'USD', 71.1500, 0.040000, 0.180000),
  ('HELIX', 'Helix Pharma', 'stock', 'USD', 95.6000, 0.060000, 0.370000),
  ('WRLD', 'World Share Fund', 'fund', 'USD', 101.2500, 0.065000, 0.150000),
  ('USTB', 'Treasury Bond Fund', 'bond', 'USD', 98.4000, 0.030000, 0.050000),
  ('GOLD', 'Gold, one gram', 'metal', 'USD', 134.8000, 0.035000, 0.160000),
  ('DECCAN', 'Deccan Motors', 'stock', 'INR', 1240.5000, 0.090000, 0.310000),
  ('MONSUN', 'Monsoon Agro', 'stock', 'INR', 318.7500, 0.070000, 0.290000),
  ('BHARAT', 'Bharat Share Fund', 'fund', 'INR', 210.1000, 0.085000, 0.170000);

DELIMITER $$

DROP TRIGGER IF EXISTS market_prices_before_update$$
CREATE TRIGGER market_prices_before_update BEFORE UPDATE ON market_prices FOR EACH ROW
  CALL ledger_refuse(CONCAT('price ', OLD.tick, ' of ', OLD.symbol, ' is published and cannot be changed'))$$

DROP TRIGGER IF EXISTS trades_before_update$$
CREATE TRIGGER trades_before_update BEFORE UPDATE ON trades FOR EACH ROW
  CALL ledger_refuse(CONCAT('trade ', OLD.trade_id, ' is done and cannot be changed; trade the other way'))$$

DROP TRIGGER IF EXISTS trades_before_delete$$
CREATE TRIGGER trades_before_delete BEFORE DELETE ON trades FOR EACH ROW
  CALL ledger_refuse(CONCAT('trade ', OLD.trade_id, ' is done and cannot be deleted; trade the other way'))$$

DELIMITER ;
