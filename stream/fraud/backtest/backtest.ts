// Rules over a range of history by the live runner: the same SQL over the same canonical rows, windows warmed up with what came before the
// range. One snapshot of the store, nothing is written: what it makes are temporary tables of a transaction that is rolled back.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { evaluateScope } from '../evaluate.ts';
import { labelsFileSql } from '../evaluate/labels.ts';
import { measure, type RuleMeasure } from '../evaluate/measure.ts';
import { namedSql } from '../evidence.ts';
import { readShape, recordedSince } from '../live/live-state.ts';
import { silverTransactionsSql, type SilverShape } from '../live/silver.ts';
import { lookbackMinutes } from '../rule-file.ts';
import { FOUND_COLUMNS, type RuleRun } from '../rule-sql.ts';
import { openScope } from '../scope.ts';

/** A rule under a name of its own: versions and settings of one rule stand side by side. */
export interface NamedRun {
  readonly name: string;
  readonly run: RuleRun;
}

export interface BacktestRequest {
  readonly runs: readonly NamedRun[];
  /** ISO 8601; movements with from <= event_ts < to are evaluated. */
  readonly from: string;
  readonly to: string;
  /** File with transaction_id and is_fraud, typology, episode; what confirmed cases name is the labels when not given. */
  readonly labels?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface BacktestLine {
  readonly name: string;
  readonly rule: string;
  readonly version: number;
  readonly alerts: number;
  readonly alertsPerDay: number;
  /** Columns it needs that no movement of the range has. */
  readonly missing: readonly string[];
  /** Alerts that the live job has for this version in the range, and those that only one of both has. */
  readonly live: number;
  readonly onlyLive: number;
  readonly onlyBacktest: number;
  /** Alerts that the first line does not have, and those only it has: by entity and transaction. */
  readonly more: number;
  readonly fewer: number;
  /** Null without a labelled transaction in the range. */
  readonly measure: RuleMeasure | null;
}

export interface BacktestReport {
  readonly lines: readonly BacktestLine[];
  readonly transactions: number;
  readonly labelled: number;
  readonly commitId: number;
  readonly gtid: string | null;
  readonly seconds: number;
}

/** Movements of one evaluation: bounds its memory. */
const CHUNK_ROWS_MAX = 200_000;

/** @throws LedgerflowError LF_FRAUD_RULE, LF_ABORTED; LF_FRAUD_RANGE without a movement in the range */
export async function backtest(connection: DuckDBConnection, request: BacktestRequest): Promise<BacktestReport> {
  const startedMs = performance.now();
  await connection.run('BEGIN');
  try {
    const [[commitId, gtid] = []] = await rowsOf(connection, 'SELECT commit_id, gtid FROM ops.state');
    const shape = await readShape(connection);
    await openTables(connection, request);
    const missing = new Map<string, readonly string[]>();
    for (const chunk of await chunksOf(connection)) {
      if (request.signal?.aborted === true) throw new LedgerflowError('LF_ABORTED', 'the backtest was broken off');
      await evaluateChunk(connection, request.runs, { ...chunk, shape, commitId: Number(commitId), missing });
    }
    const lines = await linesOf(connection, request, missing);
    const [[transactions, labelled] = []] = await rowsOf(
      connection,
      'SELECT count(*), (SELECT count(*) FROM fraud_labels) FROM fraud_transactions',
    );
    const seconds = (performance.now() - startedMs) / 1_000;
    return {
      ...{ lines, transactions: Number(transactions), labelled: Number(labelled) },
      ...{ commitId: Number(commitId), gtid: (gtid ?? null) as string | null, seconds },
    };
  } finally {
    await connection.run('ROLLBACK').catch(() => undefined); // nothing was written; the first error is the one to report
  }
}

async function rowsOf(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}

const instant = (iso: string): string => `TIMESTAMP ${literal(new Date(iso).toISOString().replace('Z', ''))}`;

async function openTables(connection: DuckDBConnection, { from, to, labels }: BacktestRequest): Promise<void> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_transactions AS
SELECT CAST(transaction_id AS VARCHAR) AS transaction_id, transaction_id AS id, CAST(event_ts AS TIMESTAMP) AS event_ts, CAST(customer_id AS VARCHAR) AS customer_id, CAST(account_id AS VARCHAR) AS account_id, amount, currency
FROM silver.transactions WHERE event_ts >= ${instant(from)} AND event_ts < ${instant(to)}`);
  const found = await rowsOf(connection, 'SELECT count(*) FROM fraud_transactions');
  if (Number(found[0]?.[0]) === 0) throw new LedgerflowError('LF_FRAUD_RANGE', `there is no movement from ${from} to ${to}`);
  const known =
    labels === undefined
      ? `SELECT n.transaction_id, n.rule AS episode, q.rule_id AS typology FROM (${namedSql('gold.fraud_queue', 'alert_id')}) n JOIN gold.fraud_queue q ON q.alert_id = n.rule AND q.outcome = 'confirmed'`
      : await labelsFileSql(connection, labels);
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_labels AS
SELECT DISTINCT ON (transaction_id) transaction_id, episode, typology FROM (${known}) SEMI JOIN fraud_transactions USING (transaction_id)`);
  const columns = Object.entries(FOUND_COLUMNS).map(([name, type]) => `${name} ${type}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE backtest_alerts (name VARCHAR, ${columns.join(', ')})`);
}

