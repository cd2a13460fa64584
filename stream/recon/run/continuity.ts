// Statements of an account follow on one another: each opens with the balance the one before closed with, and where they are numbered no
// number is left out or comes twice. What is before is decided by business date, whatever the order in which files came.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { closeIncidentSql, openIncidentSql } from '../../../lake/quality/incidents.ts';
import { rowsOf, type Run } from './stage.ts';

interface Broken {
  readonly kind: string;
  readonly account: string;
  readonly text: string;
  readonly isRuns: boolean;
}

const SHOWN_MAX = 20;

/** Statements of the source that do not follow on the one before: the run's own first, then the latest. */
async function broken(connection: DuckDBConnection, { runId, source }: Run): Promise<Broken[]> {
  const rows = await rowsOf(
    connection,
    `SELECT kind, account, 'statement ' || statement || ' of ' || business_date || ': ' || why || ' (' || before_date || ')', (run_id = ${runId} OR before_run = ${runId}) AS is_runs
     FROM gold.recon_continuity WHERE source = ${literal(source.name)} ORDER BY is_runs DESC, business_date DESC, account LIMIT ${SHOWN_MAX}`,
  );
  return rows.map(([kind, account, text, isRuns]) => ({
    kind: String(kind),
    account: String(account),
    text: String(text),
    isRuns: isRuns === true,
  }));
}

/**
 * Looks at the chain with the run's files in it. By the source's setting a statement that does not follow refuses the run, or is told as an
 * incident that closes when the chain is whole.
 * @throws LedgerflowError LF_STATEMENT_CONTINUITY; the run's rows of ops.recon_files are gone then
 */
export async function judgeContinuity(connection: DuckDBConnection, run: Run): Promise<void> {
  const { continuity, name } = run.source;
  if (continuity === 'off') return;
  const found = await broken(connection, run);
  const own = found.find(({ isRuns }) => isRuns);
  if (continuity === 'refuse' && own !== undefined) {
    await connection.run(`DELETE FROM ops.recon_files WHERE run_id = ${run.runId}`);
    throw new LedgerflowError('LF_STATEMENT_CONTINUITY', `${own.kind}: ${own.text}`, { where: own.account });
  }
  const [first] = found;
  if (first === undefined) await connection.run(closeIncidentSql('LF_RECON_CONTINUITY', name));
  else
    await connection.run(
      openIncidentSql({
        ...{ code: 'LF_RECON_CONTINUITY', severity: 'warn', subject: name, dimension: null, table: null },
        summary: `${name}: ${first.kind} between statements of ${first.account}: ${first.text}${found.length > 1 ? ` and ${found.length - 1} more` : ''}`,
        detail:
          'expected: each statement opens with the balance the one before closed with, and no number is left out; gold.recon_continuity has all of them',
        rows: found.map((row) => JSON.stringify({ kind: row.kind, account: row.account, text: row.text })),
      }),
    );
}
