// Physical layout of the working store (one DuckDB file). Schemas that begin with "_" are internal;
// readers see bronze, silver, gold and ops only.
//
// Per captured table T with key columns K (deferred delete, docs/adr/0004):
//   _rows.T   every version not yet folded: T's columns + _op, _pos, _commit, _ts ('d' rows carry the before image)
//   _gone.T   superseded marks: K + _pos, _commit. A version is dead when its key has a mark with a greater _pos
//   _past.T   folded versions, same columns as _rows.T plus _gone_commit (the commit that superseded them)
//   silver.T          live rows: the version with the greatest _pos per key, unless it is a delete
//   _rows."T@next" …  the same for a held table that is read again, or one that is read in bulk; it takes T's place when that has ended
//   silver.T_history  every version with _op, _pos, _commit, _valid_from, _valid_to

/** Bookkeeping columns of _rows.T, in order, after T's own columns. */
export const VERSION_COLUMNS = [
  { name: '_op', type: 'VARCHAR', meaning: "c create, u update, r snapshot read, d delete (the row's last image)" },
  {
    name: '_pos',
    type: 'BIGINT',
    meaning: 'source position: transaction sequence << 24 | order inside the transaction; negative for snapshot rows',
  },
  { name: '_commit', type: 'BIGINT', meaning: 'the commit of the working store that wrote the version' },
  { name: '_ts', type: 'TIMESTAMP', meaning: 'time of the change in MySQL, UTC' },
] as const;

/** Why a bronze row did or did not change silver (G2: the five add up to the rows fetched). */
export const DISPOSITIONS = ['applied', 'duplicate', 'tombstone', 'control', 'parked'] as const;

