// One comparison, or one after the other until told to stop.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import type { Verification } from '../../lake/verify/verify.ts';

export interface Rounds {
  readonly once: () => Promise<Verification>;
  readonly show: (found: Verification) => void;
  /** Told of a comparison that could not be made. */
  readonly note: (text: string) => void;
  /** Null for a single comparison. */
  readonly repeat: { readonly everyMs: number; readonly stop: AbortSignal } | null;
}

/** @throws LedgerflowError LF_VERIFY_DIFFERENT when the last comparison found a difference; of a single one what it throws */
export async function verifyRounds({ once, show, note, repeat }: Rounds): Promise<void> {
  let last: Verification | null = null;
  do {
    try {
      last = await once();
      show(last);
    } catch (error) {
      if (repeat === null || !(error instanceof LedgerflowError) || error.kind !== 'retryable') throw error;
      note(error.toLine());
    }
    if (repeat !== null && !repeat.stop.aborted) await sleep(repeat.everyMs, repeat.stop).catch(() => undefined); // stopped: the loop ends
  } while (repeat !== null && !repeat.stop.aborted);
  const different = new Set(last?.outcomes.filter(({ status }) => status === 'different').map(({ table }) => table));
  if (last !== null && different.size > 0)
    throw new LedgerflowError('LF_VERIFY_DIFFERENT', [...different].join(', '), { where: last.gtid });
}
