// The standing check that cached balances follow from the entries: at an interval, one consistent snapshot. Drift is a critical incident.

import type { BankMetrics } from '../../infra/runtime/bank-metrics.ts';
import { isAborted } from '../../infra/runtime/errors.ts';
import type { Log } from '../../infra/runtime/log.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { connectBank, type BankLogin } from '../generator/connect.ts';
import { checkBalances, type Drift } from './rebuild.ts';

export interface DriftJobOptions {
  readonly login: BankLogin;
  readonly intervalMs: number;
  readonly log: Log;
  readonly metrics: Pick<BankMetrics, 'driftedAccounts' | 'driftCheckedSeconds'>;
  readonly signal: AbortSignal;
}

/** Accounts named in the incident line. */
const NAMED_MAX = 20;

/** Runs until `signal` aborts. A check that fails is logged and tried again at the next interval. */
export async function runDriftCheck(options: DriftJobOptions): Promise<void> {
  const { intervalMs, log, signal } = options;
  while (!signal.aborted) {
    await sleep(intervalMs, signal).catch((error: unknown) => {
      if (!isAborted(error)) throw error;
    });
    if (signal.aborted) return;
    try {
      await checkOnce(options);
    } catch (error) {
      if (isAborted(error)) return;
      log.warn({ err: error }, 'balances were not checked');
    }
  }
}

/** One check; answers how many accounts drifted. */
export async function checkOnce({ login, log, metrics, signal }: Omit<DriftJobOptions, 'intervalMs'>): Promise<number> {
  const connection = await connectBank(login);
  try {
    const named: Drift[] = [];
    const onDrift = (drift: Drift): void => {
      if (named.length < NAMED_MAX) named.push(drift);
    };
    const { accounts, entries, drifted } = await checkBalances(connection, { signal, onDrift });
    metrics.driftedAccounts.set(drifted);
    metrics.driftCheckedSeconds.set(Math.floor(Date.now() / 1_000));
    if (drifted > 0)
      log.error(
        { incident: 'ledger_drift', severity: 'critical', code: 'LF_LEDGER_DRIFT', drifted, accounts: named },
        'cached balances differ from their entries',
      );
    else log.debug({ accounts, entries }, 'balances checked');
    return drifted;
  } finally {
    connection.destroy();
  }
}
