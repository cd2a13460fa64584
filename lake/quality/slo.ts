// Service level objectives: what share of the rows written, and of the money they carry, was good. Per captured table and minute, so that
// burn rates over any window are sums. Definitions, one line each, are OBJECTIVES; docs/adr/0025 says why these.

import { literal } from '../../infra/runtime/sql-text.ts';

export type SloName = 'freshness' | 'completeness' | 'validity' | 'accuracy';

export interface Objective {
  readonly slo: SloName;
  /** Share of good rows that is promised over BUDGET_DAYS. */
  readonly target: number;
  readonly meaning: string;
}

export const BUDGET_DAYS = 30;

export const OBJECTIVES: readonly Objective[] = [
  {
    slo: 'freshness',
    target: 0.995,
    meaning: 'a changed row is committed to the lake within the freshness objective of its commit in MySQL',
  },
  { slo: 'completeness', target: 0.9999, meaning: 'a change that was read from Kafka is applied, and not parked' },
  { slo: 'validity', target: 0.999, meaning: 'a changed row passes the checks of its values' },
  { slo: 'accuracy', target: 0.9999, meaning: 'a changed row was written while every tie-out of its table held' },
];

/** Minutes are kept for the longest window of the alerts and an hour; days for the budget. */
const MINUTES_KEPT_HOURS = 73;

export const SLO_DDL = `
CREATE TABLE IF NOT EXISTS ops.slo_minutes (table_name VARCHAR NOT NULL, minute TIMESTAMP NOT NULL, slo VARCHAR NOT NULL, bad BIGINT NOT NULL, total BIGINT NOT NULL,
  bad_amount DECIMAL(38,4) NOT NULL, total_amount DECIMAL(38,4) NOT NULL, commit_id BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS ops.slo_faults (table_name VARCHAR NOT NULL, minute TIMESTAMP NOT NULL, slo VARCHAR NOT NULL, bad BIGINT NOT NULL, bad_amount DECIMAL(38,4) NOT NULL,
  commit_id BIGINT NOT NULL, counted BOOLEAN NOT NULL);
CREATE TABLE IF NOT EXISTS ops.slo_days (day DATE NOT NULL, slo VARCHAR NOT NULL, bad BIGINT NOT NULL, total BIGINT NOT NULL, bad_amount DECIMAL(38,4) NOT NULL, total_amount DECIMAL(38,4) NOT NULL);
CREATE TABLE IF NOT EXISTS ops.slo_objectives (slo VARCHAR NOT NULL, target DOUBLE NOT NULL, meaning VARCHAR NOT NULL);
CREATE OR REPLACE VIEW gold.pipeline_slo AS
SELECT table_name, minute, slo, sum(total - least(bad, total))::BIGINT AS good, sum(total)::BIGINT AS total, CAST(sum(total_amount - least(bad_amount, total_amount)) AS DECIMAL(38,4)) AS good_amount,
  CAST(sum(total_amount) AS DECIMAL(38,4)) AS total_amount, max(commit_id) AS commit_id
FROM (SELECT table_name, minute, slo, sum(bad) AS bad, sum(total) AS total, sum(bad_amount) AS bad_amount, sum(total_amount) AS total_amount, max(commit_id) AS commit_id
  FROM (FROM ops.slo_minutes UNION ALL SELECT table_name, minute, slo, bad, 0, bad_amount, 0, commit_id FROM ops.slo_faults) GROUP BY table_name, minute, slo)
GROUP BY table_name, minute, slo HAVING sum(total) > 0;
CREATE OR REPLACE VIEW gold.slo_budget AS
SELECT o.slo, w.weight, o.target, coalesce(w.bad, 0) AS bad, coalesce(w.total, 0) AS total, 1 - coalesce(w.bad / nullif(w.total, 0), 0) AS achieved,
  1 - coalesce(w.bad / nullif(w.total, 0), 0) / (1 - o.target) AS budget_left, ${BUDGET_DAYS} AS days, o.meaning
FROM ops.slo_objectives o LEFT JOIN (
  SELECT slo, 'rows' AS weight, sum(bad)::DOUBLE AS bad, sum(total)::DOUBLE AS total FROM ops.slo_days GROUP BY slo
  UNION ALL SELECT slo, 'money', sum(bad_amount)::DOUBLE, sum(total_amount)::DOUBLE FROM ops.slo_days GROUP BY slo HAVING sum(total_amount) > 0
) w ON w.slo = o.slo;
`;

export function objectivesSql(): string {
  const rows = OBJECTIVES.map(({ slo, target, meaning }) => `(${literal(slo)}, ${target}, ${literal(meaning)})`);
  return `DELETE FROM ops.slo_objectives; INSERT INTO ops.slo_objectives VALUES ${rows.join(', ')}`;
}

