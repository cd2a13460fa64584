// The long tasks that run beside the bank API in its process: the follower of the audit chain, the check for drift, the market simulator.

import { runDriftCheck } from '../../bank/audit/drift-job.ts';
import { runAudit } from '../../bank/audit/job.ts';
import type { BankLogin } from '../../bank/generator/connect.ts';
import { runMarket } from '../../bank/market/simulator.ts';
import type { BankMetrics } from '../../infra/runtime/bank-metrics.ts';
import type { Log } from '../../infra/runtime/log.ts';
import type { Config } from '../../infra/runtime/settings.ts';

export interface BankJobOptions {
  readonly login: BankLogin;
  readonly log: Log;
  readonly metrics: BankMetrics;
  readonly signal: AbortSignal;
}

/** Resolves when all have ended, after `signal` aborted. */
export async function runBankJobs(config: Config, { login, log, metrics, signal }: BankJobOptions): Promise<void> {
  await Promise.all([
    runAudit({ login, intervalMs: config.auditIntervalMs, log: log.child({ job: 'audit' }), signal, metrics }),
    runDriftCheck({ login, intervalMs: config.bankCheckIntervalMs, log: log.child({ job: 'drift' }), signal, metrics }),
    runMarket({ login, intervalMs: config.marketIntervalMs, seed: config.marketSeed, log: log.child({ job: 'market' }), signal }),
  ]);
}
