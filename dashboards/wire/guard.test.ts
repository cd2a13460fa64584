// Attacks: everything a reader might try in order to write, to leave the database, or to look behind the views.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TABLE_FUNCTIONS } from './judge.ts';
import { sqlstateOf, wireWorld, type WireWorld } from './testkit.ts';

let world: WireWorld;
let client: Client;

beforeAll(async () => {
  world = await wireWorld();
  client = await world.client();
  await writeFile(path.join(world.folder, 'secret.csv'), 'password\nhunter2\n');
  await writeFile(path.join(world.folder, 'csv'), 'password\nhunter2\n');
});
afterAll(async () => world[Symbol.asyncDispose]());

const WRITES = [
  `INSERT INTO gold.daily_volumes VALUES (NULL, NULL, 1, 1)`,
  `UPDATE gold.daily_volumes SET payments = 0`,
  `DELETE FROM gold.daily_volumes`,
  `MERGE INTO gold.daily_volumes USING silver.accounts ON true WHEN MATCHED THEN DELETE`,
  `TRUNCATE gold.daily_volumes`,
  `DROP TABLE gold.daily_volumes`,
  `CREATE TABLE gold.x AS SELECT 1`,
  `CREATE TEMP TABLE x AS SELECT 1`,
  `CREATE OR REPLACE VIEW silver.accounts AS SELECT 1`,
  `CREATE MACRO gold.f(x) AS x`,
  `CREATE SECRET (TYPE s3)`,
  `ALTER TABLE gold.daily_volumes ADD COLUMN x INT`,
  `COMMENT ON TABLE gold.daily_volumes IS 'x'`,
  `ATTACH ':memory:' AS x`,
  `DETACH ledgerflow`,
  `USE _wire`,
  `COPY gold.daily_volumes TO '/tmp/x.csv'`,
  `COPY (SELECT 1) TO '/tmp/x.csv'`,
  `COPY gold.daily_volumes FROM '/etc/passwd'`,
  `COPY (SELECT 1) TO PROGRAM 'id'`,
  `EXPORT DATABASE '/tmp/x'`,
  `IMPORT DATABASE '/tmp/x'`,
  `INSTALL httpfs`,
  `LOAD httpfs`,
  `CALL pragma_version()`,
  `PRAGMA database_list`,
  `PRAGMA memory_limit='1GB'`,
  `CHECKPOINT`,
  `FORCE CHECKPOINT`,
  `VACUUM`,
  `ANALYZE`,
  `PREPARE p AS DELETE FROM gold.daily_volumes`,
  `EXECUTE p`,
  `BEGIN READ WRITE`,
  `SET TRANSACTION READ WRITE`,
  `EXPLAIN ANALYZE INSERT INTO gold.daily_volumes VALUES (NULL, NULL, 1, 1)`,
  `EXPLAIN ANALYZE DELETE FROM gold.daily_volumes`,
  `WITH x AS (DELETE FROM gold.daily_volumes RETURNING *) SELECT * FROM x`,
  `SELECT 1; DELETE FROM gold.daily_volumes`,
  `SELECT 1 /* ; */; DROP TABLE gold.daily_volumes; --`,
  `SELECT $$;$$; DROP TABLE gold.daily_volumes`,
  `SELECT E'\\''; DROP TABLE gold.daily_volumes; --'`,
  `SELECT "a;"";" FROM (SELECT 1 AS "a;"";"); DROP TABLE gold.daily_volumes`,
  `PIVOT gold.daily_volumes ON status`,
  `SELECT nextval('x')`,
  `SELECT write_log('x')`,
];

