// A page's data: read at once and again whenever the lake has moved.

import { effect } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Position } from '../../../api/answers/common.ts';
import { CallFailed, call } from './http.ts';
import { notePart, position } from './live.ts';
import { Reader, type Reading } from './reader.ts';

export interface Live<T> {
  readonly data: T | undefined;
  /** Why the newest reading failed; what is shown is older then. */
  readonly error: string | null;
  readonly reload: () => void;
}

const EVERY_MS = 120;

/** @param asked a new number asks for the part anew, as after an order */
export function useLive<T extends object>(path: string, everyMs = EVERY_MS, asked = 0): Live<T> {
  const [state, setState] = useState<{ data: T | undefined; error: string | null }>({ data: undefined, error: null });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const part = {};
    const reader = new Reader(
      (signal) => readPart<T>(path, signal),
      ({ data, error, included }) => {
        setState((before) => ({ data: data ?? before.data, error }));
        if (included !== undefined) notePart(part, included);
      },
      everyMs,
    );
    const stop = effect(() => reader.want(placeOf(position.value)));
    return () => {
      stop();
      reader.stop();
      notePart(part, null);
    };
  }, [path, everyMs, turn, asked]);
  return { ...state, reload: () => setTurn((before) => before + 1) };
}

/** Changes whenever a page may have something new to show. */
function placeOf(at: Position | null): string {
  return at === null ? '' : `${at.commitId} ${at.seq} ${at.turnedAt}`;
}

/** Problems that asking again does not mend. */
const FINAL: readonly CallFailed['code'][] = ['malformed', 'not_logged_in', 'session_expired', 'forbidden', 'not_found', 'refused'];

async function readPart<T extends object>(path: string, signal: AbortSignal): Promise<Reading<T>> {
  try {
    const data = await call<T & { readonly included?: Position }>(path, { signal });
    const failed = Object.values(data).some((part: unknown) => (part as { readonly state?: unknown } | null)?.state === 'failed');
    return { data, error: null, included: data.included, retry: failed };
  } catch (error) {
    if (!(error instanceof CallFailed)) return { data: undefined, error: 'This page could not be read.', included: undefined, retry: true };
    return { data: undefined, error: error.message, included: undefined, retry: !FINAL.includes(error.code) };
  }
}
