// The one runner of rules: the live job, backtests and files of others come here. Rules are SQL over the scope; what they find is left in
// temp.fraud_found, one row per alert, for SQL to read on.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import type { CanonicalColumn } from './canonical.ts';
import { addEvidence } from './evidence.ts';
import { lookbackMinutes } from './rule-file.ts';
import { FOUND_COLUMNS, foundSql, ruleWhen, type RuleRun } from './rule-sql.ts';
import { openScope, type EvaluationInput, type Scope } from './scope.ts';

export interface RuleReport {
  readonly rule: string;
  readonly version: number;
  readonly alerts: number;
  /** Columns that the rule needs and no movement has: it was not applicable. Empty: it ran. */
  readonly missing: readonly CanonicalColumn[];
  readonly durationMs: number;
}

/**
 * Alerts of the triggers into temp.fraud_found (FOUND_COLUMNS); temp.fraud_scope stays for features.
 * @throws LedgerflowError LF_FRAUD_RULE naming a rule whose SELECT cannot be run
 */
export async function evaluate(connection: DuckDBConnection, runs: readonly RuleRun[], input: EvaluationInput): Promise<RuleReport[]> {
  return evaluateScope(connection, runs, await openScope(connection, input));
}

/** The same over a scope that is open. */
export async function evaluateScope(connection: DuckDBConnection, runs: readonly RuleRun[], scope: Scope): Promise<RuleReport[]> {
  const columns = Object.entries(FOUND_COLUMNS).map(([name, type]) => `${name} ${type}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_found (${columns.join(', ')})`);
  const candidates = await countCandidates(connection, runs);
  const reports: RuleReport[] = [];
  for (const [index, run] of runs.entries())
    reports.push(await evaluateRule(connection, run, { scope, candidates: candidates[index] ?? 0 }));
  return reports;
}

/** Triggers that each rule may find: most small commits have none for most rules. */
async function countCandidates(connection: DuckDBConnection, runs: readonly RuleRun[]): Promise<number[]> {
  if (runs.length === 0) return [];
  const counts = runs.map((run) => `count(*) FILTER (${ruleWhen(run)})`);
  const reader = await connection.runAndReadAll(`SELECT ${counts.join(', ')} FROM temp.fraud_scope WHERE is_trigger`);
  return (reader.getRows()[0] ?? []).map(Number);
}

interface Candidates {
  readonly scope: Scope;
  readonly candidates: number;
}

async function evaluateRule(connection: DuckDBConnection, run: RuleRun, { scope, candidates }: Candidates): Promise<RuleReport> {
  const { first, missing } = scope;
  const { header } = run.rule;
  const absent = header.needs.filter((column) => missing.has(column));
  const startedMs = performance.now();
  const report = { rule: header.rule, version: header.version, missing: absent };
  if (first === null || absent.length > 0 || candidates === 0) return { ...report, alerts: 0, durationMs: 0 };
  const since = `${first} - INTERVAL ${lookbackMinutes(run.rule, run.parameters)} MINUTE`;
  try {
    const { rowsChanged } = await connection.run(`INSERT INTO temp.fraud_found ${foundSql(run, since)}`);
    if (rowsChanged > 0) await addEvidence(connection, run);
    return { ...report, alerts: rowsChanged, durationMs: performance.now() - startedMs };
  } catch (error) {
    if (error instanceof LedgerflowError) throw error;
    throw new LedgerflowError('LF_FRAUD_RULE', `the rule ${header.rule} cannot be run: ${messageOf(error)}`, { cause: error });
  }
}
