// Waiting for what the connector or the processor does next.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';

const ARRIVAL_DEADLINE_MS = 120_000;
const POLL_MS = 1_000;

/** @throws LedgerflowError LF_BACKFILL_FAILED when it does not come */
export async function until(what: string, ask: () => Promise<boolean>, pollMs = POLL_MS): Promise<void> {
  const deadline = Date.now() + ARRIVAL_DEADLINE_MS;
  while (!(await ask())) {
    if (Date.now() > deadline)
      throw new LedgerflowError('LF_BACKFILL_FAILED', `waited ${ARRIVAL_DEADLINE_MS / 1_000} s for ${what}: is the connector running?`);
    await sleep(pollMs);
  }
}
