// A second snapshot in the middle of the stream is no continuation: what happened between the recorded position and the snapshot is
// unknown, its rows carry no position that could be compared, and rows deleted meanwhile would live on.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { ControlAction, Phase } from '../../lake/store/batch.ts';

/**
 * @param actions snapshot actions of one cut
 * @param before phase before the cut was taken: 'streaming' once all rows of the first snapshot have been taken
 * @param known snapshots the store has rows of
 * @throws LedgerflowError LF_SNAPSHOT_REPEATED
 */
export function refuseSecondSnapshot(actions: readonly ControlAction[], before: Phase, known: ReadonlySet<string>): void {
  if (before !== 'streaming') return;
  for (const action of actions) {
    if (action.kind !== 'snapshot' || known.has(action.generation)) continue;
    throw new LedgerflowError(
      'LF_SNAPSHOT_REPEATED',
      `rows of another snapshot (${action.generation}) came after the first one had ended`,
      { where: action.table },
    );
  }
}
