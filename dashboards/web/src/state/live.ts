// The position of the lake, as the server sends it; and the position that what is on the screen includes.

import { computed, signal } from '@preact/signals';
import type { Position } from '../../../api/answers/common.ts';
import { renew } from './http.ts';

export type Connection = 'connecting' | 'live' | 'lost';

export const connection = signal<Connection>('connecting');
/** Newest position the server told of. */
export const position = signal<Position | null>(null);
/** What each part of the page that is on the screen includes. */
const parts = signal<ReadonlyMap<object, Position>>(new Map());
/** What all figures on the screen include: the position of the oldest part. */
export const shown = computed<Position | null>(() =>
  [...parts.value.values()].reduce<Position | null>((oldest, at) => (oldest === null || at.commitId < oldest.commitId ? at : oldest), null),
);

/** Notes what a part of the page includes now; null when it has left the screen. */
export function notePart(part: object, at: Position | null): void {
  const next = new Map(parts.peek());
  if (at === null) next.delete(part);
  else next.set(part, at);
  parts.value = next;
}

const RETRY_MS = 2_000;
let source: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;

export function startLive(): void {
  stopLive();
  connection.value = 'connecting';
  const opened = new EventSource('/api/live');
  source = opened;
  opened.addEventListener('position', (event: MessageEvent<string>) => {
    connection.value = 'live';
    position.value = JSON.parse(event.data) as Position;
  });
  opened.addEventListener('lost', () => (connection.value = 'lost'));
  opened.addEventListener('expired', () => reopen(true));
  opened.addEventListener('error', () => reopen(opened.readyState === EventSource.CLOSED));
}

/** The browser tries again by itself unless the server refused. */
function reopen(refused: boolean): void {
  connection.value = 'connecting';
  if (!refused || source === undefined) return;
  stopLive();
  retry = setTimeout(() => void renew().then(() => startLive()), RETRY_MS);
}

export function stopLive(): void {
  clearTimeout(retry);
  source?.close();
  source = undefined;
}
