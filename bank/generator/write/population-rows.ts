// Writes the standing part of the seeded world: customers, merchants, devices, accounts (their opening balances post themselves), cards and
// the prices of its span. Ids are given here, from where MySQL's counters stand, so that a world's ids follow from a few first ones.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { DAY_MS } from '../habits/clock.ts';
import { INSTRUMENTS, Market } from '../world/market.ts';
import { PLACES } from '../world/places.ts';
import type { SeededWorld } from '../world/population.ts';
import { insertRows } from './insert-rows.ts';
import { expiryText, fourDigits } from './market-text.ts';
import { instantText, moneyText } from './text.ts';

/** The ids of rows by index in the plan. */
export interface WorldIds {
  readonly customers: readonly bigint[];
  readonly accounts: readonly bigint[];
  readonly merchants: readonly bigint[];
  /** Grows with the devices that appear. */
  readonly devices: bigint[];
  readonly cards: readonly bigint[];
  /** currencies.house_base by code. */
  readonly houseBase: ReadonlyMap<string, bigint>;
}

/** The first id of each kind; the others count on from it. */
export interface FirstIds {
  readonly customers: bigint;
  readonly accounts: bigint;
  readonly merchants: bigint;
  readonly devices: bigint;
  readonly cards: bigint;
}

/** Devices that may appear later, a customer: their ids are left free. */
const DEVICES_TO_COME = 64n;

/** The ids that AUTO_INCREMENT would give next; another client may take them before they are used, which a duplicate key then says. */
export async function nextIds(connection: Connection): Promise<FirstIds> {
  await connection.query('SET SESSION information_schema_stats_expiry = 0');
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT table_name AS name, auto_increment AS next FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name IN ('customers', 'accounts', 'merchants', 'devices', 'cards')`,
  );
  const next = new Map(rows.map((row) => [String(row['name']), BigInt((row['next'] as string | null) ?? 1)]));
  const of = (table: string): bigint => next.get(table)!;
  return {
    customers: of('customers'),
    accounts: of('accounts'),
    merchants: of('merchants'),
    devices: of('devices'),
    cards: of('cards'),
  };
}

/** Ids by index from the first ones. */
export async function idsFrom(connection: Connection, world: SeededWorld, first: FirstIds): Promise<WorldIds> {
  const count = (start: bigint, rows: readonly unknown[]): bigint[] => rows.map((_, index) => start + BigInt(index));
  return {
    customers: count(first.customers, world.citizens),
    accounts: count(first.accounts, world.accounts),
    merchants: count(first.merchants, world.directory.shops),
    devices: count(first.devices, world.devices),
    cards: count(first.cards, world.cards),
    houseBase: await readHouseBases(connection),
  };
}

/** Inserts all of it; the caller's transaction makes it visible at once. @param fromMs when the history begins; customers joined before */
export async function insertPopulation(connection: Connection, world: SeededWorld, ids: WorldIds, fromMs: number): Promise<void> {
  const start = instantText(fromMs - 1_000 * DAY_MS);
  const joined = world.citizens.map(({ memberDays }) => instantText(fromMs - memberDays * DAY_MS));
  await insertRows(
    connection,
    'customers (customer_id, first_name, last_name, email, created_at, city, country)',
    world.citizens.map(({ index, firstName, lastName, email, home }) => {
      const { city, country } = PLACES[home]!;
      return [ids.customers[index]!, firstName, lastName, email, joined[index]!, city, country];
    }),
  );
  await insertRows(
    connection,
    'merchants (merchant_id, name, mcc, category, city, country, created_at)',
    world.directory.shops.map(({ name, mcc, category, place }, index) => {
      const { city, country } = place === null ? { city: null, country: null } : PLACES[place]!;
      return [ids.merchants[index]!, name, mcc, category, city, country, start];
    }),
  );
  await insertDevices(connection, world, ids, joined);
  await insertRows(
    connection,
    'accounts (account_id, customer_id, account_type, balance, status, created_at, currency, overdraft_limit)',
    world.accounts.map(({ customer, type, opening, currency, overdraftLimit }, index) => {
      const money = [moneyText(opening), 'active', joined[customer]!, currency, moneyText(overdraftLimit)];
      return [ids.accounts[index]!, ids.customers[customer]!, type, ...money];
    }),
  );
  await insertRows(
    connection,
    'cards (card_id, account_id, customer_id, kind, network, last4, expires_on, created_at)',
    world.cards.map(({ account, customer, kind, network, last4, validMonths }, index) => {
      const owner = [ids.cards[index]!, ids.accounts[account]!, ids.customers[customer]!];
      return [...owner, kind, network, last4, expiryText(fromMs, validMonths), joined[customer]!];
    }),
  );
}

/** The devices known from the start; and the counter moved past those that may come. */
async function insertDevices(connection: Connection, world: SeededWorld, ids: WorldIds, joined: readonly string[]): Promise<void> {
  const target = 'devices (device_id, customer_id, kind, os, fingerprint, created_at)';
  await insertRows(
    connection,
    target,
    world.devices.map(({ customer, kind, os, fingerprint }, index) => {
      return [ids.devices[index]!, ids.customers[customer]!, kind, os, fingerprint, joined[customer]!];
    }),
  );
  const last = ids.devices[0]! + BigInt(world.citizens.length) * DEVICES_TO_COME;
  await connection.query('SAVEPOINT devices_to_come');
  await insertRows(connection, target, [[last, ids.customers[0]!, 'phone', null, null, joined[0]!]]);
  await connection.query('ROLLBACK TO SAVEPOINT devices_to_come');
}

/** The prices of the span; those that another world has written are the same and stay. */
export async function insertPrices(connection: Connection, fromMs: number, untilMs: number): Promise<void> {
  const prices = [...new Market().between(fromMs, untilMs)];
  if (prices.length === 0) return;
  const [rows] = await connection.query<RowDataPacket[]>('SELECT symbol, tick FROM market_prices WHERE tick BETWEEN ? AND ?', [
    prices[0]!.tick,
    prices.at(-1)!.tick,
  ]);
  const there = new Set(rows.map((row) => `${row['symbol']} ${row['tick']}`));
  await insertRows(
    connection,
    'market_prices (symbol, tick, price, currency, priced_at)',
    prices
      .map(({ instrument, ...price }) => ({ ...INSTRUMENTS[instrument]!, ...price }))
      .filter(({ symbol, tick }) => !there.has(`${symbol} ${tick}`))
      .map(({ symbol, tick, price, currency, atMs }) => [symbol, tick, fourDigits(BigInt(price)), currency, instantText(atMs)]),
  );
}

async function readHouseBases(connection: Connection): Promise<Map<string, bigint>> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT code, house_base FROM currencies WHERE enabled');
  return new Map(rows.map((row) => [String(row['code']), BigInt(row['house_base'] as string)]));
}
