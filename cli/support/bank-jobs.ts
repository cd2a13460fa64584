// The long tasks that run beside the bank API in its process: the follower of the audit chain and the market simulator.

import { runAudit } from '../../bank/audit/job.ts';
import type { BankLogin } from '../../bank/generator/connect.ts';
import { runMarket } from '../../bank/market/simulator.ts';
import type { Log } from '../../infra/runtime/log.ts';
import type { Config } from '../../infra/runtime/settings.ts';

/** Resolves when all have ended, after `signal` aborted. */
export async function runBankJobs(config: Config, login: BankLogin, log: Log, signal: AbortSignal): Promise<void> {
  await Promise.all([
    runAudit({ login, intervalMs: config.auditIntervalMs, log: log.child({ job: 'audit' }), signal }),
    runMarket({ login, intervalMs: config.marketIntervalMs, seed: config.marketSeed, log: log.child({ job: 'market' }), signal }),
  ]);
}
