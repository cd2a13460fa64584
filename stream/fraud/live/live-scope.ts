// Which movements a run must look at, and with what history. Due are those that its commits wrote, and those behind them in time that share
// a customer, account, merchant or device with them: a late movement is history to what was evaluated before it came.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { JobContext } from '../../jobs/job.ts';
import { CANONICAL_COLUMNS, CANONICAL_NAMES } from '../canonical.ts';
import { changedOf, keepHistory } from './history.ts';
import { CITIES, HOUSE_ACCOUNTS, type LiveFacts } from './live-state.ts';
import { silverTransactionsSql, type SilverShape } from './silver.ts';

/** Movements of one evaluation: bounds its memory. */
const CHUNK_ROWS_MAX = 200_000;
/** The same for pairs of a movement and one of its customer's, or its account's: a collection account has thousands of movements an hour. */
const CHUNK_PAIRS_MAX = 10_000_000;
/** A chunk is not cut below this. */
const CHUNK_ROWS_MIN = 200;
/** Ids that entities are found by, in silver.transactions. */
const ENTITY_IDS = ['customer_id', 'account_id', 'counter_account_id', 'merchant_id', 'device_id'] as const;

/** Instants as SQL: movements after `after`, up to `upTo`, of which `first` is the earliest. */
export interface Chunk {
  readonly after: string;
  readonly first: string;
  readonly upTo: string;
  readonly rows: number;
  /** Those that were evaluated before. */
  readonly again: number;
}

/** Fills temp.fraud_due (transaction_id, event_ts, again): again when it may have been evaluated before. @returns its chunks in order of time */
export async function findDue(context: JobContext, facts: LiveFacts): Promise<Chunk[]> {
  const { connection, previous } = context;
  const { shape } = facts;
  const has = (name: string): boolean => shape.get('transactions')?.has(name) === true;
  const own = (name: string): string => (has(name) ? name : `NULL::BIGINT AS ${name}`);
  const column = (name: string): string =>
    name !== 'customer_id' ? own(name) : `${has(name) ? 'coalesce(customer_id, account_id)' : 'account_id'} AS customer_id`;
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_changed AS
    SELECT transaction_id, ${ENTITY_IDS.map(column).join(', ')}, CAST(event_ts AS TIMESTAMP) AS event_ts, _op, _pos FROM ${context.changes('transactions')}`);
  const changed = await changedOf(connection);
  await keepHistory(context, facts, changed);
  const isAgain = previous === null ? 'false' : `bool_or(_op <> 'c')`;
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_due AS
    SELECT transaction_id, arg_max(event_ts, _pos) AS event_ts, ${isAgain} AS again FROM temp.fraud_changed GROUP BY transaction_id`);
  if (previous !== null && changed.first !== null && (await isAnythingBehind(connection, changed.first)))
    await connection.run(`INSERT INTO temp.fraud_due ${laterSql(shape)}`);
  return chunksOf(connection);
}

/** Is there a movement behind the first changed one that is not changed itself? Mostly not: movements come in order. */
async function isAnythingBehind(connection: DuckDBConnection, first: string): Promise<boolean> {
  const found = await connection.runAndReadAll(
    `SELECT 1 FROM ops.fraud_history t WHERE t.event_ts > ${first} AND t.transaction_id NOT IN (SELECT transaction_id FROM temp.fraud_due) LIMIT 1`,
  );
  return found.currentRowCount > 0;
}

