-- Who takes part: customers, merchants, devices. Seed columns first, the rest is optional for a plain client.

CREATE TABLE IF NOT EXISTS customers (
  customer_id BIGINT NOT NULL AUTO_INCREMENT,
  first_name VARCHAR(80) NOT NULL DEFAULT '',
  last_name VARCHAR(80) NOT NULL DEFAULT '',
  email VARCHAR(254) NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  city VARCHAR(80) NULL,
  country CHAR(2) CHARACTER SET ascii NULL,
  PRIMARY KEY (customer_id),
  KEY ix_customers_email (email)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 AUTO_INCREMENT = 1001;

CREATE TABLE IF NOT EXISTS merchants (
  merchant_id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(120) NOT NULL,
  mcc CHAR(4) CHARACTER SET ascii NULL,
  category VARCHAR(40) NOT NULL DEFAULT 'unclassified',
  city VARCHAR(80) NULL,
  country CHAR(2) CHARACTER SET ascii NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (merchant_id),
  CONSTRAINT ck_merchants_mcc CHECK (mcc RLIKE '^[0-9]{4}$')
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS devices (
  device_id BIGINT NOT NULL AUTO_INCREMENT,
  customer_id BIGINT NULL,
  kind VARCHAR(16) NOT NULL DEFAULT 'phone',
  os VARCHAR(40) NULL,
  fingerprint VARCHAR(64) CHARACTER SET ascii NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (device_id),
  CONSTRAINT fk_devices_customer FOREIGN KEY (customer_id) REFERENCES customers (customer_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
