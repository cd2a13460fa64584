// The plan through the bank's HTTP API. Idempotency keys follow from the plan, so a request that is sent again is answered again and done once;
// an id that was forgotten is asked for in the same way. What the API has no command for (declined attempts, interest, cashback, new devices)
// goes by plain SQL beside it, as the bank's own batch jobs would.

import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { retry } from '../../../infra/runtime/retry.ts';
import type { DeviceAdded, Movement } from '../world/event.ts';
import { INSTRUMENTS } from '../world/market.ts';
import { metadataOf } from '../write/history-rows.ts';
import { fourDigits } from '../write/market-text.ts';
import type { WorldIds } from '../write/population-rows.ts';
import { instantText, moneyText } from '../write/text.ts';
import type { Counter, Outcome, When } from './counter.ts';

export interface ApiCounterOptions {
  /** For example http://127.0.0.1:8000 */
  readonly url: string;
  /** Service key, when the API asks for one. */
  readonly serviceKey?: string | undefined;
  /** Beginning of every idempotency key. */
  readonly prefix: string;
  readonly ids: WorldIds;
  /** Takes what the API has no command for. */
  readonly aside: Counter;
  /** transaction_id of a movement that was written by SQL; null: it was sent to the API. */
  readonly written: (n: number) => Promise<bigint | null>;
  /** A movement of the last weeks, to ask for its id again. */
  readonly recent: (n: number) => { readonly movement: Movement; readonly when: When } | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Requests in all. */
  readonly attemptsMax?: number;
}

const RETRY = { attemptsMax: 10, firstDelayMs: 20, delayMaxMs: 3_000 };
const REQUEST_TIMEOUT_MS = 30_000;
/** Ids kept for refunds and captures; older ones are asked for again. */
const IDS_MAX = 100_000;
/** Money refusals: the world goes on. */
const BUSINESS = new Set([
  ...['insufficient_funds', 'insufficient_holding', 'limit_exceeded', 'account_frozen', 'account_closed', 'no_price', 'unknown_instrument'],
  ...['amount_not_positive', 'return_exceeds_original', 'not_returnable', 'already_reversed', 'hold_resolved', 'hold_expired'],
]);
const HOLD_SECONDS = 31 * 86_400;

/** What of an answer is read. */
interface Answer {
  readonly transaction_id?: string | number;
  readonly hold_id?: string | number;
  readonly code?: string;
  readonly detail?: string;
  readonly message?: string;
}

export class ApiCounter implements Counter {
  readonly #options: ApiCounterOptions;
  /** transaction_id or hold_id by movement. */
  readonly #ids = new Map<number, string>();

  constructor(options: ApiCounterOptions) {
    this.#options = options;
  }

  async move(movement: Movement, when: When): Promise<Outcome> {
    const { type, status } = movement;
    if (status === 'failed' || type === 'CASHBACK' || type === 'INTEREST') return await this.#options.aside.move(movement, when);
    return (await this.#send(movement, when)) === null ? 'refused' : 'done';
  }

  async resolve(movement: Movement, posts: boolean, when: When): Promise<Outcome> {
    if (!this.#ids.has(movement.n) && (await this.#options.written(movement.n)) !== null)
      return await this.#options.aside.resolve(movement, posts, when);
    const hold = await this.#idOf(movement.n);
    if (hold === null) return 'refused';
    const key = `${this.#options.prefix}-${movement.n}-end`;
    const about = this.#about(movement, when);
    const answer = posts ? await this.#post(`/v1/holds/${hold}/capture`, about, key) : await this.#post(`/v1/holds/${hold}/void`, {}, key);
    if (answer !== null && posts) this.#remember(movement.n, String(answer.transaction_id));
    return answer === null ? 'refused' : 'done';
  }

  async device(event: DeviceAdded, when: When): Promise<Outcome> {
    return await this.#options.aside.device(event, when);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.aside[Symbol.asyncDispose]();
  }

  async #send(movement: Movement, when: When): Promise<string | null> {
    const { n, account, counter, type, shop, reference, status } = movement;
    const { ids, prefix } = this.#options;
    const about = this.#about(movement, when);
    const amount = moneyText(movement.amount);
    const own = { account_id: String(ids.accounts[account]!), amount };
    const request = async (): Promise<readonly [string, object] | null> => {
      if (movement.trade !== null) {
        const { instrument, side, quantity } = movement.trade;
        return [
          '/v1/trades',
          { account_id: own.account_id, symbol: INSTRUMENTS[instrument]!.symbol, side, quantity: fourDigits(quantity), ...about },
        ];
      }
      if (counter !== null)
        return ['/v1/transfers', { from_account_id: own.account_id, to_account_id: String(ids.accounts[counter]!), amount, ...about }];
      if (type === 'REFUND') {
        const original = await this.#idOf(reference!);
        return original === null ? null : ['/v1/refunds', { transaction_id: original, amount, ...about }];
      }
      if (type === 'PURCHASE') {
        const purchase = { ...own, merchant_id: String(ids.merchants[shop!]!), ...about };
        return status === 'pending' ? ['/v1/holds', { ...purchase, expires_in_seconds: HOLD_SECONDS }] : ['/v1/purchases', purchase];
      }
      return [type === 'DEPOSIT' ? '/v1/deposits' : type === 'FEE' ? '/v1/fees' : '/v1/withdrawals', { ...own, ...about }];
    };
    const made = await request();
    const answer = made === null ? null : await this.#post(made[0], made[1], `${prefix}-${n}`);
    if (answer === null) return null;
    const id = String(status === 'pending' ? answer.hold_id : answer.transaction_id);
    if (type === 'PURCHASE') this.#remember(n, id);
    return id;
  }

  #about(movement: Movement, when: When): object {
    const { channel, description, device } = movement;
    const { ids } = this.#options;
    const metadata = metadataOf(movement, ids);
    return {
      ...{ channel, description, ...effective(movement, when) },
      ...(device === null ? {} : { device_id: String(ids.devices[device]!) }),
      ...(metadata === null ? {} : { metadata: JSON.parse(metadata) as object }),
    };
  }