const FILES = [
  `SELECT * FROM read_csv('{dir}/secret.csv')`,
  `SELECT * FROM READ_CSV_AUTO('{dir}/secret.csv')`,
  `SELECT * FROM "read_csv"('{dir}/secret.csv')`,
  `SELECT * FROM main.read_text('{dir}/secret.csv')`,
  `SELECT * FROM system.main.read_text('{dir}/secret.csv')`,
  `SELECT * FROM read_blob('{dir}/*')`,
  `SELECT * FROM read_parquet('{dir}/segment.parquet')`,
  `SELECT * FROM parquet_metadata('{dir}/segment.parquet')`,
  `SELECT * FROM read_json('{dir}/x.json')`,
  `SELECT * FROM glob('{dir}/*')`,
  `SELECT * FROM sniff_csv('{dir}/secret.csv')`,
  `SELECT * FROM '{dir}/secret.csv'`,
  `FROM '{dir}/secret.csv'`,
  `TABLE '{dir}/secret.csv'`,
  `DESCRIBE '{dir}/secret.csv'`,
  `SUMMARIZE '{dir}/secret.csv'`,
  `SUMMARIZE SELECT * FROM '{dir}/secret.csv'`,
  `EXPLAIN SELECT * FROM '{dir}/secret.csv'`,
  `COPY (SELECT * FROM '{dir}/secret.csv') TO STDOUT`,
  `COPY '{dir}/secret.csv' TO STDOUT`,
  `SELECT (SELECT count(*) FROM '{dir}/secret.csv')`,
  `SELECT 1 WHERE EXISTS (FROM '{dir}/secret.csv')`,
  `WITH x AS (FROM '{dir}/secret.csv') SELECT * FROM x`,
  `SELECT * FROM "{dir}/secret.csv", (WITH "{dir}/secret.csv" AS (SELECT 1) SELECT 1) y`,
  `SELECT * FROM gold.csv`,
  `SELECT * FROM secret.csv`,
  `SELECT * FROM range(1) r, LATERAL (SELECT * FROM read_text('{dir}/secret.csv')) t`,
  `SELECT * FROM gold.daily_volumes SEMI JOIN '{dir}/secret.csv' ON true`,
  `SELECT * FROM (VALUES ((SELECT content FROM read_text('{dir}/secret.csv')))) v`,
  `SELECT 1 ORDER BY (SELECT count(*) FROM read_text('{dir}/secret.csv'))`,
  `SELECT 1 LIMIT (SELECT count(*) FROM read_text('{dir}/secret.csv'))`,
  `SELECT count(*) OVER (ORDER BY (SELECT count(*) FROM read_text('{dir}/secret.csv')))`,
  `SELECT CASE WHEN true THEN (SELECT count(*) FROM read_text('{dir}/secret.csv')) END`,
  `SELECT list_transform([1], lambda x: (SELECT count(*) FROM read_text('{dir}/secret.csv')))`,
  `FROM (SELECT 1 AS a) PIVOT (sum(a) FOR a IN (SELECT content FROM read_text('{dir}/secret.csv')))`,
  `SELECT * FROM query('SELECT 1')`,
  `SELECT * FROM query_table('{dir}/secret.csv')`,
  `SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))`,
  `SELECT * FROM histogram('{dir}/secret.csv', 'x')`,
  `SELECT * FROM sql_auto_complete('SEL')`,
];

const INSIDE = [
  `SELECT * FROM _rows.accounts`,
  `SELECT * FROM ledgerflow._rows.accounts`,
  `SELECT * FROM "_rows"."accounts"`,
  `SELECT * FROM _ROWS.accounts`,
  `SELECT * FROM _bronze.tail`,
  `DESCRIBE _rows.accounts`,
  `SHOW _rows.accounts`,
  `COPY _rows.accounts TO STDOUT`,
  `SELECT * FROM _wire.pg.pg_class`,
  `SELECT * FROM wire_relations`,
  `SELECT _wire.pg.setting_of('x')`,
  `SELECT * FROM duckdb_settings()`,
  `SELECT * FROM duckdb_secrets()`,
  `SELECT * FROM duckdb_tables()`,
  `SELECT * FROM duckdb_tables`,
  `SELECT * FROM main.duckdb_tables`,
  `SELECT * FROM system.main.duckdb_tables`,
  `SELECT * FROM sqlite_master`,
  `SELECT * FROM pragma_database_list`,
  `SELECT * FROM system.information_schema.tables`,
  `SELECT * FROM duckdb_logs`,
  `SELECT * FROM checkpoint()`,
  `SELECT * FROM force_checkpoint('ledgerflow')`,
  `SELECT * FROM enable_logging()`,
  `SELECT * FROM pragma_storage_info('gold.daily_volumes')`,
  `SELECT * FROM pragma_table_info('_rows.accounts')`,
  `SELECT getenv('HOME')`,
  `SELECT getvariable('wire_settings')`,
  `SELECT json_serialize_plan('SELECT 1')`,
  `SELECT * FROM lake.bronze.changes`,
  `SET memory_limit = '1GB'`,
  `SET GLOBAL threads = 1`,
  `SET VARIABLE x = 1`,
  `RESET threads`,
  `SHOW memory_limit`,
];

