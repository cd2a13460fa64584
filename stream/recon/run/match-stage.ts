// Stage 2: pairs and groups, and a reason for every row that is in none. DuckDB settles what leaves no choice, the engine all the rest.

import { BIGINT, DOUBLE, LIST, listValue, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import { literal } from '../../../infra/runtime/sql-text.ts';
import { matchByMode } from '../match/engine.ts';
import type { Break, Match } from '../match/match.ts';
import { DAY_MS } from '../match/row.ts';
import { RowsOut } from './rows-out.ts';
import { hasNumbers, openScope, residualRows, settledTwins, settleExact, type StoredRow } from './scope.ts';
import { dayAfter, rowsOf, type Run, type StageContext } from './stage.ts';
import { ENGINE } from './tables.ts';

const MATCHED = `CREATE OR REPLACE TEMP TABLE recon_matched (n BIGINT, tier VARCHAR, score DOUBLE, components VARCHAR, margin DOUBLE, why VARCHAR, external BIGINT[], internal BIGINT[])`;
const MATCHED_TYPES = [BIGINT, VARCHAR, DOUBLE, VARCHAR, DOUBLE, VARCHAR, LIST(BIGINT), LIST(BIGINT)];
const FOUND = `CREATE OR REPLACE TEMP TABLE recon_found (ordinal BIGINT, kind VARCHAR, reason VARCHAR, score DOUBLE, components VARCHAR, why VARCHAR, external BIGINT[], internal BIGINT[])`;
const FOUND_TYPES = [BIGINT, VARCHAR, VARCHAR, DOUBLE, VARCHAR, VARCHAR, LIST(BIGINT), LIST(BIGINT)];

/** @throws LedgerflowError LF_RECON_TOO_MANY */
export async function match({ connection, run, now }: StageContext): Promise<void> {
  const { source, runId } = run;
  await openScope(connection, run);
  await settleExact(connection, source.rules);
  const [external, internal] = [await residualRows(connection, 'external'), await residualRows(connection, 'internal')];
  const known = {
    named: () => hasNumbers(connection, source.name),
    dueUntil: dueUntil(run),
    external: await settledTwins(connection, 'external', source.name),
    internal: await settledTwins(connection, 'internal', source.name),
  };
  const { matches, breaks } = await matchByMode(connection, { external, internal }, source.rules, known);
  await writeMatches(connection, matches);
  await writeFindings(connection, breaks, await Due.of(connection, run));
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE recon_new AS SELECT nextval('ops.recon_match_ids') AS match_id, * FROM (
      SELECT 'exact_id' AS tier, 1.0::DOUBLE AS score, NULL::VARCHAR AS components, NULL::DOUBLE AS margin, 'number ' || row_id || ', amount and currency are equal' AS why,
        [external] AS external, [internal] AS internal FROM temp.recon_exact UNION ALL SELECT * EXCLUDE (n) FROM temp.recon_matched);
    INSERT INTO ops.recon_matches SELECT match_id, ${runId}, ${literal(source.name)}, tier, score, components, margin, why, '${ENGINE}', TIMESTAMPTZ ${literal(now.toISOString())} FROM temp.recon_new;
    INSERT INTO ops.recon_match_rows SELECT match_id, 'external', unnest(external) FROM temp.recon_new UNION ALL SELECT match_id, 'internal', unnest(internal) FROM temp.recon_new;
    INSERT INTO ops.recon_findings SELECT ${runId}, * FROM temp.recon_found;
    DROP TABLE temp.recon_new; DROP TABLE temp.recon_exact; DROP TABLE temp.recon_matched; DROP TABLE temp.recon_found; DROP TABLE temp.recon_scope; DROP TABLE temp.recon_residual`);
}

/** Movements before this time (ms) had their settlement time; those of a day that is still read had not. */
function dueUntil({ date, source, internalPath, trigger }: Run): number {
  return internalPath === null ? Date.parse(dayAfter(date, trigger === 'every' ? 0 : 1)) - source.settleDays * DAY_MS : Infinity;
}

/** Which of our movements without a line are late, and which may still come: those of days that were reconciled, after the settlement time. */
class Due {
  private readonly covered: ReadonlySet<string> | null;
  private readonly until: number;

  private constructor(covered: ReadonlySet<string> | null, until: number) {
    [this.covered, this.until] = [covered, until];
  }

  static async of(connection: DuckDBConnection, run: Run): Promise<Due> {
    const { runId, source } = run;
    if (run.internalPath !== null) return new Due(null, Infinity); // all of a file of our side was asked about
    const days = await rowsOf(
      connection,
      `SELECT DISTINCT business_date::VARCHAR FROM ops.recon_runs WHERE source = ${literal(source.name)} AND (state = 'succeeded' OR run_id = ${runId})`,
    );
    return new Due(new Set(days.map(([day]) => day as string)), dueUntil(run));
  }

  /** Null: nobody asked about the row's day yet; it may be matched, and is not missed. */
  kindOf({ at }: StoredRow): 'break' | 'expected' | null {
    if (this.covered?.has(new Date(at).toISOString().slice(0, 10)) === false) return null;
    return at < this.until ? 'break' : 'expected';
  }
}

const numbers = (rows: readonly unknown[]): ReturnType<typeof listValue> => listValue((rows as StoredRow[]).map(({ no }) => no));
const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

async function writeMatches(connection: DuckDBConnection, matches: readonly Match[]): Promise<void> {
  await connection.run(MATCHED);
  const out = await RowsOut.into(connection, 'recon_matched', MATCHED_TYPES);
  matches.forEach(({ tier, score, components, margin, why, external, internal }, n) =>
    out.add(BigInt(n), tier, score, json(components), margin, why, numbers(external), numbers(internal)),
  );
  out.close();
}

async function writeFindings(connection: DuckDBConnection, breaks: readonly Break[], due: Due): Promise<void> {
  await connection.run(FOUND);
  const out = await RowsOut.into(connection, 'recon_found', FOUND_TYPES);
  breaks.forEach(({ reason, score, components, why, external, internal }, ordinal) => {
    const kind = reason === 'missing_external' ? due.kindOf(internal[0] as StoredRow) : 'break';
    if (kind === null) return;
    out.add(BigInt(ordinal), kind, reason, score, json(components), why, numbers(external), numbers(internal));
  });
  out.close();
}
