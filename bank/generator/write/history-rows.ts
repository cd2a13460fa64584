// Movements of the seeded world as rows of transactions and ledger_entries: text only, no connection.

import type { Movement } from '../world/event.ts';
import type { SeededWorld } from '../world/population.ts';
import type { MovementType } from '../world/intent.ts';
import { INSTRUMENTS } from '../world/market.ts';
import { Books } from './books.ts';
import { fourDigits } from './market-text.ts';
import type { WorldIds } from './population-rows.ts';
import type { Settled } from './settle.ts';
import { instantText, moneyText, rememberedLiterals } from './text.ts';

export const TRANSACTION_COLUMNS =
  'transaction_id, account_id, customer_id, merchant_id, amount, currency, status, event_ts, created_at, type, direction, ' +
  'counter_account_id, reference_id, device_id, channel, description, effective_at, posted_at, metadata';
export const TRADE_COLUMNS =
  'trade_id, account_id, customer_id, symbol, side, quantity, price, amount, currency, price_tick, transaction_id, traded_at';
export const ENTRY_COLUMNS = 'transaction_id, account_id, posting_type, amount, currency, balance_after, account_seq, created_at, leg';

/** The role of the house account on the other side (bank/schema/010_house.sql). */
export const HOUSE_ROLE: Readonly<Partial<Record<MovementType, bigint>>> = {
  PURCHASE: 2n,
  REFUND: 2n,
  DEPOSIT: 1n,
  WITHDRAWAL: 1n,
  FEE: 3n,
  CASHBACK: 4n,
  INTEREST: 7n,
  TRADE: 2n,
};

/** What a movement says beyond the columns: the card it was paid with, why it was declined. JSON text in MySQL's own form, or null. */
export function metadataOf({ card, reason }: Movement, ids: WorldIds): string | null {
  if (card === null) return reason === null ? null : `{"decline_reason": "${reason}"}`;
  return reason === null ? `{"card_id": "${ids.cards[card]!}"}` : `{"card_id": "${ids.cards[card]!}", "decline_reason": "${reason}"}`;
}

const LITERALS_MAX = 5_000;

export interface RowText {
  readonly transaction: string;
  /** Two rows, or empty. */
  readonly entries: string;
  readonly trade: { readonly row: string; readonly holding: number; readonly at: string } | null;
}

/** Turns settled movements into rows; they must come in the order in which they are posted. */
export class HistoryRows {
  readonly books: Books;
  readonly #world: SeededWorld;
  readonly #ids: WorldIds;
  readonly #literal = rememberedLiterals(LITERALS_MAX);

  constructor(world: SeededWorld, ids: WorldIds) {
    this.#world = world;
    this.#ids = ids;
    this.books = new Books(world);
  }

  /** The house account or the other customer's account. */
  counterId({ counter, currency, type }: Movement): bigint {
    if (counter !== null) return this.#ids.accounts[counter]!;
    return this.#ids.houseBase.get(currency)! + HOUSE_ROLE[type]!;
  }

  /** A row that the database has already: only the books move. */
  pass({ movement, postedMs }: Settled): void {
    if (postedMs === null) return;
    this.books.post(movement);
    if (movement.trade !== null) this.books.trade(movement);
  }

  /** A trade has the id of its cash transaction: so it follows from the plan, and no two trades share one. */
  #trade(movement: Movement, { id, customer, at }: { id: bigint; customer: bigint; at: string }): RowText['trade'] {
    const { account, currency, trade } = movement;
    const { instrument, side, quantity, price, tick } = trade!;
    const row =
      `(${id},${this.#ids.accounts[account]!},${customer},'${INSTRUMENTS[instrument]!.symbol}','${side}',${fourDigits(quantity)},` +
      `${fourDigits(price)},${moneyText(movement.amount)},'${currency}',${tick},${id},'${at}')`;
    return { row, holding: this.books.trade(movement), at };
  }

  /** @param idOf transaction_id of a movement by its number */
  write({ movement, status, postedMs }: Settled, idOf: (n: number) => bigint): RowText {
    const ids = this.#ids;
    const { n, at, account, shop, device, reference, currency, type, direction, channel, description } = movement;
    const id = idOf(n);
    const counterId = this.counterId(movement);
    const amount = moneyText(movement.amount);
    const event = instantText(movement.eventAt, n);
    const posted = postedMs === null ? null : instantText(postedMs, n);
    const metadata = metadataOf(movement, ids);
    const customer = ids.customers[this.#world.accounts[account]!.customer]!;
    const transaction =
      `(${id},${ids.accounts[account]!},${customer},${shop === null ? 'NULL' : ids.merchants[shop]!},${amount},'${currency}','${status}'` +
      `,'${event}','${instantText(at, n)}','${type}','${direction}',${counterId},${reference === null ? 'NULL' : idOf(reference)}` +
      `,${device === null ? 'NULL' : ids.devices[device]!},'${channel}',${this.#literal(description)},'${event}',${posted === null ? 'NULL' : `'${posted}'`},${metadata === null ? 'NULL' : `'${metadata}'`})`;
    if (posted === null) return { transaction, entries: '', trade: null };
    const [own, other] = this.books.post(movement);
    const tail = `,${amount},'${currency}',`;
    const opposite = direction === 'CREDIT' ? 'DEBIT' : 'CREDIT';
    const otherSide = other === undefined ? 'NULL,NULL' : `${moneyText(other.balance)},${other.sequence}`;
    const entries =
      `(${id},${ids.accounts[account]!},'${direction}'${tail}${moneyText(own!.balance)},${own!.sequence},'${posted}',1),` +
      `(${id},${counterId},'${opposite}'${tail}${otherSide},'${posted}',2)`;
    return { transaction, entries, trade: movement.trade === null ? null : this.#trade(movement, { id, customer, at: posted }) };
  }
}
