// Writes the standing part of the seeded world: customers, merchants, devices, accounts (their opening balances post themselves).

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { DAY_MS } from '../habits/clock.ts';
import type { Device } from '../world/citizens.ts';
import { PLACES } from '../world/places.ts';
import type { SeededWorld } from '../world/population.ts';
import { insertRows } from './insert-rows.ts';
import { expiryText } from './market-text.ts';
import { instantText, moneyText } from './text.ts';

/** The ids that MySQL gave, by index in the plan. */
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

/** @param fromMs when the history begins; customers joined before */
export async function insertPopulation(connection: Connection, world: SeededWorld, fromMs: number): Promise<WorldIds> {
  const start = instantText(fromMs - 1_000 * DAY_MS);
  const joined = world.citizens.map(({ memberDays }) => instantText(fromMs - memberDays * DAY_MS));
  const customers = await insertRows(
    connection,
    'customers (first_name, last_name, email, created_at, city, country)',
    world.citizens.map((it) => [it.firstName, it.lastName, it.email, joined[it.index]!, PLACES[it.home]!.city, PLACES[it.home]!.country]),
  );
  const merchants = await insertRows(
    connection,
    'merchants (name, mcc, category, city, country, created_at)',
    world.directory.shops.map(({ name, mcc, category, place }) => {
      const { city, country } = place === null ? { city: null, country: null } : PLACES[place]!;
      return [name, mcc, category, city, country, start];
    }),
  );
  const devices = await insertDevices(
    connection,
    world.devices.map((plan) => ({ plan, customer: customers[plan.customer]!, at: joined[plan.customer]! })),
  );
  const accounts = await insertRows(
    connection,
    'accounts (customer_id, account_type, balance, status, created_at, currency, overdraft_limit)',
    world.accounts.map((it) => [
      customers[it.customer]!,
      it.type,
      moneyText(it.opening),
      'active',
      joined[it.customer]!,
      it.currency,
      moneyText(it.overdraftLimit),
    ]),
  );
  const cards = await insertRows(
    connection,
    'cards (account_id, customer_id, kind, network, last4, expires_on, created_at)',
    world.cards.map(({ account, customer, kind, network, last4, validMonths }) => [
      accounts[account]!,
      customers[customer]!,
      kind,
      network,
      last4,
      expiryText(fromMs, validMonths),
      joined[customer]!,
    ]),
  );
  return { customers, accounts, merchants, devices, cards, houseBase: await readHouseBases(connection) };
}

export async function insertDevices(
  connection: Connection,
  rows: readonly { plan: Device; customer: bigint; at: string }[],
): Promise<bigint[]> {
  return insertRows(
    connection,
    'devices (customer_id, kind, os, fingerprint, created_at)',
    rows.map(({ plan, customer, at }) => [customer, plan.kind, plan.os, plan.fingerprint, at]),
  );
}

async function readHouseBases(connection: Connection): Promise<Map<string, bigint>> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT code, house_base FROM currencies WHERE enabled');
  return new Map(rows.map((row) => [String(row['code']), BigInt(row['house_base'] as string)]));
}
