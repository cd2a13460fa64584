// "Included as of": the last source transaction that the figures on the screen include, and when the lake took it in.

import { clock, shortGtid } from '../format.ts';
import { connection, shown } from '../state/live.ts';

export function Freshness() {
  const at = shown.value;
  const state = connection.value;
  return (
    <div class={`freshness ${state}`}>
      <span class="dot" aria-hidden="true" />
      <span class="freshness-state">{state === 'live' ? 'Live' : state === 'lost' ? 'Not updating' : 'Connecting'}</span>
      {at !== null && at.committedAt !== null && (
        <span class="freshness-at" title={`Included as of ${at.gtid ?? 'the snapshot'} at ${at.committedAt} (commit ${at.commitId})`}>
          <span class="wide-only">included as of </span>
          <time dateTime={at.committedAt} data-testid="as-of">
            {clock(at.committedAt).slice(0, 8)}
          </time>
          <span class="wide-only"> UTC</span>
          <span class="wide-only gtid" data-testid="as-of-gtid">
            {' '}
            {shortGtid(at.gtid)}
          </span>
        </span>
      )}
    </div>
  );
}
