// Which movements a run must look at, and with what history. Due are those that its commits wrote, and those behind them in time that share
// a customer, account, merchant or device with them: a late movement is history to what was evaluated before it came.

import type { DuckDBConnection } from '@duckdb/node-api';
import { readSchemas } from '../../lake/store/state.ts';
import type { JobContext } from '../jobs/job.ts';
import { silverTransactionsSql, type SilverShape } from './silver.ts';

/** Movements of one evaluation: bounds its memory. */
const CHUNK_ROWS_MAX = 200_000;
/** Up to so many due movements their history is picked by entity; beyond, nearly all entities are among them. */
const PICKED_ROWS_MAX = 25_000;
/** What merchants and devices did is looked at for this long (features); customers and accounts as rules ask. */
const SHARED_LOOKBACK_DAYS = 30;

const READ = ['transactions', 'accounts', 'merchants', 'ledger_entries'];
const SYSTEM_TYPES = `('OPENING', 'INTEREST', 'FEE', 'CASHBACK', 'ADJUSTMENT')`;

/** Instants as SQL: movements after `after`, up to `upTo`. */
export interface Chunk {
  readonly after: string;
  readonly upTo: string;
  readonly rows: number;
}

/** Columns of the captured tables, asked of the views themselves: the catalog's functions would hold every attached database. */
export async function readShape(connection: DuckDBConnection): Promise<SilverShape> {
  return shapeOf(connection, await readSchemas(connection));
}

/** The same of tables that are known to be there. */
export async function shapeOf(connection: DuckDBConnection, captured: { has(table: string): boolean }): Promise<SilverShape> {
  const shape = new Map<string, ReadonlySet<string>>();
  for (const table of READ.filter((name) => captured.has(name)))
    shape.set(table, new Set((await connection.runAndReadAll(`SELECT * FROM silver.${table} LIMIT 0`)).columnNames()));
  return shape;
}

/** Fills temp.fraud_due (transaction_id, event_ts, again): again when it may have been evaluated before. @returns its chunks in order of time */
export async function findDue(context: JobContext, shape: SilverShape): Promise<Chunk[]> {
  const { connection, previous } = context;
  const column = (name: string): string => (shape.get('transactions')?.has(name) === true ? name : `NULL::BIGINT AS ${name}`);
  const ids = ['customer_id', 'account_id', 'counter_account_id', 'merchant_id', 'device_id'].map(column).join(', ');
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_changed AS
    SELECT transaction_id, ${ids}, CAST(event_ts AS TIMESTAMP) AS event_ts, _op, _pos FROM ${context.changes('transactions')}`);
  const isAgain = previous === null ? 'false' : `bool_or(_op <> 'c')`;
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_due AS
    SELECT transaction_id, arg_max(event_ts, _pos) AS event_ts, ${isAgain} AS again FROM temp.fraud_changed GROUP BY transaction_id`);
  if (previous !== null) await connection.run(`INSERT INTO temp.fraud_due ${laterSql(shape)}`);
  return chunks(connection);
}

/** Movements behind the changed ones in time, of the same customer, account, merchant or device. */
function laterSql(shape: SilverShape): string {
  const has = (name: string): boolean => shape.get('transactions')?.has(name) === true;
  const house =
    shape.get('accounts')?.has('account_type') === true
      ? `SELECT account_id FROM silver.accounts WHERE account_type LIKE 'house%'`
      : 'SELECT 0';
  const since = (columns: readonly string[]): string =>
    `(SELECT id, min(event_ts) AS since FROM (${columns.map((name) => `SELECT ${name} AS id, event_ts FROM temp.fraud_changed WHERE ${name} IS NOT NULL`).join(' UNION ALL ')}) GROUP BY id)`;
  const accounts = ['account_id', 'counter_account_id'].filter(has);
  const found = [
    ...['customer_id', 'merchant_id', 'device_id']
      .filter(has)
      .map(
        (name) => `SELECT t.transaction_id, t.event_ts FROM behind t JOIN ${since([name])} s ON t.${name} = s.id AND t.event_ts > s.since`,
      ),
    ...accounts.map(
      (name) =>
        `SELECT t.transaction_id, t.event_ts FROM behind t JOIN (SELECT * FROM ${since(accounts)} WHERE id NOT IN (${house})) s ON t.${name} = s.id AND t.event_ts > s.since`,
    ),
  ];
  return `WITH behind AS (SELECT * FROM silver.transactions WHERE event_ts > (SELECT min(event_ts) FROM temp.fraud_changed) AND transaction_id NOT IN (SELECT transaction_id FROM temp.fraud_changed))
SELECT DISTINCT transaction_id, CAST(event_ts AS TIMESTAMP), true FROM (${found.join(' UNION ALL ')})`;
}

