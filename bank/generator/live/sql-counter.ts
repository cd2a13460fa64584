// The plan by plain SQL through the triggers, like any client: MySQL judges and posts. Transaction ids follow from the plan, so a row that is
// sent again meets its own key. A refused purchase is written as a failed one. One connection: its caller sends one step after the other.

import type { Connection } from 'mysql2/promise';
import { retry } from '../../../infra/runtime/retry.ts';
import type { DeviceAdded, Movement } from '../world/event.ts';
import type { SeededWorld } from '../world/population.ts';
import { metadataOf } from '../write/history-rows.ts';
import type { WorldIds } from '../write/population-rows.ts';
import { instantText, moneyText } from '../write/text.ts';
import type { Counter, Outcome, When } from './counter.ts';
import { sqlTrade } from './sql-trade.ts';

export interface SqlCounterOptions {
  readonly connection: Connection;
  readonly world: SeededWorld;
  readonly ids: WorldIds;
  /** transaction_id of a movement; its block is taken when it has none yet. */
  readonly idOf: (n: number) => Promise<bigint>;
}

const RETRY = { attemptsMax: 8, firstDelayMs: 5, delayMaxMs: 250 };
const PASSING = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT']);
/** SIGNAL of the triggers. */
const REFUSED = 'ER_SIGNAL_EXCEPTION';

export class SqlCounter implements Counter {
  readonly #options: SqlCounterOptions;

  constructor(options: SqlCounterOptions) {
    this.#options = options;
  }

  async move(movement: Movement, when: When): Promise<Outcome> {
    const { connection, world, ids, idOf } = this.#options;
    const id = await idOf(movement.n);
    if (movement.trade !== null) return await sqlTrade(connection, { id, world, ids }, movement, when);
    const done = await this.#insert(id, movement, movement.status, when);
    if (done === 'refused' && movement.type === 'PURCHASE') await this.#insert(id, movement, 'failed', when);
    return done;
  }

  async resolve(movement: Movement, posts: boolean, when: When): Promise<Outcome> {
    const id = await this.#options.idOf(movement.n);
    const at = instantText(when.writtenMs, movement.n);
    const end = (status: 'posted' | 'failed'): Promise<Outcome> =>
      this.#run(`UPDATE transactions SET status = ?, posted_at = ? WHERE transaction_id = ? AND status = 'pending'`, [
        status,
        status === 'posted' ? at : null,
        id,
      ]);
    const done = await end(posts ? 'posted' : 'failed');
    if (done === 'refused') await end('failed');
    return done;
  }

  async device({ device, plan }: DeviceAdded, when: When): Promise<Outcome> {
    const { ids } = this.#options;
    return await this.#run('INSERT INTO devices (device_id, customer_id, kind, os, fingerprint, created_at) VALUES (?)', [
      [ids.devices[device]!, ids.customers[plan.customer]!, plan.kind, plan.os, plan.fingerprint, instantText(when.writtenMs)],
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.connection.destroy();
    await Promise.resolve();
  }

  async #insert(id: bigint, movement: Movement, status: Movement['status'], when: When): Promise<Outcome> {
    const { world, ids, idOf } = this.#options;
    const { n, account, counter, shop, device, reference, channel, description } = movement;
    const at = instantText(when.writtenMs, n);
    const row = {
      transaction_id: id,
      account_id: ids.accounts[account]!,
      customer_id: ids.customers[world.accounts[account]!.customer]!,
      merchant_id: shop === null ? null : ids.merchants[shop]!,
      amount: moneyText(movement.amount),
      currency: movement.currency,
      status,
      event_ts: instantText(when.effectiveMs, n),
      created_at: at,
      type: movement.type,
      counter_account_id: counter === null ? null : ids.accounts[counter]!,
      reference_id: reference === null ? null : await idOf(reference),
      device_id: device === null ? null : ids.devices[device]!,
      channel,
      description,
      metadata: metadataOf(movement, ids),
    };
    return await this.#run('INSERT INTO transactions SET ?', [row]);
  }

  /** A duplicate key is a step that was done before. */
  async #run(sql: string, values: unknown[]): Promise<Outcome> {
    try {
      await retry(RETRY, () => this.#options.connection.query(sql, values), { retryWhen: (error) => PASSING.has(codeOf(error)) });
      return 'done';
    } catch (error) {
      if (codeOf(error) === 'ER_DUP_ENTRY') return 'done';
      if (codeOf(error) === REFUSED) return 'refused';
      throw error;
    }
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? '';
}