// ops.parked: status parked (cannot be read or applied), waiting (behind a parked record of its key), redriven (applied later, by the
// commit resolved_commit), discarded (by hand, with a reason) or superseded (a delete, TRUNCATE, DROP or new snapshot made it irrelevant).
// ops.redrives: one row per re-drive or discard. Versions in silver and its history = applied (ops.commits) + redriven (ops.redrives).
// ops.verifications: one row per table, layer and comparison with MySQL; ops.verified_through: the last equal one of each table.
// ops.bulk_parts: what a bulk read (ops.rereads.bulk) has brought so far.
// ops.deadletters: number of the parked record that was produced to the dead-letter topic last.
export const STORE_DDL = `
CREATE SCHEMA IF NOT EXISTS _bronze; CREATE SCHEMA IF NOT EXISTS _rows; CREATE SCHEMA IF NOT EXISTS _gone; CREATE SCHEMA IF NOT EXISTS _past;
CREATE SCHEMA IF NOT EXISTS bronze; CREATE SCHEMA IF NOT EXISTS silver; CREATE SCHEMA IF NOT EXISTS gold; CREATE SCHEMA IF NOT EXISTS ops;
CREATE TABLE IF NOT EXISTS ops.state (epoch BIGINT NOT NULL, commit_id BIGINT NOT NULL, seq BIGINT NOT NULL, gtid VARCHAR, binlog_file VARCHAR, binlog_pos BIGINT,
  committed_at TIMESTAMPTZ, chain VARCHAR NOT NULL, phase VARCHAR NOT NULL, server_uuid VARCHAR);
CREATE TABLE IF NOT EXISTS ops.topics (topic_id INTEGER NOT NULL, topic VARCHAR NOT NULL, table_name VARCHAR);
CREATE TABLE IF NOT EXISTS ops.topic_identities (topic_id INTEGER NOT NULL, kafka_id VARCHAR NOT NULL, partitions INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ops.offsets (topic_id INTEGER NOT NULL, partition INTEGER NOT NULL, next_offset BIGINT NOT NULL, mark_seq BIGINT NOT NULL, mark_ord INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ops.commits (commit_id BIGINT NOT NULL, seq BIGINT NOT NULL, gtid VARCHAR, committed_at TIMESTAMPTZ NOT NULL, bronze_rows BIGINT NOT NULL,
  applied BIGINT NOT NULL, duplicates BIGINT NOT NULL, tombstones BIGINT NOT NULL, control BIGINT NOT NULL, parked BIGINT NOT NULL, chain VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS ops.table_schemas (table_name VARCHAR NOT NULL, version INTEGER NOT NULL, seq BIGINT NOT NULL, commit_id BIGINT NOT NULL, ddl VARCHAR, schema_json VARCHAR NOT NULL);
ALTER TABLE ops.table_schemas ADD COLUMN IF NOT EXISTS held BOOLEAN DEFAULT false;
CREATE TABLE IF NOT EXISTS ops.held_tables (table_name VARCHAR NOT NULL, code VARCHAR NOT NULL, reason VARCHAR NOT NULL, ddl VARCHAR NOT NULL, seq BIGINT NOT NULL, commit_id BIGINT NOT NULL,
  held_at TIMESTAMPTZ NOT NULL, records BIGINT NOT NULL, schema_json VARCHAR NOT NULL, released_commit BIGINT, released_at TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS ops.rereads (signal_id VARCHAR NOT NULL, table_name VARCHAR NOT NULL, seq BIGINT NOT NULL, commit_id BIGINT NOT NULL, started_at TIMESTAMPTZ NOT NULL,
  in_place BOOLEAN NOT NULL, status VARCHAR NOT NULL, ended_commit BIGINT, ended_at TIMESTAMPTZ);
ALTER TABLE ops.rereads ADD COLUMN IF NOT EXISTS keys VARCHAR; ALTER TABLE ops.rereads ADD COLUMN IF NOT EXISTS bulk BOOLEAN DEFAULT false;
CREATE TABLE IF NOT EXISTS ops.bulk_parts (signal_id VARCHAR NOT NULL, part INTEGER NOT NULL, rows BIGINT NOT NULL, loaded_at TIMESTAMPTZ NOT NULL);
CREATE OR REPLACE VIEW bronze.schemas AS SELECT topic, s.table_name, version, from_seq, lead(from_seq) OVER (PARTITION BY topic ORDER BY from_seq) AS to_seq, ddl, schema_json
  FROM (SELECT table_name, seq AS from_seq, max(version) AS version, arg_max(ddl, version) AS ddl, arg_max(schema_json, version) AS schema_json FROM ops.table_schemas GROUP BY table_name, seq) s
  JOIN ops.topics t ON t.table_name = s.table_name;
CREATE TABLE IF NOT EXISTS ops.snapshots (table_name VARCHAR NOT NULL, generation VARCHAR NOT NULL, commit_id BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.segments (file VARCHAR NOT NULL, first_commit BIGINT NOT NULL, last_commit BIGINT NOT NULL, rows BIGINT NOT NULL, bytes BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.parked (parked_id BIGINT NOT NULL, topic VARCHAR NOT NULL, partition INTEGER NOT NULL, kafka_offset BIGINT NOT NULL, table_name VARCHAR, key BLOB,
  reason VARCHAR NOT NULL, detail VARCHAR NOT NULL, value BLOB, seq BIGINT NOT NULL, ord INTEGER NOT NULL, commit_id BIGINT NOT NULL, parked_at TIMESTAMPTZ NOT NULL, status VARCHAR NOT NULL);
ALTER TABLE ops.parked ADD COLUMN IF NOT EXISTS op VARCHAR; ALTER TABLE ops.parked ADD COLUMN IF NOT EXISTS other_key BLOB; ALTER TABLE ops.parked ADD COLUMN IF NOT EXISTS headers VARCHAR;
ALTER TABLE ops.parked ADD COLUMN IF NOT EXISTS resolved_at TIMESTAMPTZ; ALTER TABLE ops.parked ADD COLUMN IF NOT EXISTS resolved_by VARCHAR;
ALTER TABLE ops.parked ADD COLUMN IF NOT EXISTS resolution VARCHAR; ALTER TABLE ops.parked ADD COLUMN IF NOT EXISTS resolved_commit BIGINT;
CREATE TABLE IF NOT EXISTS ops.redrives (commit_id BIGINT, redriven BIGINT NOT NULL, discarded BIGINT NOT NULL, requested_by VARCHAR NOT NULL, reason VARCHAR, requested_at TIMESTAMPTZ NOT NULL);
CREATE TABLE IF NOT EXISTS ops.deadletters (produced_id BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.gold_state (commit_id BIGINT NOT NULL, gtid VARCHAR, refreshed_at TIMESTAMPTZ, held_since TIMESTAMPTZ, held_reason VARCHAR);
CREATE TABLE IF NOT EXISTS ops.gold_turns (model VARCHAR NOT NULL, commit_id BIGINT NOT NULL, gtid VARCHAR, finished_at TIMESTAMPTZ NOT NULL, duration_ms BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.checks (check_name VARCHAR NOT NULL, model VARCHAR, severity VARCHAR NOT NULL, passed BOOLEAN NOT NULL, observed VARCHAR, expected VARCHAR,
  commit_id BIGINT NOT NULL, checked_at TIMESTAMPTZ NOT NULL);
CREATE TABLE IF NOT EXISTS ops.publications (publication_id BIGINT NOT NULL, commit_id BIGINT NOT NULL, gold_commit_id BIGINT NOT NULL, gtid VARCHAR, lake_snapshot BIGINT NOT NULL,
  published_at TIMESTAMPTZ NOT NULL, bronze_rows BIGINT NOT NULL, silver_rows BIGINT NOT NULL, gold_rows BIGINT NOT NULL, duration_ms BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.verifications (run_id VARCHAR NOT NULL, table_name VARCHAR NOT NULL, layer VARCHAR NOT NULL, status VARCHAR NOT NULL, reason VARCHAR, gtid VARCHAR,
  seq BIGINT NOT NULL, commit_id BIGINT NOT NULL, rows BIGINT NOT NULL, digest HUGEINT, differences VARCHAR NOT NULL, duration_ms BIGINT NOT NULL, verified_at TIMESTAMPTZ NOT NULL,
  requested_by VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS gold.certificates (certificate_id VARCHAR NOT NULL, created_at TIMESTAMPTZ NOT NULL, gtid VARCHAR NOT NULL, seq BIGINT NOT NULL, commit_id BIGINT NOT NULL,
  entries BIGINT NOT NULL, merkle_root VARCHAR NOT NULL, accounts BIGINT NOT NULL, compared_with_source BOOLEAN NOT NULL, chain VARCHAR NOT NULL, requested_by VARCHAR NOT NULL,
  certificate VARCHAR NOT NULL);
CREATE OR REPLACE VIEW ops.verified_through AS SELECT table_name, seq, gtid, rows, digest, verified_at FROM ops.verifications
  WHERE layer = 'store' AND status = 'equal' QUALIFY row_number() OVER (PARTITION BY table_name ORDER BY seq DESC, verified_at DESC) = 1;
CREATE TABLE IF NOT EXISTS _bronze.tail (commit_id BIGINT NOT NULL, topic VARCHAR NOT NULL, partition INTEGER NOT NULL, kafka_offset BIGINT NOT NULL, kafka_ts TIMESTAMP NOT NULL,
  seq BIGINT NOT NULL, ord INTEGER NOT NULL, op VARCHAR, disposition VARCHAR NOT NULL, key BLOB, value BLOB, headers VARCHAR);
`;
