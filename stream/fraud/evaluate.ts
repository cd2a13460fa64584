// The one runner of rules: the live job, backtests and files of others come here. Rules are SQL over the scope; what they find is left in
// temp.fraud_found, one row per alert, for SQL to read on.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { groupBy } from '../../infra/runtime/group-by.ts';
import type { CanonicalColumn } from './canonical.ts';
import { addEvidence } from './evidence.ts';
import { dropWithoutPrior } from './live/prior.ts';
import type { PastKey } from './past.ts';
import { lookbackMinutes, type FraudRule } from './rule-file.ts';
import { FOUND_COLUMNS, foundSql, ruleScreen, ruleWhen, type RuleRun } from './rule-sql.ts';
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
  await connection.run(FOUND_DDL);
  const candidates = await countCandidates(connection, runs);
  const reports: RuleReport[] = [];
  for (const [index, run] of runs.entries())
    reports.push(await evaluateRule(connection, run, { scope, candidates: candidates[index] ?? 0 }));
  return reports;
}

const FOUND_DDL = `CREATE OR REPLACE TEMP TABLE fraud_found (${Object.entries(FOUND_COLUMNS).map(([name, type]) => `${name} ${type}`).join(', ')})`; // prettier-ignore

/** Triggers that each rule may find: most small commits have none for most rules. */
async function countCandidates(connection: DuckDBConnection, runs: readonly RuleRun[]): Promise<number[]> {
  if (runs.length === 0) return [];
  const counts = runs.map((run) => `count(*) FILTER (${ruleWhen(run)})`);
  const reader = await connection.runAndReadAll(`SELECT ${counts.join(', ')} FROM temp.fraud_scope WHERE is_trigger`);
  return (reader.getRows()[0] ?? []).map(Number);
}

/** Columns that a rule needs and that no movement has; empty: it can be run. */
export function missingNeeds({ header }: FraudRule, missing: ReadonlySet<CanonicalColumn>): CanonicalColumn[] {
  return header.needs.filter((column) => missing.has(column));
}

interface Candidates {
  readonly scope: Scope;
  readonly candidates: number;
  /** Condition over a row of the scope: it is history to one of the candidates. */
  readonly where?: string;
}

async function evaluateRule(connection: DuckDBConnection, run: RuleRun, { scope, candidates, where }: Candidates): Promise<RuleReport> {
  const { first, missing } = scope;
  const { header } = run.rule;
  const absent = missingNeeds(run.rule, missing);
  const startedMs = performance.now();
  const report = { rule: header.rule, version: header.version, missing: absent };
  if (first === null || absent.length > 0 || candidates === 0) return { ...report, alerts: 0, durationMs: 0 };
  const since = `${first} - INTERVAL ${lookbackMinutes(run.rule, run.parameters)} MINUTE`;
  try {
    const { rowsChanged } = await connection.run(`INSERT INTO temp.fraud_found ${foundSql(run, since, where)}`);
    if (rowsChanged > 0) await addEvidence(connection, run);
    return { ...report, alerts: rowsChanged, durationMs: performance.now() - startedMs };
  } catch (error) {
    if (error instanceof LedgerflowError) throw error;
    throw new LedgerflowError('LF_FRAUD_RULE', `the rule ${header.rule} cannot be run: ${messageOf(error)}`, { cause: error });
  }
}

/** Movements of temp.fraud_now that a rule may find, by the features in temp.fraud_featured; what the rules ask of history. */
export interface Screened {
  /** By place in the runs: movements that the rule may find. */
  readonly candidates: readonly number[];
  readonly lookbackMinutes: number;
}

export interface ScreenInput {
  /** Names of temp.fraud_featured that a screen may name. */
  readonly features: readonly string[];
  /** Columns that no movement has: a rule that needs one is left out. */
  readonly missing: ReadonlySet<CanonicalColumn>;
  /** Histories that a rule's prior may be asked of: how many minutes they go back. */
  readonly pasts: ReadonlyMap<PastKey, number>;
}

