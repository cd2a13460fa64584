// The job of the objectives: every minute it counts what the commits since its position wrote, good and bad, by table and minute.

import type { Metrics } from '../../infra/runtime/metrics.ts';
import { QUALITY_DDL } from '../../lake/quality/results.ts';
import { addDaysSql, countMinutesSql, newCountsSql, objectivesSql, SLO_DDL } from '../../lake/quality/slo.ts';
import { readSchemas } from '../../lake/store/state.ts';
import type { Job, JobContext, Outcome } from '../jobs/job.ts';

export interface SloParts {
  readonly freshnessObjectiveMs: number;
  readonly metrics: Pick<Metrics, 'sloUnits' | 'sloBadUnits' | 'incidentsOpen'>;
}

/** Tables with an open incident about their accuracy; one without a table is about all of gold. */
const INACCURATE_SQL = `SELECT table_name FROM ops.incidents WHERE closed_at IS NULL AND dimension = 'accuracy'`;
const OPEN_SQL = `SELECT severity, count(*) FROM ops.incidents WHERE closed_at IS NULL GROUP BY severity`;

export function sloJob(parts: SloParts): Job {
  return {
    name: 'slo',
    description: 'counts good and bad rows and money by table and minute, for the objectives and their error budgets',
    version: '1',
    inputs: [],
    outputs: ['ops.slo_minutes', 'ops.slo_days'],
    trigger: { cron: '* * * * *' },
    prepareSql: `${QUALITY_DDL}${SLO_DDL}${objectivesSql()}`,
    run: (context) => countMinutes(context, parts),
  };
}

async function countMinutes({ connection, previous, position, changes, now }: JobContext, parts: SloParts): Promise<Outcome> {
  const { commitId } = position;
  const rows = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRows();
  const inaccurate = new Set((await rows(INACCURATE_SQL)).map(([table]) => table as string | null));
  const { freshnessObjectiveMs } = parts;
  // Before the first run nothing was promised: counting begins with the commits after it.
  const tables = previous === null || previous === commitId ? [] : [...(await readSchemas(connection))];
  for (const [table, { columns }] of tables) {
    const hasAmount = columns.some(({ name, typeName }) => name === 'amount' && typeName === 'DECIMAL');
    const wrong = inaccurate.has(null) || inaccurate.has(`silver.${table}`);
    const input = { table, hasAmount, changes: changes(table), freshnessObjectiveMs, inaccurate: wrong, commitId };
    await connection.run(countMinutesSql(input, { after: previous ?? -1, upTo: commitId }));
  }
  const counts = previous === commitId ? [] : await rows(newCountsSql(commitId));
  if (previous !== commitId) await connection.run(addDaysSql(commitId, now));
  const open = new Map((await rows(OPEN_SQL)).map(([severity, count]) => [severity as string, Number(count)]));
  return {
    summary: { tables: tables.length, minutes: counts.length },
    committed: () => observe(parts.metrics, { counts, open }),
  };
}

/** Numbers for Prometheus; ratios only, so that a float does no harm to money. */
function observe(metrics: SloParts['metrics'], { counts, open }: { counts: unknown[][]; open: ReadonlyMap<string, number> }): void {
  for (const [slo, bad, total, badValue, totalValue] of counts as [string, number, number, number, number][]) {
    const add = (weight: string, badUnits: number, units: number): void => {
      metrics.sloBadUnits.inc({ slo, weight }, badUnits);
      metrics.sloUnits.inc({ slo, weight }, units);
    };
    add('rows', bad, total);
    if (totalValue > 0) add('money', badValue, totalValue);
  }
  for (const severity of ['block', 'page', 'warn']) metrics.incidentsOpen.set({ severity }, open.get(severity) ?? 0);
}
