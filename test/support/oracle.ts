// One judge for every end-to-end and fault test: silver equals MySQL row by row, bronze accounts for every Kafka message,
// gold equals what the entries say.

import type mysql from 'mysql2/promise';
import type pg from 'pg';
import { EXCLUDED_TABLES } from '../../cdc/connector/config.ts';
import type { TestPipeline } from './pipeline.ts';

/** Tables that change by themselves while a test looks. */
const RESTLESS = new Set(['heartbeat', ...EXCLUDED_TABLES]);

/** @returns one line per violation; empty when everything holds */
export async function violations(pipeline: TestPipeline): Promise<string[]> {
  await pipeline.caughtUp();
  const source = await pipeline.root();
  const lake = await pipeline.sql();
  try {
    return [...(await silverViolations(source, lake)), ...(await bronzeViolations(lake)), ...(await goldViolations(lake))];
  } finally {
    source.destroy();
    await lake.end();
  }
}

async function silverViolations(source: mysql.Connection, lake: pg.Client): Promise<string[]> {
  const [tables] = await source.query<mysql.RowDataPacket[]>(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'`,
  );
  const found: string[] = [];
  for (const { name } of tables as { name: string }[]) if (!RESTLESS.has(name)) found.push(...(await tableViolations(source, lake, name)));
  return found;
}

async function tableViolations(source: mysql.Connection, lake: pg.Client, table: string): Promise<string[]> {
  const [columns] = await source.query<mysql.RowDataPacket[]>(
    `SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
    [table],
  );
  const names = (columns as { name: string }[]).map(({ name }) => name);
  const [rows] = await source.query<mysql.RowDataPacket[][]>({
    sql: `SELECT ${names.map((name) => `\`${name}\``).join(', ')} FROM \`${table}\``,
    rowsAsArray: true,
  });
  const copied = await lake.query<unknown[]>({
    text: `SELECT ${names.map((name) => `"${name}"`).join(', ')} FROM silver."${table}"`,
    rowMode: 'array',
  });
  const wanted = bag(rows);
  const got = bag(copied.rows);
  const missing = [...wanted].filter(([row, count]) => (got.get(row) ?? 0) < count).map(([row]) => `${table}: missing in silver: ${row}`);
  const extra = [...got].filter(([row, count]) => (wanted.get(row) ?? 0) < count).map(([row]) => `${table}: too much in silver: ${row}`);
  return [...missing.slice(0, 3), ...extra.slice(0, 3)];
}

function bag(rows: readonly (readonly unknown[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const text = row.map(canonical).join('|');
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

/** The same text for the same value from either side: times without trailing zeros, JSON without white space. */
function canonical(value: unknown): string {
  if (value === null || value === undefined) return '∅';
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (/^[[{]/.test(text)) return sortedJson(text);
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text) ? text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') : text;
}

function sortedJson(text: string): string {
  const sort = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sort);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [key, sort(inner)]),
    );
  };
  return JSON.stringify(sort(JSON.parse(text)));
}

async function bronzeViolations(lake: pg.Client): Promise<string[]> {
  const queries: Record<string, string> = {
    'G1 offsets are not contiguous': `SELECT topic, partition FROM bronze.changes GROUP BY ALL
      HAVING count(*) <> max(kafka_offset) - min(kafka_offset) + 1 OR count(DISTINCT kafka_offset) <> count(*) OR min(kafka_offset) <> 0`,
    'G2 dispositions do not add up': `SELECT commit_id FROM ops.commits WHERE bronze_rows <> applied + duplicates + tombstones + control + parked`,
    'G2 bronze rows and commits differ': `SELECT c.n, b.n FROM (SELECT sum(bronze_rows) AS n FROM ops.commits) c, (SELECT count(*) AS n FROM bronze.changes) b,
      (SELECT max(commit_id) AS m FROM ops.commits) m WHERE c.n < b.n OR c.n - b.n > 100`,
  };
  return failing(lake, queries);
}

async function goldViolations(lake: pg.Client): Promise<string[]> {
  const signed = `CASE posting_type WHEN 'CREDIT' THEN amount ELSE -amount END`;
  return failing(lake, {
    'G6 entries do not sum to zero': `SELECT transaction_id, currency FROM silver.ledger_entries GROUP BY ALL HAVING sum(${signed}) <> 0`,
    'balances differ from entries': `SELECT a.account_id FROM silver.accounts a JOIN (SELECT account_id, sum(${signed}) AS s FROM silver.ledger_entries GROUP BY 1) e USING (account_id)
      WHERE a.balance IS NOT NULL AND a.balance <> e.s`,
    'closing balances differ from entries': `SELECT g.account_id FROM (SELECT account_id, arg_max(closing, day) AS c FROM gold.daily_account_balances GROUP BY 1) g
      JOIN (SELECT account_id, sum(${signed}) AS s FROM silver.ledger_entries GROUP BY 1) e USING (account_id) WHERE g.c <> e.s`,
    'facts and silver differ': `SELECT f.n, s.n FROM (SELECT count(*) AS n FROM gold.fct_ledger_entries) f, (SELECT count(*) AS n FROM silver.ledger_entries) s WHERE f.n <> s.n`,
  });
}

async function failing(lake: pg.Client, queries: Readonly<Record<string, string>>): Promise<string[]> {
  const found: string[] = [];
  for (const [name, sql] of Object.entries(queries)) {
    const { rows } = await lake.query<object>(sql);
    if (rows.length > 0) found.push(`${name}: ${JSON.stringify(rows.slice(0, 3))}`);
  }
  return found;
}
