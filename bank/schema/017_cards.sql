-- Payment cards: reference data like devices. A movement names the card it was made with in transactions.metadata (card_id).

CREATE TABLE IF NOT EXISTS cards (
  card_id BIGINT NOT NULL AUTO_INCREMENT,
  account_id BIGINT NOT NULL,
  customer_id BIGINT NOT NULL,
  kind VARCHAR(8) CHARACTER SET ascii NOT NULL,
  network VARCHAR(16) NOT NULL,
  last4 CHAR(4) CHARACTER SET ascii NOT NULL,
  expires_on DATE NOT NULL,
  status VARCHAR(8) CHARACTER SET ascii NOT NULL DEFAULT 'active',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (card_id),
  KEY ix_cards_account (account_id),
  CONSTRAINT fk_cards_account FOREIGN KEY (account_id) REFERENCES accounts (account_id),
  CONSTRAINT fk_cards_customer FOREIGN KEY (customer_id) REFERENCES customers (customer_id),
  CONSTRAINT ck_cards_kind CHECK (kind IN ('debit', 'credit')),
  CONSTRAINT ck_cards_last4 CHECK (last4 RLIKE '^[0-9]{4}$'),
  CONSTRAINT ck_cards_status CHECK (status IN ('active', 'blocked', 'expired'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