/** Movements behind the changed ones in time, of the same customer, account, merchant or device. */
function laterSql(shape: SilverShape): string {
  const has = (name: string): boolean => shape.get('transactions')?.has(name) === true;
  const since = (columns: readonly string[]): string =>
    `(SELECT id, min(event_ts) AS since FROM (${columns.map((name) => `SELECT ${name} AS id, event_ts FROM temp.fraud_changed WHERE ${name} IS NOT NULL`).join(' UNION ALL ')}) GROUP BY id)`;
  const accounts = ['account_id', 'counter_account_id'].filter(has);
  const found = [
    ...['customer_id', ...['merchant_id', 'device_id'].filter(has)].map(
      (name) => `SELECT t.transaction_id, t.event_ts FROM behind t JOIN ${since([name])} s ON t.${name} = s.id AND t.event_ts > s.since`,
    ),
    ...accounts.map(
      (name) =>
        `SELECT t.transaction_id, t.event_ts FROM behind t JOIN (SELECT * FROM ${since(accounts)} WHERE id NOT IN (SELECT account_id FROM ${HOUSE_ACCOUNTS})) s ON t.${name} = s.id AND t.event_ts > s.since`,
    ),
  ];
  return `WITH behind AS (SELECT * FROM ops.fraud_history WHERE event_ts > (SELECT min(event_ts) FROM temp.fraud_changed) AND transaction_id NOT IN (SELECT transaction_id FROM temp.fraud_changed))
SELECT DISTINCT transaction_id, CAST(event_ts AS TIMESTAMP), true FROM (${found.join(' UNION ALL ')})`;
}

async function partsOf(connection: DuckDBConnection, rows: number): Promise<number> {
  const parts = Math.ceil(rows / CHUNK_ROWS_MAX);
  if (rows <= CHUNK_ROWS_MIN) return parts;
  const now = 'SELECT customer_id, account_id FROM ops.fraud_history WHERE transaction_id IN (SELECT transaction_id FROM temp.fraud_due)';
  const pairs = ['customer_id', 'account_id'].map(
    (name) => `SELECT sum(n.rows * h.rows) AS pairs FROM (SELECT ${name} AS id, count(*) AS rows FROM now GROUP BY id) n
    JOIN (SELECT ${name} AS id, count(*) AS rows FROM ops.fraud_history WHERE ${name} IN (SELECT ${name} FROM now) GROUP BY id) h USING (id)`,
  );
  const reader = await connection.runAndReadAll(
    `WITH now AS MATERIALIZED (${now}) SELECT max(pairs)::DOUBLE FROM (${pairs.join(' UNION ALL ')})`,
  );
  const wanted = Math.ceil(Number(reader.getRows()[0]?.[0] ?? 0) / CHUNK_PAIRS_MAX);
  return Math.max(parts, Math.min(wanted, Math.ceil(rows / CHUNK_ROWS_MIN)));
}

/** Cuts the movements of temp.fraud_due by time; those of one instant stay together. */
export async function chunksOf(connection: DuckDBConnection): Promise<Chunk[]> {
  const counted = await connection.runAndReadAll(
    'SELECT count(*), CAST(min(event_ts) AS VARCHAR), CAST(max(event_ts) AS VARCHAR), count(*) FILTER (again) FROM temp.fraud_due',
  );
  const [count, first, last, again] = counted.getRows()[0] ?? [];
  const parts = await partsOf(connection, Number(count ?? 0));
  const instant = (text: unknown): string => `TIMESTAMP '${text as string}'`;
  if (parts === 0) return [];
  if (parts === 1)
    return [{ after: `TIMESTAMP '0001-01-01'`, first: instant(first), upTo: instant(last), rows: Number(count), again: Number(again) }];
  const shares = Array.from({ length: parts }, (_, index) => (index + 1) / parts).join(', ');
  const reader =
    await connection.runAndReadAll(`WITH cuts AS (SELECT DISTINCT unnest(quantile_disc(event_ts, [${shares}])) AS up_to FROM temp.fraud_due),
    ranges AS (SELECT coalesce(lag(up_to) OVER (ORDER BY up_to), TIMESTAMP '0001-01-01') AS after, up_to FROM cuts)
    SELECT CAST(after AS VARCHAR), CAST(min(d.event_ts) AS VARCHAR), CAST(up_to AS VARCHAR), count(*), count(*) FILTER (again) FROM ranges JOIN temp.fraud_due d ON d.event_ts > after AND d.event_ts <= up_to GROUP BY after, up_to ORDER BY after`);
  return reader.getRows().map(([after, start, upTo, rows, old]) => ({
    after: instant(after),
    first: instant(start),
    upTo: instant(upTo),
    rows: Number(rows),
    again: Number(old),
  }));
}

