// Exchanges a refresh token once, however many pages ask at the same moment: the bank ends a login whose token is used twice.

import { createHash } from 'node:crypto';
import type { BankAnswer } from '../bank/client.ts';

/** Pages that were open together ask within this time. */
const REMEMBERED_MS = 20_000;
const REMEMBERED_MAX = 1_000;

export class Refresher {
  readonly #exchange: (refreshToken: string) => Promise<BankAnswer>;
  readonly #known = new Map<string, Promise<BankAnswer>>();

  constructor(exchange: (refreshToken: string) => Promise<BankAnswer>) {
    this.#exchange = exchange;
  }

  refresh(token: string): Promise<BankAnswer> {
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const asked = this.#exchange(token);
    if (this.#known.size >= REMEMBERED_MAX) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(key, asked);
    setTimeout(() => this.#known.delete(key), REMEMBERED_MS).unref();
    return asked;
  }
}
