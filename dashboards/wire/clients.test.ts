// What real clients ask: psql's commands, Grafana's PostgreSQL data source, SQLAlchemy (Superset), JDBC tools (Metabase, DBeaver), pgx.

import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { psqlVersion, sqlstateOf, wireWorld, type WireWorld } from './testkit.ts';

let world: WireWorld;
let client: Client;

beforeAll(async () => {
  world = await wireWorld();
  client = await world.client();
});
afterAll(async () => world[Symbol.asyncDispose]());

const version = await psqlVersion();
const withPsql = version === undefined ? describe.skip : describe;

withPsql(version ?? 'psql is not installed: apt-get install postgresql-client', () => {
  it('connects without a warning and lists what there is', async () => {
    const { out, errors } = await world.psql('\\l', '\\dn', '\\dt gold.*', '\\dv silver.*', '\\conninfo');
    expect(errors).toBe('');
    expect(out).toContain('ledgerflow|ledgerflow|UTF8');
    expect(out).toContain('gold|daily_volumes|table|ledgerflow');
    expect(out).toContain('silver|accounts|view|ledgerflow');
    expect(out).not.toMatch(/_rows|_wire|pg_catalog/);
  });

  it('describes a table', async () => {
    const { out, errors } = await world.psql(
      '\\d gold.daily_volumes',
      '\\d+ gold.daily_volumes',
      '\\d silver.accounts',
      '\\d gold."odd name"',
    );
    expect(errors).toBe('');
    expect(out).toContain('volume|numeric(38,4)|||');
    expect(out).toContain('seen_at|timestamp with time zone|||');
    expect(out).toContain('a column|integer|||');
  });

  it.each([
    '\\d',
    '\\dt+ *.*',
    '\\di',
    '\\ds',
    '\\dm',
    '\\df',
    '\\du',
    '\\dT',
    '\\dx',
    '\\dn+',
    '\\dp',
    '\\db',
    '\\dD',
    '\\dC',
    '\\des',
    '\\dRp',
    '\\sf now',
  ])('%s', async (command) => {
    expect((await world.psql(command)).errors.replace('Did not find any relations.\n', '')).toBe('');
  });

  it('shows the tables of the search path with their comments', async () => {
    const { out } = await world.psql('\\dt+');
    expect(out).toContain('gold|daily_volumes|table|ledgerflow|permanent|heap|0 bytes|Volume per day and status');
  });

  it('selects, copies, explains', async () => {
    const { out, errors } = await world.psql(
      `SELECT account_id, balance FROM silver.accounts WHERE account_id = 3`,
      `\\copy (SELECT account_id, owner, NULL AS nothing FROM silver.accounts ORDER BY 1 LIMIT 2) TO STDOUT CSV HEADER`,
      `COPY (SELECT 'a' || chr(9) || 'b', NULL) TO STDOUT`,
      `COPY gold.daily_volumes TO STDOUT WITH (FORMAT csv, DELIMITER ';')`,
      `EXPLAIN SELECT 1`,
    );
    expect(errors).toBe('');
    expect(out).toContain(
      'account_id|balance\n3|3.7500\naccount_id,owner,nothing\n0,owner 0,\n1,owner 1,\na\\tb\t\\N\n2026-01-01;failed;0;0.0000\n',
    );
    expect(out).toContain('QUERY PLAN');
  });

  it('shows errors with their hint', async () => {
    const { errors } = await world.psql('DELETE FROM gold.daily_volumes');
    expect(errors).toContain('ERROR:  DELETE is not allowed: this endpoint is read-only\nHINT:');
  });
});

const SEARCH_PATH = `quote_ident(table_schema) IN (SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
  FROM generate_series(array_lower(string_to_array(current_setting('search_path'),','),1), array_upper(string_to_array(current_setting('search_path'),','),1)) as i,
  string_to_array(current_setting('search_path'),',') s)`;