/**
 * The chunk's movements. temp.fraud_chunk: transaction_id as text, id, event_ts, again. temp.fraud_now: those that are there, with the canonical
 * columns, kind, value, place in time (moment, nr), a number (ord), and the bank's own ids (_customer_id …).
 */
export async function openChunk({ connection, position }: JobContext, facts: LiveFacts, chunk: Chunk): Promise<void> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_chunk AS
    SELECT CAST(transaction_id AS VARCHAR) AS transaction_id, transaction_id AS id, event_ts, again FROM temp.fraud_due WHERE event_ts > ${chunk.after} AND event_ts <= ${chunk.upTo}`);
  const movements = silverTransactionsSql({
    shape: facts.shape,
    where: `t.event_ts >= ${chunk.first} AND t.event_ts <= ${chunk.upTo} AND t.transaction_id IN (SELECT id FROM temp.fraud_chunk)`,
    entriesWhere: `e.transaction_id IN (SELECT id FROM temp.fraud_chunk)`,
    recordedSince: facts.recordedSince,
    position: position.commitId,
    ...{ fromHistory: true, cities: CITIES, nativeIds: true, more: 't.kind, t.value, t.moment' },
  });
  const ids = ['transaction_id', ...ENTITY_IDS];
  const columns = CANONICAL_NAMES.map((name) => `CAST(c.${name} AS ${CANONICAL_COLUMNS[name]}) AS ${name}`);
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE fraud_now AS SELECT ${columns.join(', ')}, c.kind, c.value, c.moment, c.transaction_id AS nr, row_number() OVER () AS ord, ${ids.map((name) => `c.${name} AS _${name}`).join(', ')} FROM ${movements} c`,
  );
}

/**
 * Makes temp.fraud_scope, as scope.ts does, of the chunk's movements and the history of what rules may find in it.
 * @param at how far back the rules ask, and conditions over t one of which a row of history meets
 */
export async function openLiveScope(
  { connection, position }: JobContext,
  facts: LiveFacts,
  at: { chunk: Chunk; minutes: number; picked: readonly string[] },
): Promise<void> {
  const inTime = `t.event_ts > ${at.chunk.first} - INTERVAL ${at.minutes} MINUTE AND t.event_ts <= ${at.chunk.upTo}`;
  // Each search reads one narrow column; the rows are read once.
  const found = at.picked
    .map((condition) => `SELECT transaction_id FROM ops.fraud_history t WHERE ${inTime} AND ${condition}`)
    .join(' UNION ');
  const history = silverTransactionsSql({
    shape: facts.shape,
    where: `${inTime} AND t.transaction_id IN (${found} EXCEPT SELECT id FROM temp.fraud_chunk)`,
    entriesWhere: 'false',
    recordedSince: facts.recordedSince,
    position: position.commitId,
    ...{ fromHistory: true, cities: CITIES },
    more: 't.kind, t.value, t.moment, t.transaction_id AS nr',
  });
  const columns = CANONICAL_NAMES.join(', ');
  // Few instants have several movements: only those are ranked.
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_scope AS WITH movements AS MATERIALIZED (
  SELECT ${columns}, kind, value, moment, nr, true AS is_trigger FROM temp.fraud_now UNION ALL SELECT ${columns}, kind, value, moment, nr, false FROM ${history}),
ties AS (SELECT nr, row_number() OVER (PARTITION BY moment ORDER BY nr) - 1 AS tie FROM movements WHERE moment IN (SELECT moment FROM movements GROUP BY moment HAVING count(*) > 1))
SELECT m.* EXCLUDE (moment, nr), m.moment + coalesce(t.tie, 0) AS tick, coalesce(t.tie, 0) AS tie FROM movements m LEFT JOIN ties t ON t.nr = m.nr`);
}
