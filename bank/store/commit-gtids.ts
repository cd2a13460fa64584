// The GTIDs that MySQL tells with the result of a COMMIT while session_track_gtids is on.

import type { ResultSetHeader } from 'mysql2/promise';

type TrackedHeader = ResultSetHeader & { readonly stateChanges?: { readonly gtids?: readonly string[] } };

/** Empty for a commit that wrote nothing. */
export function commitGtids(result: ResultSetHeader | undefined): readonly string[] {
  return (result as TrackedHeader | undefined)?.stateChanges?.gtids ?? [];
}