describe('Grafana', () => {
  it('finds version, tables and columns', async () => {
    expect((await client.query(`SELECT current_setting('server_version_num')::int/100 as version`)).rows).toEqual([{ version: 1400 }]);
    expect((await client.query(`SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'`)).rows).toEqual([]);
    const tables =
      await client.query(`SELECT CASE WHEN ${SEARCH_PATH} THEN quote_ident(table_name) ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS "table"
      FROM information_schema.tables WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog', '_timescaledb_cache') ORDER BY CASE WHEN ${SEARCH_PATH} THEN 0 ELSE 1 END, 1`);
    const names = tables.rows.map((row) => row.table);
    expect(names).toEqual(expect.arrayContaining(['daily_volumes', 'accounts', '"odd name"', 'commits']));
    const columns = await client.query(`SELECT quote_ident(column_name) AS "column", data_type AS "type" FROM information_schema.columns
      WHERE CASE WHEN array_length(parse_ident('gold.daily_volumes'),1) = 2
        THEN quote_ident(table_schema) = (parse_ident('gold.daily_volumes'))[1] AND quote_ident(table_name) = (parse_ident('gold.daily_volumes'))[2]
        ELSE quote_ident(table_name) = 'gold.daily_volumes' AND ${SEARCH_PATH} END`);
    expect(columns.rows).toEqual([
      { column: 'day', type: 'date' },
      { column: 'status', type: 'text' },
      { column: 'payments', type: 'bigint' },
      { column: 'volume', type: 'numeric' },
    ]);
  });

  it.each([
    // $__timeFilter, $__timeGroupAlias, $__unixEpochFilter, $__timeFrom as the data source expands them.
    `SELECT floor(extract(epoch from seen_at)/60)*60 AS "time", active::text AS metric, count(*) AS value FROM silver.accounts
      WHERE seen_at BETWEEN '2026-01-01T00:00:00Z' AND '2026-01-01T06:00:00.123Z' GROUP BY 1, 2 ORDER BY 1, 2`,
    `SELECT to_timestamp(floor(extract(epoch from opened_at)/300)*300) AS "time", sum(balance) FROM silver.accounts WHERE opened_at >= '2026-01-01T00:00:00Z' AND opened_at < now() GROUP BY 1`,
    `SELECT day AS "time", volume FROM gold.daily_volumes WHERE day BETWEEN '2026-01-01T00:00:00Z' AND '2026-02-01T00:00:00Z' ORDER BY day`,
    `SELECT date_trunc('month', day) AS m, sum(volume) FROM gold.daily_volumes WHERE status ILIKE 'POST%' GROUP BY 1`,
    `SELECT d.day, coalesce(v.payments, 0) FROM generate_series('2026-01-01'::timestamp, '2026-01-10'::timestamp, interval '1 day') AS d(day) LEFT JOIN gold.daily_volumes v ON v.day = d.day::date`,
    `SELECT seen_at AT TIME ZONE 'Asia/Kolkata', (now() - interval '1 day')::date, extract(dow from day) FROM silver.accounts, gold.daily_volumes LIMIT 1`,
    `SELECT time_bucket('1 hour', seen_at) AS t, percentile_cont(0.5) WITHIN GROUP (ORDER BY balance) FROM silver.accounts GROUP BY 1`,
    `SELECT * FROM ( SELECT status FROM gold.daily_volumes ) AS subquery LIMIT 10`,
    `SELECT i, i * 2 AS twice FROM generate_series(1, 3) AS i`,
  ])('%s', async (sql) => {
    const { rows } = await client.query(sql);
    expect(rows.length).toBeGreaterThan(0);
  });

  it('matches regular expressions anywhere in the text, as PostgreSQL does', async () => {
    const { rows } = await client.query(
      `SELECT 'abc' ~ 'b' AS a, 'abc' !~ '^b' AS b, 'abc' ~* 'B' AS c, count(*)::INTEGER AS n FROM gold.daily_volumes WHERE status ~ 'ost'`,
    );
    expect(rows).toEqual([{ a: true, b: true, c: true, n: 243 }]);
  });
});

