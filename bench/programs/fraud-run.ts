// Rules and features over a history: live batches behind it, then a backtest over part of it. A process of its own, DuckDB with one thread.

import path from 'node:path';
import { pino } from 'pino';
import { INCIDENTS_DDL } from '../../lake/quality/incidents.ts';
import { backtest } from '../../stream/fraud/backtest/backtest.ts';
import { CASES_DDL } from '../../stream/fraud/cases/tables.ts';
import { fraudJob } from '../../stream/fraud/live/fraud-job.ts';
import { loadRules } from '../../stream/fraud/rule-file.ts';
import { FRAUD_DDL } from '../../stream/fraud/tables.ts';
import { JOBS_DDL } from '../../stream/jobs/book.ts';
import { JobRunner } from '../../stream/jobs/runner.ts';
import { round } from '../support/stats.ts';
import { fraudStore, HISTORY_END } from '../world/fraud-store.ts';

export interface FraudInput {
  readonly folder: string;
  readonly history: number;
  /** Movements of a live batch, and how often it comes. */
  readonly batches: readonly (readonly [movements: number, rounds: number])[];
  /** Days of the history that are evaluated again. */
  readonly backtestDays: number;
}

export interface LiveRow {
  readonly history: number;
  readonly movements: number;
  readonly cpuMs: number;
  readonly ms: number;
  readonly perCpuSecond: number;
  readonly perSecond: number;
}

export interface FraudResult {
  readonly live: LiveRow[];
  readonly backtest: { readonly movements: number; readonly rules: number; readonly cpuMs: number; readonly perCpuSecond: number };
  readonly alerts: number;
  readonly peakRssMiB: number;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

async function run(input: FraudInput): Promise<FraudResult> {
  await using world = await fraudStore(path.join(input.folder, 'fraud.duckdb'), input.history);
  const { store } = world;
  // The history counts as evaluated: the job stands behind it, and makes its own copy of it in the first run.
  await store.writer.run(`SET threads = 1; SET memory_limit = '3GB'; ${JOBS_DDL}${INCIDENTS_DDL}${FRAUD_DDL}${CASES_DDL}
    INSERT INTO ops.jobs SELECT 'fraud', '', '', '', '', '', true, 1, NULL, now(), 0`);
  let nowMs = Date.parse(`${HISTORY_END}Z`);
  const failures: string[] = [];
  const parts = {
    ...{ epoch: 1, codeVersion: 'bench', log: pino({ level: 'silent' }), now: () => new Date(nowMs), random: () => 0 },
    onRun: ({ error }: { readonly error: string | null }) => {
      if (error !== null) failures.push(error);
    },
  };
  await using runner = await JobRunner.open({ ...parts, connection: await store.instance.connect() }, [fraudJob({ rules: loadRules() })]);
  const settle = async (): Promise<void> => {
    nowMs += 600_000;
    runner.changed(null);
    while (await runner.step(new AbortController().signal, 0));
    if (failures[0] !== undefined) throw new Error(failures[0]);
  };
  for (let warm = 0; warm < 2; warm += 1) {
    await world.commit(1);
    await settle();
  }
  const live: LiveRow[] = [];
  for (const [movements, rounds] of input.batches) {
    const spent = { cpu: 0, ms: 0 };
    for (let turn = 0; turn < rounds; turn += 1) {
      await world.commit(movements);
      const begun = { cpu: cpuMs(), ms: performance.now() };
      await settle();
      spent.cpu += cpuMs() - begun.cpu;
      spent.ms += performance.now() - begun.ms;
    }
    const all = 1_000 * movements * rounds;
    live.push({
      ...{ history: input.history, movements, cpuMs: round(spent.cpu / rounds, 1), ms: round(spent.ms / rounds, 1) },
      ...{ perCpuSecond: round(all / spent.cpu), perSecond: round(all / spent.ms) },
    });
  }
  const runs = loadRules()
    .filter(({ header }) => header.status === 'active')
    .map((rule) => ({ name: rule.header.rule, run: { rule } }));
  const to = `${HISTORY_END.replace(' ', 'T')}Z`;
  const begun = cpuMs();
  const report = await backtest(await store.instance.connect(), {
    runs,
    from: new Date(Date.parse(to) - input.backtestDays * 86_400_000).toISOString(),
    to,
  });
  const spent = cpuMs() - begun;
  const alerts = (await store.writer.runAndReadAll('SELECT count(*) FROM gold.fraud_alerts')).getRows();
  return {
    live,
    backtest: {
      movements: report.transactions,
      rules: runs.length,
      cpuMs: round(spent),
      perCpuSecond: round((1_000 * report.transactions) / spent),
    },
    alerts: Number(alerts[0]?.[0]),
    peakRssMiB: round(process.resourceUsage().maxRSS / 1_024),
  };
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}') as FraudInput)));
