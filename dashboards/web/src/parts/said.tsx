// What an order came to: said once, to screen readers too.

import type { ReadonlySignal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { call, CallFailed, type CallOptions } from '../state/http.ts';
import { Failure } from './card.tsx';

export interface SaidText {
  readonly text: string;
  readonly bad: boolean;
}

export function Said({ said }: { readonly said: SaidText | null }) {
  if (said === null) return null;
  if (said.bad) return <Failure>{said.text}</Failure>;
  return (
    <p class="notice" role="status">
      {said.text}
    </p>
  );
}

export interface Saying {
  readonly said: SaidText | null;
  /** Does something and says what came of it, or why it failed. @returns whether it was done */
  readonly attempt: (work: () => Promise<SaidText>) => Promise<boolean>;
}

export function useSaid(): Saying {
  const [said, setSaid] = useState<SaidText | null>(null);
  const attempt: Saying['attempt'] = async (work) => {
    try {
      setSaid(await work());
      return true;
    } catch (failed) {
      setSaid({ text: failed instanceof CallFailed ? failed.message : 'This did not work.', bad: true });
      return false;
    }
  };
  return { said, attempt };
}

export interface Orders {
  readonly said: SaidText | null;
  /** Sends an order and says what came of it. @returns whether it was carried out */
  readonly order: (path: string, options: Omit<CallOptions, 'actor'>) => Promise<boolean>;
}

/** @param onDone after an order that was carried out @param as who gives the orders where nobody logs in */
export function useOrders(onDone: () => void, as?: ReadonlySignal<string>): Orders {
  const { said, attempt } = useSaid();
  const order: Orders['order'] = async (path, options) => {
    const who = as === undefined ? {} : { actor: as.value };
    const done = await attempt(async () => {
      const answer = await call<{ readonly done: string }>(path, { method: 'POST', ...options, ...who });
      return { text: answer.done, bad: false };
    });
    if (done) onDone();
    return done;
  };
  return { said, order };
}
