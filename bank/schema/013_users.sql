-- Users and what they set for themselves. Rows that hold secrets stand in tables of their own, which are never captured (EXCLUDED_TABLES).

CREATE TABLE IF NOT EXISTS users (
  user_id BIGINT NOT NULL AUTO_INCREMENT,
  customer_id BIGINT NULL COMMENT 'whose accounts the user reaches; NULL for operators',
  email VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'in lower case',
  role VARCHAR(12) CHARACTER SET ascii NOT NULL DEFAULT 'customer',
  status VARCHAR(8) CHARACTER SET ascii NOT NULL DEFAULT 'active',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (user_id),
  UNIQUE KEY uq_users_email (email),
  UNIQUE KEY uq_users_customer (customer_id),
  CONSTRAINT fk_users_customer FOREIGN KEY (customer_id) REFERENCES customers (customer_id),
  CONSTRAINT ck_users_role CHECK (role IN ('customer', 'operator')),
  CONSTRAINT ck_users_customer CHECK (role <> 'customer' OR customer_id IS NOT NULL),
  CONSTRAINT ck_users_status CHECK (status IN ('active', 'blocked'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 AUTO_INCREMENT = 101;

-- Not captured.
CREATE TABLE IF NOT EXISTS user_credentials (
  user_id BIGINT NOT NULL,
  password_hash VARCHAR(255) CHARACTER SET ascii NOT NULL COMMENT 'scrypt with its parameters and salt',
  changed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (user_id),
  CONSTRAINT fk_credentials_user FOREIGN KEY (user_id) REFERENCES users (user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Not captured. By e-mail address, whether it has a user or not: a lock does not tell which addresses exist.
CREATE TABLE IF NOT EXISTS login_attempts (
  email_hash BINARY(32) NOT NULL,
  attempts INT NOT NULL,
  last_at DATETIME(6) NOT NULL,
  locked_until DATETIME(6) NULL,
  PRIMARY KEY (email_hash),
  KEY ix_login_attempts_last (last_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Not captured. A login and everything refreshed from it; ended by logout, by a refresh token used twice, or by time.
CREATE TABLE IF NOT EXISTS user_sessions (
  session_id CHAR(36) CHARACTER SET ascii NOT NULL,
  user_id BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  ended_at DATETIME(6) NULL,
  ended_by VARCHAR(16) CHARACTER SET ascii NULL,
  PRIMARY KEY (session_id),
  KEY ix_sessions_ended (ended_at),
  CONSTRAINT fk_sessions_user FOREIGN KEY (user_id) REFERENCES users (user_id),
  CONSTRAINT ck_sessions_ended CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Not captured. Only the SHA-256 of a token is kept; each is good for one use.
CREATE TABLE IF NOT EXISTS refresh_tokens (
  token_hash BINARY(32) NOT NULL,
  session_id CHAR(36) CHARACTER SET ascii NOT NULL,
  issued_at DATETIME(6) NOT NULL,
  used_at DATETIME(6) NULL,
  PRIMARY KEY (token_hash),
  KEY ix_refresh_session (session_id),
  CONSTRAINT fk_refresh_session FOREIGN KEY (session_id) REFERENCES user_sessions (session_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Not captured.
CREATE TABLE IF NOT EXISTS service_keys (
  key_id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  secret_hash BINARY(32) NOT NULL COMMENT 'SHA-256 of 256 random bits',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  revoked_at DATETIME(6) NULL,
  PRIMARY KEY (key_id),
  UNIQUE KEY uq_service_keys_name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS budgets (
  budget_id BIGINT NOT NULL AUTO_INCREMENT,
  customer_id BIGINT NOT NULL,
  category VARCHAR(40) NOT NULL,
  month CHAR(7) CHARACTER SET ascii NOT NULL COMMENT 'YYYY-MM, UTC',
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  limit_amount DECIMAL(20, 4) NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (budget_id),
  UNIQUE KEY uq_budgets (customer_id, month, category, currency),
  CONSTRAINT fk_budgets_customer FOREIGN KEY (customer_id) REFERENCES customers (customer_id),
  CONSTRAINT fk_budgets_currency FOREIGN KEY (currency) REFERENCES currencies (code),
  CONSTRAINT ck_budgets_limit CHECK (limit_amount > 0),
  CONSTRAINT ck_budgets_month CHECK (month RLIKE '^[0-9]{4}-(0[1-9]|1[0-2])$')
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS watch_lists (
  watch_list_id BIGINT NOT NULL AUTO_INCREMENT,
  customer_id BIGINT NOT NULL,
  name VARCHAR(64) NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (watch_list_id),
  UNIQUE KEY uq_watch_lists (customer_id, name),
  CONSTRAINT fk_watch_lists_customer FOREIGN KEY (customer_id) REFERENCES customers (customer_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS watch_list_items (
  watch_list_id BIGINT NOT NULL,
  symbol VARCHAR(12) CHARACTER SET ascii NOT NULL,
  added_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (watch_list_id, symbol),
  CONSTRAINT fk_watch_list_items FOREIGN KEY (watch_list_id) REFERENCES watch_lists (watch_list_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS price_alerts (
  price_alert_id BIGINT NOT NULL AUTO_INCREMENT,
  customer_id BIGINT NOT NULL,
  symbol VARCHAR(12) CHARACTER SET ascii NOT NULL,
  direction VARCHAR(5) CHARACTER SET ascii NOT NULL,
  price DECIMAL(20, 4) NOT NULL,
  enabled TINYINT NOT NULL DEFAULT 1,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (price_alert_id),
  KEY ix_price_alerts_customer (customer_id),
  KEY ix_price_alerts_symbol (symbol),
  CONSTRAINT fk_price_alerts_customer FOREIGN KEY (customer_id) REFERENCES customers (customer_id),
  CONSTRAINT ck_price_alerts_direction CHECK (direction IN ('above', 'below')),
  CONSTRAINT ck_price_alerts_price CHECK (price > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
