// The follower as a long task of the bank service: seals what is settled, at an interval.

import type { BankMetrics } from '../../infra/runtime/bank-metrics.ts';
import { isAborted, LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Log } from '../../infra/runtime/log.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import type { BankLogin } from '../generator/connect.ts';
import { advanceAudit } from './advance.ts';

export interface AuditJobOptions {
  readonly login: BankLogin;
  readonly intervalMs: number;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly metrics?: Pick<BankMetrics, 'auditBroken'>;
}

/** Runs until `signal` aborts. A failed round is logged and tried again at the next interval. */
export async function runAudit({ login, intervalMs, log, signal, metrics }: AuditJobOptions): Promise<void> {
  while (!signal.aborted) {
    try {
      const { blocks, transactions, blockNo, open, oldestSeconds } = await advanceAudit({ ...login, signal });
      metrics?.auditBroken.set(0);
      if (blocks > 0) log.debug({ blocks, transactions, blockNo }, 'transactions sealed');
      if (open > 0) log.info({ open, oldestSeconds }, 'sealing waits for open transactions');
    } catch (error) {
      if (isAborted(error)) return;
      const broken = error instanceof LedgerflowError && error.code === 'LF_AUDIT_BROKEN';
      if (broken) metrics?.auditBroken.set(1);
      const incident = broken ? { incident: 'audit_chain_broken', severity: 'critical' } : {};
      log[broken ? 'error' : 'warn']({ ...incident, err: error }, 'transactions were not sealed');
    }
    await sleep(intervalMs, signal).catch((error: unknown) => {
      if (!isAborted(error)) throw error;
    });
  }
}
