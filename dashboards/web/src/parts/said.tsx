// What an order came to: said once, to screen readers too.

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

export interface Orders {
  readonly said: SaidText | null;
  /** Sends an order and says what came of it. @returns whether it was carried out */
  readonly order: (path: string, options: CallOptions) => Promise<boolean>;
}

/** @param onDone after an order that was carried out */
export function useOrders(onDone: () => void): Orders {
  const [said, setSaid] = useState<SaidText | null>(null);
  const order: Orders['order'] = async (path, options) => {
    try {
      const { done } = await call<{ readonly done: string }>(path, { method: 'POST', ...options });
      setSaid({ text: done, bad: false });
      onDone();
      return true;
    } catch (failed) {
      setSaid({ text: failed instanceof CallFailed ? failed.message : 'This did not work.', bad: true });
      return false;
    }
  };
  return { said, order };
}
