// The standing tables of a world in files, and the ids its rows have there: counted from where an empty bank would begin.

import { DAY_MS } from '../habits/clock.ts';
import { PLACES } from '../world/places.ts';
import { INSTRUMENTS, Market } from '../world/market.ts';
import type { SeededWorld } from '../world/population.ts';
import type { WorldIds } from '../write/population-rows.ts';
import { expiryText, fourDigits } from '../write/market-text.ts';
import { instantText, moneyText } from '../write/text.ts';
import type { Books } from '../write/books.ts';
import { quoted, type CsvFile } from './csv-file.ts';
import type { TableName } from './tables.ts';

const FIRST_CUSTOMER = 1_001n;
const FIRST_ACCOUNT = 1_001n;
const HOUSE_CUSTOMER = 800;
const HOUSE_BASES = new Map([
  ['USD', 800n],
  ['INR', 810n],
]);
const HOUSE_ROLES = ['float', 'settlement', 'fees', 'cashback', 'fx', 'equity', 'interest', 'adjustment'];

export function idsInFiles(world: SeededWorld): WorldIds {
  const from = (first: bigint, rows: readonly unknown[]): bigint[] => rows.map((_, index) => first + BigInt(index));
  return {
    customers: from(FIRST_CUSTOMER, world.citizens),
    accounts: from(FIRST_ACCOUNT, world.accounts),
    merchants: from(1n, world.directory.shops),
    devices: from(1n, world.devices),
    cards: from(1n, world.cards),
    houseBase: HOUSE_BASES,
  };
}

export interface StandingContext {
  readonly world: SeededWorld;
  readonly ids: WorldIds;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly file: (table: TableName) => CsvFile;
}

/** When each customer joined, as text. */
export function joinedTexts({ world, fromMs }: Pick<StandingContext, 'world' | 'fromMs'>): string[] {
  return world.citizens.map(({ memberDays }) => instantText(fromMs - memberDays * DAY_MS));
}

/** Everything but the accounts, which are written at the end with their balances. */
export function writeStanding(context: StandingContext): void {
  const { world, ids, fromMs, file } = context;
  const start = instantText(fromMs - 1_000 * DAY_MS);
  const joined = joinedTexts(context);
  file('customers').write(`${HOUSE_CUSTOMER},LedgerFlow,Bank,,${start},,`);
  for (const { index, firstName, lastName, email, home } of world.citizens) {
    const { city, country } = PLACES[home]!;
    file('customers').write(`${ids.customers[index]!},${firstName},${quoted(lastName)},${email},${joined[index]!},${city},${country}`);
  }
  world.directory.shops.forEach(({ name, mcc, category, place }, index) => {
    const where = place === null ? ',' : `${PLACES[place]!.city},${PLACES[place]!.country}`;
    file('merchants').write(`${ids.merchants[index]!},${quoted(name)},${mcc ?? ''},${category},${where},${start}`);
  });
  world.devices.forEach((plan, index) => file('devices').write(deviceLine(ids, index, plan, joined[plan.customer]!)));
  world.cards.forEach(({ account, customer, kind, network, last4, validMonths }, index) =>
    file('cards').write(
      `${ids.cards[index]!},${ids.accounts[account]!},${ids.customers[customer]!},${kind},${network},${last4},` +
        `${expiryText(fromMs, validMonths)},active,${joined[customer]!}`,
    ),
  );
  writeMarket(context, start);
}

export function deviceLine(
  { devices, customers }: WorldIds,
  index: number,
  { customer, kind, os, fingerprint }: SeededWorld['devices'][number],
  at: string,
): string {
  return `${devices[index]!},${customers[customer]!},${kind},${os},${fingerprint},${at}`;
}

function writeMarket({ fromMs, untilMs, file }: StandingContext, start: string): void {
  for (const { symbol, name, kind, currency, initial, drift, volatility } of INSTRUMENTS)
    file('instruments').write(
      `${symbol},${quoted(name)},${kind},${currency},${fourDigits(BigInt(initial))},${drift.toFixed(6)},${volatility.toFixed(6)},1,${start}`,
    );
  for (const { instrument, tick, price, atMs } of new Market().between(fromMs, untilMs)) {
    const { symbol, currency } = INSTRUMENTS[instrument]!;
    file('market_prices').write(`${symbol},${tick},${fourDigits(BigInt(price))},${currency},${instantText(atMs)}`);
  }
}

/** House accounts, then customers' accounts with the balances of `books`. */
export function writeAccounts(context: StandingContext, books: Books): void {
  const { world, ids, fromMs, file } = context;
  const start = instantText(fromMs - 1_000 * DAY_MS);
  for (const [currency, base] of HOUSE_BASES)
    HOUSE_ROLES.forEach((role, index) =>
      file('accounts').write(
        `${base + BigInt(index + 1)},${HOUSE_CUSTOMER},house_${role},,active,${start},${currency},0.00,0,${role} ${currency},0.00`,
      ),
    );
  const joined = joinedTexts(context);
  world.accounts.forEach(({ customer, type, currency, overdraftLimit }, index) =>
    file('accounts').write(
      `${ids.accounts[index]!},${ids.customers[customer]!},${type},${moneyText(books.balance(index))},active,${joined[customer]!},${currency},` +
        `${moneyText(overdraftLimit)},${books.sequence(index)},,0.00`,
    ),
  );
}
