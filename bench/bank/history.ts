// Seeded history: transactions with their entries a second, from the plan to the commit, on one machine with the planner.

import { generateSeeded } from '../../bank/generator/seeded.ts';
import { verifyLedger } from '../../bank/schema/verify.ts';
import type { BenchOptions } from '../support/options.ts';
import { round } from '../support/stats.ts';
import { startBenchBank } from './server.ts';

const UNTIL_MS = Date.parse('2026-11-21T00:00:00Z');

/** @returns rate, processor time a transaction of both sides, and the breaches found by checking every entry afterwards (none) */
export async function bankHistory({ quick, tell }: BenchOptions): Promise<object> {
  await using bench = await startBenchBank();
  const customers = quick ? 300 : 2_000;
  const mysqlBefore = bench.mysqlCpuMs();
  const own = process.cpuUsage();
  const rates = { fraudRate: 0.002, faultRate: 0.001, breakRate: 0.01 };
  const summary = await generateSeeded({
    ...bench.service,
    ...rates,
    customers,
    seed: 1,
    months: 3,
    untilMs: UNTIL_MS,
    onProgress: ({ share, perSecond }) => tell(`${round(share * 100)} %, ${round(perSecond)}/s`),
  });
  const { user, system } = process.cpuUsage(own);
  const mysqlAfter = bench.mysqlCpuMs();
  const transactions = summary.posted + summary.failed + summary.pending;
  const breaches = await verifyLedger(bench.bank.connection);
  return {
    transactions,
    seconds: round(summary.seconds, 1),
    perSecond: round(transactions / summary.seconds),
    generatorCpuUsPerTransaction: round((user + system) / transactions, 1),
    mysqlCpuUsPerTransaction:
      mysqlBefore === null || mysqlAfter === null ? null : round(((mysqlAfter - mysqlBefore) * 1_000) / transactions, 1),
    breaches: breaches.length,
  };
}
