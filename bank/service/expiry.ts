// The job that ends holds whose time has come. It goes through the executor like any command, so that it races fairly with capture and void.

import { sleep } from '../../infra/runtime/sleep.ts';
import { Link } from './link.ts';
import type { Ledger, LedgerOptions } from './executor.ts';
import { readDueHolds } from '../store/facts.ts';
import { messageOf } from '../../infra/runtime/errors.ts';

const HOLDS_PER_ROUND_MAX = 1_000;
const INTERVAL_MS = 1_000;

export interface ExpiryOptions extends Pick<LedgerOptions, 'login' | 'log'> {
  readonly ledger: Pick<Ledger, 'expire'>;
  readonly intervalMs?: number;
}

/** Resolves due holds every interval until the signal; a database that is away is asked again at the next one. */
export async function runExpiry(options: ExpiryOptions, signal: AbortSignal): Promise<void> {
  const link = new Link(options.login);
  try {
    while (!signal.aborted) {
      const expired = await expireDue(link, options);
      if (expired < HOLDS_PER_ROUND_MAX) await sleep(options.intervalMs ?? INTERVAL_MS, signal).catch(() => undefined);
    }
  } finally {
    await link.close();
  }
}

async function expireDue(link: Link, { ledger, log }: ExpiryOptions): Promise<number> {
  try {
    const due = await readDueHolds(await link.get(), HOLDS_PER_ROUND_MAX);
    await Promise.all(due.map(async (holdId) => await ledger.expire(holdId)));
    return due.length;
  } catch (error) {
    link.drop();
    log.warn({ cause: messageOf(error) }, 'due holds could not be read');
    return 0;
  }
}
