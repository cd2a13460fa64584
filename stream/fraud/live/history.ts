// ops.fraud_history: every movement of silver.transactions once, narrow, with what rules and features ask of it worked out. Brought up to the
// run's position in the run's transaction. Amounts are in 64 bits wherever they fit: DuckDB takes 0.3 microseconds a row to read one of 128,
// whether or not the row is wanted, which is a hundred times what finding the rows of a customer costs.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { JobContext } from '../../jobs/job.ts';
import { kindSql, valueSql, type CanonicalColumn } from '../canonical.ts';
import { tickSql } from '../scope.ts';
import { HOUSE_ACCOUNTS, type LiveFacts } from './live-state.ts';
import { silverTransactionsSql } from './silver.ts';

export const HISTORY_DDL = `CREATE TABLE IF NOT EXISTS ops.fraud_history (transaction_id BIGINT NOT NULL, event_ts TIMESTAMP NOT NULL, account_id BIGINT, customer_id BIGINT, counter_account_id BIGINT,
  merchant_id BIGINT, device_id BIGINT, reference_id BIGINT, channel VARCHAR, type VARCHAR, direction VARCHAR, status VARCHAR, currency VARCHAR, is_reversal BOOLEAN,
  amount DECIMAL(18,4), large_amount DECIMAL(28,8), kind VARCHAR, value DECIMAL(18,2), logs BIGINT, moment BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.fraud_history_state (commit_id BIGINT NOT NULL, version INTEGER NOT NULL);
`;
/** Raised when the same movement gives another row. */
const HISTORY_VERSION = 2;

const COLUMNS: readonly CanonicalColumn[] = ['transaction_id', 'event_ts', 'account_id', 'customer_id', 'counter_account_id', 'merchant_id', 'device_id', 'reference_id', 'channel', 'type', 'direction', 'status', 'currency', 'is_reversal', 'amount']; // prettier-ignore
/** Amounts in 64 bits; others are in large_amount. */
const SMALL = 'DECIMAL(18,4)';

/** The logarithm of a value, in thousandths: whole, so that sums do not depend on the order of rows. */
export function logsSql(value: string): string {
  return `CAST(round(ln(1 + CAST(${value} AS DOUBLE)) * 1000) AS BIGINT)`;
}

/** What a run's commits changed. */
export interface Changed {
  /** Versions that are not a movement's first. */
  readonly old: number;
  /** Earliest instant, as SQL; null: nothing was changed. */
  readonly first: string | null;
  /** Commit that the history stands at; null: there is none of this form. */
  readonly historyAt: number | null;
}

/** Reads temp.fraud_changed. */
export async function changedOf(connection: DuckDBConnection): Promise<Changed> {
  const reader = await connection.runAndReadAll(
    `SELECT count(*) FILTER (_op <> 'c'), CAST(min(event_ts) AS VARCHAR), (SELECT max(commit_id) FROM ops.fraud_history_state WHERE version = ${HISTORY_VERSION}) FROM temp.fraud_changed`,
  );
  const [old, first, at] = reader.getRows()[0] ?? [];
  return {
    old: Number(old),
    first: typeof first === 'string' ? `TIMESTAMP '${first}'` : null,
    historyAt: at === null || at === undefined ? null : Number(at),
  };
}

/** Brings the history to the run's position; all of it is made anew when it is not that of the last run. Reads temp.fraud_changed. */
export async function keepHistory({ connection, previous, position }: JobContext, facts: LiveFacts, changed: Changed): Promise<void> {
  const isFirst = previous === null || changed.historyAt !== previous;
  if (isFirst) await connection.run('DELETE FROM ops.fraud_history');
  else if (changed.old > 0)
    await connection.run(
      `DELETE FROM ops.fraud_history WHERE transaction_id IN (SELECT transaction_id FROM temp.fraud_changed WHERE _op <> 'c')`,
    );
  const movements = silverTransactionsSql({
    shape: facts.shape,
    where: isFirst
      ? 'true'
      : `t.event_ts >= ${changed.first ?? 'NULL'} AND t.transaction_id IN (SELECT transaction_id FROM temp.fraud_changed)`,
    ...{
      entriesWhere: 'false',
      recordedSince: 'NULL',
      position: position.commitId,
      columns: COLUMNS,
      nativeIds: true,
      house: HOUSE_ACCOUNTS,
    },
  });
  const fits = `TRY_CAST(c.amount AS ${SMALL}) = c.amount`;
  const own = COLUMNS.filter((name) => name !== 'amount');
  await connection.run(`INSERT INTO ops.fraud_history (${own.join(', ')}, amount, large_amount, kind, value, logs, moment)
SELECT ${own.join(', ')}, CASE WHEN ${fits} THEN TRY_CAST(amount AS ${SMALL}) END, CASE WHEN (${fits}) IS NOT TRUE THEN amount END, kind, value, ${logsSql('value')}, moment
FROM (SELECT c.*, ${kindSql('c')} AS kind, ${valueSql('c')} AS value, ${tickSql('c.event_ts')} AS moment FROM ${movements} c) c ORDER BY event_ts;
${isFirst ? `DELETE FROM ops.fraud_history_state; INSERT INTO ops.fraud_history_state VALUES (${position.commitId}, ${HISTORY_VERSION})` : `UPDATE ops.fraud_history_state SET commit_id = ${position.commitId}`}`);
}
