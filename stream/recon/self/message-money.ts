// The money in a change message of Debezium as Kafka holds it. Pure.

import { units } from './tally.ts';
import type { TableShape } from './shape.ts';

interface Change {
  readonly op?: string;
  readonly before?: Readonly<Record<string, unknown>> | null;
  readonly after?: Readonly<Record<string, unknown>> | null;
}

/** Of the image that the change is about: a deleted row's last one, any other's new one. Null for tombstones and what is no such change. */
export function messageMoney(value: Buffer | null, { money }: TableShape): { readonly currency: string; readonly amount: bigint } | null {
  if (money === null || value === null) return null;
  try {
    const change = JSON.parse(value.toString('utf8')) as Change;
    const image = change.op === 'd' ? change.before : change.after;
    const [amount, currency] = [image?.[money.amount], image?.[money.currency]];
    if (typeof amount !== 'string' || !/^-?\d{1,30}(\.\d{1,4})?$/.test(amount)) return null;
    return { currency: typeof currency === 'string' ? currency : '', amount: units(amount) };
  } catch {
    return null; // it is in bronze as it is, and parked if it cannot be read: its row is counted
  }
}
