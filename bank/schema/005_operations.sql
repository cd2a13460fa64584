-- Tables of the pipeline's own: freshness heartbeat, barriers (marker rows for exact cuts), Debezium's signals.

CREATE TABLE IF NOT EXISTS heartbeat (
  id INT NOT NULL,
  beat BIGINT NOT NULL,
  beaten_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS barriers (
  barrier_id BIGINT NOT NULL AUTO_INCREMENT,
  token VARCHAR(64) CHARACTER SET ascii NOT NULL,
  purpose VARCHAR(64) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (barrier_id),
  UNIQUE KEY uq_barriers_token (token)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE IF NOT EXISTS debezium_signal (
  id VARCHAR(64) NOT NULL,
  type VARCHAR(32) NOT NULL,
  data VARCHAR(2048) NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
