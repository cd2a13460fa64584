// A page's data: read at once and again whenever the lake has moved, one request at a time, never faster than `everyMs`.

import { effect } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { Position } from '../../../api/answers/common.ts';
import { CallFailed, call } from './http.ts';
import { notePart, position } from './live.ts';

export interface Live<T> {
  readonly data: T | undefined;
  /** Why the newest reading failed; what is shown is older then. */
  readonly error: string | null;
  readonly reload: () => void;
}

const EVERY_MS = 120;

export function useLive<T extends object>(path: string, everyMs = EVERY_MS): Live<T> {
  const [state, setState] = useState<{ data: T | undefined; error: string | null }>({ data: undefined, error: null });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const reader = new Reader<T>(path, everyMs, (data, error) => setState((before) => ({ data: data ?? before.data, error })));
    const stop = effect(() => {
      reader.want(position.value?.commitId ?? -1);
    });
    return () => {
      stop();
      reader.stop();
    };
  }, [path, everyMs, turn]);
  return { ...state, reload: () => setTurn((before) => before + 1) };
}

class Reader<T extends object> {
  readonly #path: string;
  readonly #everyMs: number;
  readonly #tell: (data: T | undefined, error: string | null) => void;
  readonly #stopping = new AbortController();
  #wanted = -2;
  #read = -2;
  #busy = false;

  constructor(path: string, everyMs: number, tell: (data: T | undefined, error: string | null) => void) {
    this.#path = path;
    this.#everyMs = everyMs;
    this.#tell = tell;
  }

  want(commitId: number): void {
    this.#wanted = Math.max(this.#wanted, commitId);
    if (!this.#busy) void this.#run();
  }

  stop(): void {
    this.#stopping.abort();
    notePart(this, null);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    this.#busy = true;
    while (!signal.aborted && this.#wanted > this.#read) {
      const wanted = this.#wanted;
      try {
        const data = await call<T & { readonly included?: Position }>(this.#path, { signal });
        if (signal.aborted) return;
        this.#tell(data, null);
        if (data.included !== undefined) notePart(this, data.included);
      } catch (error) {
        if (signal.aborted) return;
        this.#tell(undefined, error instanceof CallFailed ? error.message : 'This page could not be read.');
      }
      this.#read = wanted;
      await new Promise((resolve) => setTimeout(resolve, this.#everyMs));
    }
    this.#busy = false;
  }
}