describe('SQLAlchemy and Superset', () => {
  it.each([
    `select pg_catalog.version()`,
    `show standard_conforming_strings`,
    `SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname NOT LIKE 'pg_%' ORDER BY nspname`,
    `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'gold' AND c.relkind in ('r', 'p')`,
    `SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
      WHERE pg_catalog.pg_class.relname = 'daily_volumes' AND pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p', 'f', 'v', 'm']) AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid)`,
    `SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d
        WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef) AS DEFAULT, a.attnotnull, a.attrelid as table_oid, pgd.description as comment, a.attgenerated as generated
      FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_description pgd ON (pgd.objoid = a.attrelid AND pgd.objsubid = a.attnum)
      WHERE a.attrelid = (SELECT oid FROM pg_class WHERE relname = 'daily_volumes' LIMIT 1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    `select current_schema()`,
    `SELECT CAST('test plain returns' AS VARCHAR(60)) AS anon_1`,
    `SHOW TRANSACTION ISOLATION LEVEL`,
  ])('%s', async (sql) => {
    expect((await client.query(sql)).rows.length).toBeGreaterThan(0);
  });
});

/** What SQLAlchemy 2.1's inspector asked of this schema, recorded: schemas, tables, views, columns, keys, indexes, comments, types, options. */
const INSPECTOR = JSON.parse(readFileSync(new URL('testdata/sqlalchemy-2.1.json', import.meta.url), 'utf8')) as string[];

describe('SQLAlchemy 2.1 (recorded)', () => {
  it.each(INSPECTOR)('%s', async (sql) => {
    expect((await client.query(sql)).fields.length).toBeGreaterThan(0);
  });
});

describe('Grafana 13, over the extended protocol', () => {
  it('lists schemas, tables and columns', async () => {
    const schemas = `SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT LIKE 'pg_%' AND schema_name != 'information_schema' ORDER BY schema_name`;
    expect((await client.query(schemas)).rows.map((row) => row.schema_name)).toEqual(['bronze', 'gold', 'ops', 'silver']);
    const tables = `SELECT table_name FROM information_schema.tables WHERE table_schema = $1 AND table_type IN ('BASE TABLE', 'VIEW') ORDER BY table_name`;
    expect((await client.query(tables, ['gold'])).rows.map((row) => row.table_name)).toEqual(['certificates', 'daily_volumes', 'odd name']);
    const columns = `SELECT column_name, data_type, udt_name, numeric_precision, numeric_scale FROM information_schema.columns
      WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position`;
    expect((await client.query(columns, ['gold', 'daily_volumes'])).rows.at(-1)).toMatchObject({
      column_name: 'volume',
      udt_name: 'numeric',
      numeric_scale: 4,
    });
  });
});

describe('JDBC tools: Metabase, DBeaver', () => {
  it.each([
    `SET extra_float_digits = 3`,
    `SET application_name = 'PostgreSQL JDBC Driver'`,
    `SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY`,
    `SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, c.relname AS TABLE_NAME, CASE n.nspname ~ '^pg_' OR n.nspname = 'information_schema' WHEN true THEN 'SYSTEM TABLE' ELSE 'TABLE' END AS TABLE_TYPE,
      d.description AS REMARKS FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 and d.classoid = 'pg_class'::regclass)
      WHERE c.relnamespace = n.oid AND n.nspname LIKE 'gold' ORDER BY TABLE_TYPE, TABLE_SCHEM, TABLE_NAME`,
    `SELECT nspname AS TABLE_SCHEM, NULL AS TABLE_CATALOG FROM pg_catalog.pg_namespace WHERE nspname <> 'pg_toast' AND (nspname !~ '^pg_temp_' OR nspname = (pg_catalog.current_schemas(true))[1]) ORDER BY TABLE_SCHEM`,
    `SELECT t.typname, t.oid FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON (t.typnamespace = n.oid) WHERE n.nspname != 'pg_toast' AND t.typname = 'numeric'`,
    `SELECT db.oid, db.* FROM pg_catalog.pg_database db WHERE datallowconn AND NOT datistemplate ORDER BY db.datname`,
    `SELECT current_schema(), session_user`,
    `SELECT n.oid, n.*, d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = n.oid AND d.objsubid = 0 AND d.classoid = 'pg_namespace'::regclass ORDER BY nspname`,
    `SELECT c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid) as partition_expr, pg_catalog.pg_get_partkeydef(c.oid) as partition_key FROM pg_catalog.pg_class c
      LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass WHERE c.relkind not in ('i', 'I', 'c')`,
    `select tc.constraint_name from information_schema.table_constraints tc where tc.table_schema = 'gold'`,
    `SELECT table_schema, table_name, column_name, udt_name FROM information_schema.columns WHERE table_schema NOT IN ('information_schema') AND ordinal_position = 1`,
    `SELECT has_table_privilege('gold.daily_volumes', 'SELECT'), has_schema_privilege('gold', 'USAGE')`,
    `SELECT 'gold.daily_volumes'::regclass::oid, 1700::regtype, c.oid::regclass FROM pg_class c WHERE c.oid = 'gold.daily_volumes'::regclass`,
  ])('%s', async (sql) => {
    expect(await sqlstateOf(client.query(sql))).toBe('answered');
  });
});

describe('information_schema and pg_catalog', () => {
  it('know one database and no internal schema', async () => {
    expect((await client.query('SELECT datname, current_database() AS here FROM pg_database')).rows).toEqual([
      { datname: 'ledgerflow', here: 'ledgerflow' },
    ]);
    for (const source of [
      'information_schema.schemata',
      'pg_catalog.pg_namespace',
      'information_schema.tables',
      'information_schema.columns',
      'pg_tables',
      'pg_views',
      'pg_class',
    ]) {
      const { rows } = await client.query(`SELECT * FROM ${source}`);
      expect(rows.length, source).toBeGreaterThan(1);
      expect(JSON.stringify(rows), source).not.toMatch(/"_(rows|wire|bronze|gone|past)|wire_/);
    }
  });

  it('show a table the processor makes while a client is connected', async () => {
    await world.writer.run('CREATE TABLE gold.newborn (x INTEGER NOT NULL)');
    expect((await client.query(`SELECT is_nullable FROM information_schema.columns WHERE table_name = 'newborn'`)).rows).toEqual([
      { is_nullable: 'NO' },
    ]);
    await world.writer.run('DROP TABLE gold.newborn');
  });
});
