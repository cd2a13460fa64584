// The generator's SQL: one function per statement, multi-row, values escaped by the driver. Money is decimal text made from minor units.

import type { Connection } from 'mysql2/promise';
import type { Movement, Resolution } from './activity.ts';
import type { World } from './world.ts';
import { insertRows, type Value } from './write/insert-rows.ts';
import { moneyText } from './write/text.ts';

/** The ids MySQL gave to the planned rows; rows of one statement have consecutive ids. */
export interface WorldIds {
  readonly customers: readonly bigint[];
  readonly accounts: readonly bigint[];
  readonly merchants: readonly bigint[];
  readonly devices: readonly bigint[];
}

const MOVEMENT_COLUMNS =
  'account_id, customer_id, merchant_id, amount, currency, status, event_ts, created_at, type, counter_account_id, reference_id, device_id, channel, description';

/** Loads customers, accounts (opening balances post themselves), merchants and devices. */
export async function insertWorld(connection: Connection, world: World, createdAt: string): Promise<WorldIds> {
  const customers = await insertRows(
    connection,
    'customers (first_name, last_name, email, created_at, city, country)',
    world.customers.map((it) => [it.firstName, it.lastName, it.email, createdAt, it.city, it.country]),
  );
  const merchants = await insertRows(
    connection,
    'merchants (name, mcc, category, city, country, created_at)',
    world.merchants.map((it) => [it.name, it.mcc, it.category, it.city, it.country, createdAt]),
  );
  const devices = await insertRows(
    connection,
    'devices (customer_id, kind, os, fingerprint, created_at)',
    world.devices.map((it) => [customers[it.customer]!, it.kind, it.os, it.fingerprint, createdAt]),
  );
  const accounts = await insertRows(
    connection,
    'accounts (customer_id, account_type, balance, status, created_at, currency, overdraft_limit)',
    world.accounts.map((it) => [
      customers[it.customer]!,
      it.type,
      moneyText(it.opening),
      'active',
      createdAt,
      it.currency,
      moneyText(it.overdraftLimit),
    ]),
  );
  return { customers, accounts, merchants, devices };
}

export interface MovementRow {
  readonly movement: Movement;
  readonly world: World;
  readonly ids: WorldIds;
  /** `YYYY-MM-DD hh:mm:ss.ffffff`, UTC. */
  readonly at: string;
  /** transaction_id of the purchase that a refund returns. */
  readonly reference: bigint | null;
}

/** Inserts movements in one statement; answers their transaction ids in order. */
export async function insertMovements(connection: Connection, rows: readonly MovementRow[]): Promise<bigint[]> {
  return insertRows(connection, `transactions (${MOVEMENT_COLUMNS})`, rows.map(movementValues));
}

/** Ends a pending transaction: posted posts its entries now, failed leaves no entry. */
export async function resolvePending(
  connection: Connection,
  transactionId: bigint,
  status: Resolution['status'],
  at: string,
): Promise<void> {
  const postedAt = status === 'posted' ? at : null;
  await connection.query('UPDATE transactions SET status = ?, posted_at = ? WHERE transaction_id = ?', [status, postedAt, transactionId]);
}

function movementValues({ movement, world, ids, at, reference }: MovementRow): Value[] {
  const account = world.accounts[movement.account]!;
  const merchant = movement.merchant === undefined ? null : ids.merchants[movement.merchant]!;
  const counter = movement.counter === undefined ? null : ids.accounts[movement.counter]!;
  const device = movement.device === undefined ? null : ids.devices[movement.device]!;
  const parties = [ids.accounts[movement.account]!, ids.customers[account.customer]!, merchant];
  const money = [moneyText(movement.amount), movement.currency, movement.status, at, at, movement.type];
  return [...parties, ...money, counter, reference, device, movement.channel, movement.description];
}

/** Milliseconds since 1970 as MySQL DATETIME(6) text in UTC. */
export function dateTimeText(ms: number): string {
  return `${new Date(ms).toISOString().replace('T', ' ').slice(0, 23)}000`;
}