/** Makes temp.fraud_screened (rule: place in the runs; the movement's ids) and an empty temp.fraud_found. */
export async function screenRules(
  connection: DuckDBConnection,
  runs: readonly RuleRun[],
  { features, missing, pasts }: ScreenInput,
): Promise<Screened> {
  const found = runs.map((run, index) =>
    missingNeeds(run.rule, missing).length > 0 ? 'NULL::INTEGER' : `CASE WHEN ${ruleScreen(run)} THEN ${index} END`,
  );
  const known = ['transaction_id', ...features.filter((name) => name !== 'value' && name !== 'kind')].join(', ');
  await connection.run(FOUND_DDL);
  await connection.run(`CREATE OR REPLACE TEMP TABLE fraud_screened AS
SELECT * FROM (SELECT unnest([${found.join(', ')}]) AS rule, transaction_id, customer_id, account_id, counter_account_id, merchant_id, device_id, _customer_id, _account_id, _counter_account_id, _merchant_id, _device_id
  FROM temp.fraud_now n JOIN (SELECT ${known} FROM temp.fraud_featured) f USING (transaction_id)) WHERE rule IS NOT NULL`);
  const reader = await connection.runAndReadAll('SELECT rule, count(*) FROM temp.fraud_screened GROUP BY rule');
  const counts = new Map(reader.getRows().map(([rule, count]) => [Number(rule), Number(count)]));
  await dropWithoutPrior(connection, runs, { counts, pasts });
  const candidates = runs.map((_, index) => counts.get(index) ?? 0);
  const minutes = runs.map((run, index) => ((candidates[index] ?? 0) > 0 ? lookbackMinutes(run.rule, run.parameters) : 0));
  return { candidates, lookbackMinutes: Math.max(0, ...minutes) };
}

/** Columns by which movements are history to those of an entity. */
const ENTITY_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  customer: ['customer_id'],
  account: ['account_id', 'counter_account_id'],
  merchant: ['merchant_id'],
  device: ['device_id'],
};

/** What rules about an entity see of history, as conditions over a row one of which holds: movements of the same entity as one that they may find; an account's on either side. */
function concernsSql(entity: string, rules: readonly number[], { row, ids }: { row: string; ids: '' | '_' }): string[] {
  const columns = ENTITY_COLUMNS[entity] ?? [];
  const values = columns.map((column) => ids + column).join(', ');
  const among = `(SELECT unnest([${values}]) FROM temp.fraud_screened WHERE rule IN (${rules.join(', ')}))`;
  return columns.map((column) => `${row}.${column} IN ${among}`);
}

/** The history of all rules that may find something, as conditions over t, a row with the bank's own ids. */
export function screenedHistorySql(runs: readonly RuleRun[], { candidates }: Screened): string[] {
  const finding = runs.flatMap(({ rule }, index) => ((candidates[index] ?? 0) > 0 ? [{ index, entity: rule.header.entity }] : []));
  const byEntity = groupBy(finding, ({ entity }) => entity);
  return [...byEntity].flatMap(([entity, of]) => concernsSql(entity, of.map(({ index }) => index), { row: 't', ids: '_' })); // prettier-ignore
}

/** Rules over the scope for the movements that are screened. @returns alerts */
export async function evaluateScreened(
  connection: DuckDBConnection,
  runs: readonly RuleRun[],
  of: { scope: Scope; screened: Screened },
): Promise<number> {
  let alerts = 0;
  for (const [index, run] of runs.entries()) {
    const where = concernsSql(run.rule.header.entity, [index], { row: 'fraud_scope', ids: '' }).join(' OR ');
    alerts += (await evaluateRule(connection, run, { scope: of.scope, candidates: of.screened.candidates[index] ?? 0, where })).alerts;
  }
  return alerts;
}
