-- What the generator has written of each seeded world, so that a load that was cut off goes on where it stopped. Not captured: bookkeeping.

CREATE TABLE IF NOT EXISTS generator_worlds (
  world_id BIGINT NOT NULL AUTO_INCREMENT,
  seed BIGINT NOT NULL,
  customers INT NOT NULL,
  from_at DATETIME(6) NOT NULL,
  until_at DATETIME(6) NOT NULL COMMENT 'end of the history',
  fraud_rate DOUBLE NOT NULL,
  fault_rate DOUBLE NOT NULL,
  lanes SMALLINT NOT NULL,
  first_customer BIGINT NOT NULL,
  first_account BIGINT NOT NULL,
  first_merchant BIGINT NOT NULL,
  first_device BIGINT NOT NULL,
  first_card BIGINT NOT NULL,
  loaded_at DATETIME(6) NULL COMMENT 'when the history was complete and checked',
  live_events BIGINT NULL COMMENT 'events of the plan that are sent, counted from its beginning; NULL until the world goes live',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (world_id),
  UNIQUE KEY uq_generator_worlds (seed, customers, from_at, fraud_rate, fault_rate)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Transaction ids taken for a world, in blocks of one size.
CREATE TABLE IF NOT EXISTS generator_blocks (
  world_id BIGINT NOT NULL,
  block_no INT NOT NULL,
  first_id BIGINT NOT NULL,
  PRIMARY KEY (world_id, block_no),
  CONSTRAINT fk_generator_blocks_world FOREIGN KEY (world_id) REFERENCES generator_worlds (world_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Moves in the same database transaction as the rows it counts.
CREATE TABLE IF NOT EXISTS generator_lanes (
  world_id BIGINT NOT NULL,
  lane SMALLINT NOT NULL,
  steps BIGINT NOT NULL COMMENT 'movements and devices of the lane that are written',
  PRIMARY KEY (world_id, lane),
  CONSTRAINT fk_generator_lanes_world FOREIGN KEY (world_id) REFERENCES generator_worlds (world_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