interface Chunk {
  readonly after: string;
  readonly upTo: string;
}

/** The range cut by time into parts of bounded size; movements of one instant stay together. */
async function chunksOf(connection: DuckDBConnection): Promise<Chunk[]> {
  const [[count] = []] = await rowsOf(connection, 'SELECT count(*) FROM fraud_transactions');
  const parts = Math.max(1, Math.ceil(Number(count) / CHUNK_ROWS_MAX));
  const shares = Array.from({ length: parts }, (_, index) => (index + 1) / parts).join(', ');
  const cuts = await rowsOf(
    connection,
    `SELECT CAST(coalesce(lag(up_to) OVER (ORDER BY up_to), TIMESTAMP '0001-01-01') AS VARCHAR), CAST(up_to AS VARCHAR)
    FROM (SELECT DISTINCT unnest(quantile_disc(event_ts, [${shares}])) AS up_to FROM fraud_transactions) ORDER BY up_to`,
  );
  return cuts.map(([after, upTo]) => ({ after: `TIMESTAMP '${after as string}'`, upTo: `TIMESTAMP '${upTo as string}'` }));
}

interface ChunkWork extends Chunk {
  readonly shape: SilverShape;
  readonly commitId: number;
  readonly missing: Map<string, readonly string[]>;
}

async function evaluateChunk(connection: DuckDBConnection, runs: readonly NamedRun[], work: ChunkWork): Promise<void> {
  const { after, upTo, shape, commitId, missing } = work;
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE backtest_due AS SELECT transaction_id, id, event_ts FROM fraud_transactions WHERE event_ts > ${after} AND event_ts <= ${upTo}`,
  );
  const lookback = Math.max(...runs.map(({ run }) => lookbackMinutes(run.rule, run.parameters)));
  const first = '(SELECT min(event_ts) FROM temp.backtest_due)';
  const transactions = silverTransactionsSql({
    shape,
    where: `t.event_ts > ${first} - INTERVAL ${lookback} MINUTE AND t.event_ts <= ${upTo}`,
    entriesWhere: 'e.transaction_id IN (SELECT id FROM temp.backtest_due)',
    recordedSince: await recordedSince(connection, shape),
    position: commitId,
  });
  const scope = await openScope(connection, { transactions, triggers: 'temp.backtest_due' });
  for (const { name, run } of runs) {
    const [report] = await evaluateScope(connection, [run], scope);
    missing.set(name, report?.missing ?? []);
    await connection.run(`INSERT INTO temp.backtest_alerts SELECT ${literal(name)}, * FROM temp.fraud_found`);
  }
}

async function linesOf(
  connection: DuckDBConnection,
  { runs, from, to }: BacktestRequest,
  missing: ReadonlyMap<string, readonly string[]>,
): Promise<BacktestLine[]> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE _alerts AS ${namedSql('temp.backtest_alerts', 'name')}`);
  const measures = await measure(connection);
  const [head] = runs;
  const lines: BacktestLine[] = [];
  for (const { name, run } of runs) {
    const { rule, version } = run.rule.header;
    const counts = await rowsOf(connection, countsSql({ name, rule, version, head: head?.name ?? name, from, to }));
    const [alerts = 0, live = 0, onlyLive = 0, onlyBacktest = 0, more = 0, fewer = 0] = (counts[0] ?? []).map(Number);
    lines.push({
      ...{ name, rule, version, alerts, alertsPerDay: alerts / Math.max(measures.days, 1), missing: missing.get(name) ?? [] },
      ...{ live, onlyLive, onlyBacktest, more, fewer },
      measure: measures.labelled === 0 ? null : (measures.rules.find((line) => line.rule === name) ?? null),
    });
  }
  return lines;
}

function countsSql(of: { name: string; rule: string; version: number; head: string; from: string; to: string }): string {
  const own = (name: string): string =>
    `(SELECT alert_id, entity_id, transaction_id FROM temp.backtest_alerts WHERE name = ${literal(name)})`;
  const live = `(SELECT alert_id FROM gold.fraud_alerts WHERE rule_id = ${literal(of.rule)} AND rule_version = ${of.version} AND withdrawn_commit IS NULL AND event_ts >= ${instant(of.from)} AND event_ts < ${instant(of.to)})`;
  const count = (sql: string): string => `(SELECT count(*) FROM ${sql})`;
  const same = 'ON a.entity_id = b.entity_id AND a.transaction_id = b.transaction_id';
  return `SELECT ${count(own(of.name))}, ${count(live)}, ${count(`${live} a ANTI JOIN ${own(of.name)} b ON a.alert_id = b.alert_id`)},
${count(`${own(of.name)} a ANTI JOIN ${live} b ON a.alert_id = b.alert_id`)}, ${count(`${own(of.name)} a ANTI JOIN ${own(of.head)} b ${same}`)}, ${count(`${own(of.head)} a ANTI JOIN ${own(of.name)} b ${same}`)}`;
}