/** Cuts the due movements by time; those of one instant stay together. */
async function chunks(connection: DuckDBConnection): Promise<Chunk[]> {
  const counted = await connection.runAndReadAll('SELECT count(*) FROM temp.fraud_due');
  const parts = Math.ceil(Number(counted.getRows()[0]?.[0] ?? 0) / CHUNK_ROWS_MAX);
  if (parts === 0) return [];
  const shares = Array.from({ length: parts }, (_, index) => (index + 1) / parts).join(', ');
  const reader =
    await connection.runAndReadAll(`WITH cuts AS (SELECT DISTINCT unnest(quantile_disc(event_ts, [${shares}])) AS up_to FROM temp.fraud_due),
    ranges AS (SELECT coalesce(lag(up_to) OVER (ORDER BY up_to), TIMESTAMP '0001-01-01') AS after, up_to FROM cuts)
    SELECT CAST(after AS VARCHAR), CAST(up_to AS VARCHAR), count(d.transaction_id) FROM ranges JOIN temp.fraud_due d ON d.event_ts > after AND d.event_ts <= up_to GROUP BY after, up_to ORDER BY after`);
  return reader.getRows().map(([after, upTo, rows]) => ({
    ...{ after: `TIMESTAMP '${after as string}'`, upTo: `TIMESTAMP '${upTo as string}'`, rows: Number(rows) },
  }));
}

/** First movement that is not the bank's own, as SQL: before it nothing is known. */
export async function recordedSince(connection: DuckDBConnection, shape: SilverShape): Promise<string> {
  const people = shape.get('transactions')?.has('type') === true ? ` WHERE type NOT IN ${SYSTEM_TYPES}` : '';
  const reader = await connection.runAndReadAll(
    `SELECT CAST(coalesce(min(CAST(event_ts AS TIMESTAMP)), TIMESTAMP '1970-01-01') AS VARCHAR) FROM silver.transactions${people}`,
  );
  return `TIMESTAMP '${reader.getRows()[0]?.[0] as string}'`;
}

/** Fills temp.fraud_chunk (transaction_id as text, event_ts, again). @returns the relation of its movements with their history */
export async function chunkRelation(
  context: JobContext,
  shape: SilverShape,
  { chunk, lookbackMinutes }: { readonly chunk: Chunk; readonly lookbackMinutes: number },
): Promise<string> {
  const { connection, position } = context;
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_chunk AS
    SELECT CAST(transaction_id AS VARCHAR) AS transaction_id, transaction_id AS id, event_ts, again FROM temp.fraud_due WHERE event_ts > ${chunk.after} AND event_ts <= ${chunk.upTo}`);
  const first = `(SELECT min(event_ts) FROM temp.fraud_chunk)`;
  const inTime = `t.event_ts > ${first} - INTERVAL ${lookbackMinutes} MINUTE AND t.event_ts <= ${chunk.upTo}`;
  const picked = chunk.rows > PICKED_ROWS_MAX ? 'true' : await pickEntities(connection, shape, first);
  return silverTransactionsSql({
    shape,
    where: `${inTime} AND (${picked})`,
    entriesWhere: `e.transaction_id BETWEEN (SELECT min(id) FROM temp.fraud_chunk) AND (SELECT max(id) FROM temp.fraud_chunk) AND e.transaction_id IN (SELECT id FROM temp.fraud_chunk)`,
    recordedSince: await recordedSince(connection, shape),
    position: position.commitId,
  });
}

/** Customers, accounts, merchants and devices of the chunk in temp tables. @returns condition over t: it is history to one of them */
async function pickEntities(connection: DuckDBConnection, shape: SilverShape, first: string): Promise<string> {
  const has = (name: string): boolean => shape.get('transactions')?.has(name) === true;
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_movers AS SELECT t.* FROM silver.transactions t
    WHERE t.event_ts >= ${first} AND t.transaction_id IN (SELECT id FROM temp.fraud_chunk)`);
  const house =
    shape.get('accounts')?.has('account_type') === true
      ? ` AND id NOT IN (SELECT account_id FROM silver.accounts WHERE account_type LIKE 'house%')`
      : '';
  const distinct = (columns: readonly string[]): string =>
    columns
      .filter(has)
      .map((name) => `SELECT ${name} AS id FROM temp.fraud_movers`)
      .join(' UNION ');
  const accounts = ['account_id', 'counter_account_id'].filter(has);
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE fraud_accounts AS SELECT id FROM (${distinct(accounts)}) WHERE id IS NOT NULL${house}`,
  );
  const shared = `t.event_ts > ${first} - INTERVAL ${SHARED_LOOKBACK_DAYS} DAY`;
  const conditions = accounts.map((name) => `t.${name} IN (SELECT id FROM temp.fraud_accounts)`);
  if (has('customer_id')) conditions.push('t.customer_id IN (SELECT customer_id FROM temp.fraud_movers)');
  for (const name of ['merchant_id', 'device_id'].filter(has))
    conditions.push(`(${shared} AND t.${name} IN (SELECT ${name} FROM temp.fraud_movers))`);
  return conditions.join(' OR ');
}