  /** The id that a movement got; asked for again with its own key when it is not known any more. Null: it was refused. */
  async #idOf(n: number): Promise<string | null> {
    const known = this.#ids.get(n) ?? (await this.#options.written(n))?.toString();
    if (known !== undefined) return known;
    const recent = this.#options.recent(n);
    return recent === undefined ? null : await this.#send(recent.movement, recent.when);
  }

  #remember(n: number, id: string): void {
    this.#ids.set(n, id);
    if (this.#ids.size <= IDS_MAX) return;
    const [oldest] = this.#ids.keys();
    this.#ids.delete(oldest!);
  }

  /** @returns the answer, or null when the ledger refuses for a reason of money or state */
  async #post(path: string, body: object, key: string): Promise<Answer | null> {
    const { url, signal, attemptsMax = RETRY.attemptsMax } = this.#options;
    return await retry({ ...RETRY, attemptsMax }, () => this.#once(path, body, key), {
      ...(signal === undefined ? {} : { signal }),
      retryWhen: (error) => error instanceof LedgerflowError && error.code === 'LF_BANK_API_DOWN',
    }).catch((error: unknown) => {
      throw error instanceof LedgerflowError
        ? error
        : new LedgerflowError('LF_BANK_API', messageOf(error), { where: url + path, cause: error });
    });
  }

  async #once(path: string, body: object, key: string): Promise<Answer | null> {
    const { url, serviceKey } = this.#options;
    const where = `${url}${path}`;
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': key,
      ...(serviceKey === undefined ? {} : { authorization: `Bearer ${serviceKey}` }),
    };
    let response: Response;
    try {
      response = await fetch(where, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
    } catch (error) {
      throw new LedgerflowError('LF_BANK_API_DOWN', `the bank API does not answer: ${messageOf(error)}`, { where, cause: error });
    }
    const answer = (await response.json().catch(() => ({}))) as Answer;
    if (response.ok) return answer;
    const code = answer.code ?? '';
    // A late or early movement says when it happened: sent again after a stop, it says so anew, and was done before.
    if (BUSINESS.has(code) || code === 'idempotency_key_reused') return null;
    const text = `${response.status} ${code}: ${answer.detail ?? answer.message ?? ''}`;
    const passing = response.status >= 500 || response.status === 429 || code === 'idempotency_in_flight';
    throw new LedgerflowError(passing ? 'LF_BANK_API_DOWN' : 'LF_BANK_API', text, { where });
  }
}

/** RFC 3339 with the microseconds that plain SQL writes; nothing for now, so that a request that is sent again is the same request. */
function effective({ n }: Movement, { effectiveMs, isNow }: When): { effective_at?: string } {
  return isNow ? {} : { effective_at: `${instantText(effectiveMs, n).replace(' ', 'T')}Z` };
}