/** Refused, and not by accident: any of the codes for forbidden, unknown or not understood. */
const REFUSALS = ['25006', '42501', '42601', '42P01', '42704', '42883', '0A000'];

describe('refuses', () => {
  it.each(WRITES)('%s', async (sql) => {
    expect(REFUSALS).toContain(await sqlstateOf(client.query(sql)));
    expect(REFUSALS).toContain(await sqlstateOf(client.query({ text: sql, values: [], rowMode: 'array', name: '' })));
  });

  it.each([...FILES, ...INSIDE])('%s', async (sql) => {
    const text = sql.replaceAll('{dir}', world.folder);
    expect(REFUSALS).toContain(await sqlstateOf(client.query(text)));
    expect(REFUSALS).toContain(await sqlstateOf(client.query('BEGIN; ' + text)));
    await client.query('ROLLBACK');
  });

  it('every table function of the engine that is not on the short list', async () => {
    const result = await world.writer.runAndReadAll(
      `SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type IN ('table', 'table_macro')`,
    );
    const names = result.getRows().map(([name]) => String(name));
    expect(names.length).toBeGreaterThan(50);
    const answers = await Promise.all(
      names.filter((name) => !TABLE_FUNCTIONS.has(name)).map(async (name) => sqlstateOf(client.query(`SELECT * FROM ${name}('x')`))),
    );
    expect(new Set(answers)).toEqual(new Set(['42501']));
  });

  it('and nothing has changed after all of it', async () => {
    const { rows } = await client.query('SELECT count(*)::INTEGER AS n, sum(payments)::INTEGER AS payments FROM gold.daily_volumes');
    expect(rows).toEqual([{ n: 365, payments: 66_430 }]);
  });
});

describe('allows', () => {
  it.each([
    `SELECT * FROM bronze.changes`,
    `SELECT * FROM ledgerflow.gold.daily_volumes LIMIT 1`,
    `SELECT * FROM daily_volumes LIMIT 1`,
    `SELECT * FROM gold."odd name"`,
    `TABLE gold.daily_volumes`,
    `FROM gold.daily_volumes`,
    `(SELECT 1) UNION ALL (SELECT 2)`,
    `WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r`,
    `WITH a AS MATERIALIZED (SELECT 1 AS x), b AS (SELECT * FROM a) SELECT * FROM b JOIN a USING (x)`,
    `SELECT owner, row_number() OVER (PARTITION BY active ORDER BY balance DESC) FROM silver.accounts QUALIFY row_number() OVER () < 3`,
    `SELECT status, sum(volume) FILTER (WHERE payments > 3) FROM gold.daily_volumes GROUP BY ROLLUP (status) HAVING count(*) > 1 ORDER BY ALL`,
    `SELECT * FROM gold.daily_volumes ASOF JOIN (SELECT DATE '2026-03-01' AS day) x USING (day)`,
    `SELECT * EXCLUDE (volume), COLUMNS('vol.*') FROM gold.daily_volumes LIMIT 1`,
    `SELECT [x * 2 for x in [1, 2, 3]], {'a': 1}.a, unnest([1, 2])`,
    `FROM gold.daily_volumes PIVOT (sum(payments) FOR status IN ('posted', 'failed')) LIMIT 1`,
    `SELECT * FROM silver.accounts TABLESAMPLE 1%`,
    `SELECT * FROM generate_series(1, 3) WITH ORDINALITY`,
    `SELECT * FROM json_each('{"a": 1}')`,
    `VALUES (1, 'a'), (2, 'b')`,
    `SELECT 'DROP TABLE x; --', "odd" FROM (SELECT 1 AS "odd")`,
  ])('%s', async (sql) => {
    expect(await sqlstateOf(client.query(sql))).toBe('answered');
  });
});
