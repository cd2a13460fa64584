// What a run compares: every row that the runs up to its day have brought and that is in no active match, and that nobody has closed by hand or
// taken out of a match.
// Pairs that leave no choice are settled here, in DuckDB, so that the engine sees only what is left, however large the statement is.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { UNITS_PER_ONE, type MatchRow, type Side } from '../match/row.ts';
import type { RuleSet, Window } from '../match/rule-set.ts';
import { rowsOf, type Run } from './stage.ts';
import { ENGINE } from './tables.ts';

/** Rows of either side that DuckDB cannot settle alone, at most. */
export const RESIDUAL_ROWS_MAX = 400_000;

export interface StoredRow extends MatchRow {
  readonly no: bigint;
}

/** Makes temp.recon_scope: row_no, side and all that matching needs. */
export async function openScope(connection: DuckDBConnection, { source, date }: Run): Promise<void> {
  const name = literal(source.name);
  const day = source.rules.timePrecision === 'day';
  await connection.run(`CREATE OR REPLACE TEMP TABLE recon_scope AS SELECT r.row_no, r.side, r.row_id, ${day ? `date_trunc('day', r.booked_at)` : 'r.booked_at'} AS booked_at, r.amount, r.currency, r.match_key
    FROM ops.recon_rows r ANTI JOIN ops.recon_active_rows a ON a.row_no = r.row_no
    ANTI JOIN (SELECT b.row_no FROM ops.recon_break_rows b JOIN ops.recon_break_states s ON s.break_id = b.break_id JOIN ops.recon_breaks k ON k.break_id = s.break_id
      WHERE k.reason = 'undone' OR (s.state = 'resolved' AND s.state_by <> '${ENGINE}')) c ON c.row_no = r.row_no
    WHERE r.source = ${name} AND r.run_id IN (SELECT run_id FROM ops.recon_runs WHERE source = ${name} AND business_date <= DATE ${literal(date)})`);
}

/** Rows whose number occurs once on either side, with equal amount and currency within the exact window: what exact.ts would answer too. */
export async function settleExact(connection: DuckDBConnection, { exactWindow }: RuleSet): Promise<void> {
  const once = (side: Side): string =>
    `(SELECT match_key, any_value(row_no) AS row_no, any_value(amount) AS amount, any_value(currency) AS currency, any_value(booked_at) AS booked_at, any_value(row_id) AS row_id
      FROM temp.recon_scope WHERE side = '${side}' AND match_key <> '' GROUP BY match_key HAVING count(*) = 1)`;
  await connection.run(`CREATE OR REPLACE TEMP TABLE recon_exact AS SELECT e.row_no AS external, i.row_no AS internal, i.row_id
    FROM ${once('external')} e JOIN ${once('internal')} i USING (match_key)
    WHERE e.amount = i.amount AND e.currency = i.currency AND ${withinSql(exactWindow)};
    CREATE OR REPLACE TEMP TABLE recon_residual AS SELECT row_no, side FROM temp.recon_scope
    ANTI JOIN (SELECT external AS row_no FROM temp.recon_exact UNION ALL SELECT internal FROM temp.recon_exact) x USING (row_no)`);
}

/** Whether the source's rows name ours: one that ever did does, whatever is left over today. */
export async function hasNumbers(connection: DuckDBConnection, source: string): Promise<boolean> {
  const sql = `SELECT EXISTS (FROM temp.recon_exact) OR EXISTS (FROM ops.recon_matches WHERE source = ${literal(source)} AND tier IN ('exact_id', 'exact_keys'))
    OR EXISTS (FROM temp.recon_scope e JOIN temp.recon_scope i ON e.side = 'external' AND i.side = 'internal' AND e.match_key = i.match_key WHERE e.match_key <> '')`;
  const [[found]] = (await rowsOf(connection, sql)) as [[boolean]];
  return found;
}

function withinSql({ beforeDays, afterDays }: Window): string {
  const lag = '(epoch_ms(e.booked_at) - epoch_ms(i.booked_at)) / 86400000.0';
  return `${lag} BETWEEN ${-beforeDays} AND ${afterDays}`;
}

/** What the engine has to look at. @throws LedgerflowError LF_RECON_TOO_MANY when it is more than RESIDUAL_ROWS_MAX of a side */
export async function residualRows(connection: DuckDBConnection, side: Side): Promise<StoredRow[]> {
  const [[count]] = (await rowsOf(connection, `SELECT count(*) FROM temp.recon_residual WHERE side = '${side}'`)) as [[bigint]];
  if (Number(count) > RESIDUAL_ROWS_MAX)
    throw new LedgerflowError(
      'LF_RECON_TOO_MANY',
      `${count} ${side} rows are not settled by their numbers; at most ${RESIDUAL_ROWS_MAX} can be compared by likeness`,
    );
  return await storedRows(connection, `FROM temp.recon_residual s JOIN ops.recon_rows r ON r.row_no = s.row_no WHERE s.side = '${side}'`);
}

/** Settled rows that say an amount which a row left over says too: what a row booked twice is told by. */
export async function settledTwins(connection: DuckDBConnection, side: Side, source: string): Promise<StoredRow[]> {
  const settled = `(SELECT row_no FROM ops.recon_active_rows WHERE side = '${side}' UNION ALL SELECT ${side} FROM temp.recon_exact)`;
  const amounts = `(SELECT DISTINCT r.currency, r.amount FROM temp.recon_residual s JOIN ops.recon_rows r ON r.row_no = s.row_no WHERE s.side = '${side}')`;
  return await storedRows(
    connection,
    `FROM ${settled} m JOIN ops.recon_rows r ON r.row_no = m.row_no JOIN ${amounts} a ON a.currency = r.currency AND a.amount = r.amount WHERE r.source = ${literal(source)}`,
  );
}

async function storedRows(connection: DuckDBConnection, from: string): Promise<StoredRow[]> {
  const columns = `r.row_no, r.row_id, CAST(r.amount * ${UNITS_PER_ONE} AS HUGEINT), r.currency, epoch_ms(r.booked_at), r.reference, r.description, r.batch_key, epoch_ms(CAST(r.value_date AS TIMESTAMP))`;
  return (await rowsOf(connection, `SELECT ${columns} ${from} ORDER BY r.row_no`)).map(
    ([no, id, amount, currency, at, reference, description, batchKey, valueAt]) => ({
      no: no as bigint,
      ...{ id: id as string, amount: amount as bigint, currency: currency as string, at: Number(at) },
      ...{ reference: reference as string, description: description as string, batchKey: batchKey as string },
      ...(valueAt === null ? {} : { valueAt: Number(valueAt) }),
    }),
  );
}
