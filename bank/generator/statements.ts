// The generator's SQL: one function per statement, multi-row, values escaped by the driver. Money is decimal text made from minor units.

import type { Connection, ResultSetHeader } from 'mysql2/promise';
import type { Movement, Resolution } from './activity.ts';
import type { World } from './world.ts';

/** The ids MySQL gave to the planned rows; rows of one statement have consecutive ids. */
export interface WorldIds {
  readonly customers: readonly bigint[];
  readonly accounts: readonly bigint[];
  readonly merchants: readonly bigint[];
  readonly devices: readonly bigint[];
}

type Value = string | number | bigint | null;

const ROWS_PER_STATEMENT_MAX = 500;

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
      decimalText(it.opening),
      'active',
      createdAt,
      it.currency,
      decimalText(it.overdraftLimit),
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
  const money = [decimalText(movement.amount), movement.currency, movement.status, at, at, movement.type];
  return [...parties, ...money, counter, reference, device, movement.channel, movement.description];
}

async function insertRows(connection: Connection, target: string, rows: readonly (readonly Value[])[]): Promise<bigint[]> {
  const ids: bigint[] = [];
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT_MAX) {
    const part = rows.slice(from, from + ROWS_PER_STATEMENT_MAX);
    const [result] = await connection.query<ResultSetHeader>(`INSERT INTO ${target} VALUES ?`, [part]);
    const first = BigInt(result.insertId);
    ids.push(...part.map((_, index) => first + BigInt(index)));
  }
  return ids;
}

/** Minor units of a two-digit currency as decimal text: 1234 is 12.34. */
export function decimalText(minor: bigint): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Milliseconds since 1970 as MySQL DATETIME(6) text in UTC. */
export function dateTimeText(ms: number): string {
  return `${new Date(ms).toISOString().replace('T', ' ').slice(0, 23)}000`;
}
