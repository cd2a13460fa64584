// Events as they are written: a pending movement waits until it is known what became of it, so that every row is written once, whole.

import type { DeviceAdded, Movement, WorldEvent } from '../world/event.ts';

/** A movement's final form: what became of it, and when it was posted (null: it was not). */
export interface Settled {
  readonly kind: 'settled';
  readonly movement: Movement;
  readonly status: Movement['status'];
  readonly postedMs: number | null;
}

/** Devices and settled movements in the order of posting; what is pending when the events end comes last, pending. */
export function* settledOf(events: Iterable<WorldEvent>): Generator<Settled | DeviceAdded, void, undefined> {
  const pending = new Map<number, Movement>();
  for (const event of events) {
    if (event.kind === 'device') yield event;
    else if (event.kind === 'resolution') {
      pending.delete(event.of.n);
      yield { kind: 'settled', movement: event.of, status: event.status, postedMs: event.status === 'posted' ? event.at : null };
    } else if (event.status === 'pending') pending.set(event.n, event);
    else yield { kind: 'settled', movement: event, status: event.status, postedMs: event.status === 'posted' ? event.at : null };
  }
  for (const movement of pending.values()) yield { kind: 'settled', movement, status: 'pending', postedMs: null };
}