export interface SloInput {
  readonly table: string;
  /** It has a column `amount`. */
  readonly hasAmount: boolean;
  /** Rows that were written, with _op, _commit, _ts (changes-sql.ts). */
  readonly changes: string;
  readonly freshnessObjectiveMs: number;
  /** A tie-out of the table, or of gold, fails now. */
  readonly inaccurate: boolean;
  readonly commitId: number;
}

/** What the commits of a run add to ops.slo_minutes for one table; snapshot rows have no commit of their own to be late for. */
export function countMinutesSql(input: SloInput, range: { readonly after: number; readonly upTo: number }): string {
  const { table, changes, commitId } = input;
  const amount = input.hasAmount ? 'abs(coalesce(v.amount, 0))' : '0';
  const late = `epoch_ms(c.committed_at) - epoch_ms(v._ts) > ${input.freshnessObjectiveMs}`;
  const name = literal(table);
  const none = '0, 0';
  const bad: Readonly<Record<SloName, string>> = {
    freshness: 'count(*) FILTER (late), coalesce(sum(amount) FILTER (late), 0)',
    completeness: none, // what was parked is counted from ops.parked
    validity: none, // what a check found is in ops.slo_faults
    accuracy: input.inaccurate ? 'count(*), coalesce(sum(amount), 0)' : none,
  };
  const parts = Object.entries(bad).map(
    ([slo, counts]) => `SELECT minute, ${literal(slo)}, ${counts}, count(*), coalesce(sum(amount), 0) FROM changed GROUP BY minute`,
  );
  return `INSERT INTO ops.slo_minutes
WITH changed AS MATERIALIZED (SELECT date_trunc('minute', c.committed_at AT TIME ZONE 'UTC') AS minute, ${late} AS late, CAST(${amount} AS DECIMAL(38, 4)) AS amount FROM ${changes} AS v JOIN ops.commits AS c ON c.commit_id = v._commit WHERE v._op <> 'r')
SELECT ${name}, minute, slo, bad, total, bad_amount, total_amount, ${commitId} FROM (${parts.join('\nUNION ALL ')}
UNION ALL SELECT date_trunc('minute', parked_at AT TIME ZONE 'UTC'), 'completeness', count(*), 0, count(*), 0 FROM ops.parked WHERE table_name = ${name} AND commit_id > ${range.after} AND commit_id <= ${range.upTo} GROUP BY ALL
) AS counted(minute, slo, bad, bad_amount, total, total_amount)`;
}

/** Rows of a run that a check of values found: they count against validity in the minute of the run. */
export function faultSql(fault: { table: string; minute: Date; bad: number; badAmount: string; commitId: number }): string {
  const minute = `date_trunc('minute', TIMESTAMP ${literal(fault.minute.toISOString().replace('Z', ''))})`;
  return `INSERT INTO ops.slo_faults VALUES (${literal(fault.table)}, ${minute}, 'validity', ${fault.bad}, ${literal(fault.badAmount)}::DECIMAL(38,4), ${fault.commitId}, false)`;
}

/** Adds what is new to the days of the budget, and returns it by objective, for the counters of Prometheus. */
export function newCountsSql(commitId: number): string {
  return `SELECT slo, sum(bad)::DOUBLE, sum(total)::DOUBLE, sum(bad_amount)::DOUBLE, sum(total_amount)::DOUBLE FROM (
SELECT slo, bad, total, bad_amount, total_amount FROM ops.slo_minutes WHERE commit_id = ${commitId} UNION ALL SELECT slo, bad, 0, bad_amount, 0 FROM ops.slo_faults WHERE NOT counted) GROUP BY slo`;
}

export function addDaysSql(commitId: number, now: Date): string {
  const today = `TIMESTAMP ${literal(now.toISOString().replace('Z', ''))}`;
  return `INSERT INTO ops.slo_days SELECT minute::DATE, slo, sum(bad), sum(total), sum(bad_amount), sum(total_amount) FROM (
SELECT minute, slo, bad, total, bad_amount, total_amount FROM ops.slo_minutes WHERE commit_id = ${commitId} UNION ALL SELECT minute, slo, bad, 0, bad_amount, 0 FROM ops.slo_faults WHERE NOT counted) GROUP BY ALL;
UPDATE ops.slo_faults SET counted = true WHERE NOT counted;
DELETE FROM ops.slo_minutes WHERE minute < ${today} - INTERVAL ${MINUTES_KEPT_HOURS} HOUR;
DELETE FROM ops.slo_faults WHERE counted AND minute < ${today} - INTERVAL ${MINUTES_KEPT_HOURS} HOUR;
DELETE FROM ops.slo_days WHERE day < ${today}::DATE - ${BUDGET_DAYS}`;
}

/** How the lake's publication finds changed rows of the view: it grows to many thousand rows, of which a few change a minute. */
export const PUBLISHED_SLO = { name: 'pipeline_slo', key: ['table_name', 'minute', 'slo'], refresh: 'view', silverInputs: [] } as const;
