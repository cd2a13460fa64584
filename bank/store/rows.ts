// Text rows to the ledger's values, and values to SQL text.

import { escape } from 'mysql2';
import { moneyFromSql, moneyText, type Money } from '../ledger/money.ts';
import type { AccountRow, AccountStatus, Direction, Leg } from '../ledger/state.ts';

/** One row in the order of the SELECT's columns. */
export type Row = readonly (string | number | null | Buffer)[];

export const ACCOUNT_COLUMNS = 'account_id, customer_id, account_type, currency, overdraft_limit, balance, held, entry_seq, status';

export function accountFromRow(row: Row): AccountRow {
  return {
    accountId: id(row[0]),
    customerId: id(row[1]),
    type: text(row[2]),
    currency: text(row[3]),
    overdraftLimit: moneyFromSql(text(row[4])),
    balance: row[5] === null ? null : moneyFromSql(text(row[5])),
    held: moneyFromSql(text(row[6])),
    entrySeq: id(row[7]),
    status: text(row[8]) as AccountStatus,
  };
}

export function legFromRow(accountId: Row[number], direction: Row[number], amount: Row[number]): Leg {
  return { accountId: id(accountId), direction: text(direction) as Direction, amount: moneyFromSql(text(amount)) };
}

export function id(value: Row[number] | undefined): bigint {
  return BigInt(text(value));
}

export function idOrNull(value: Row[number] | undefined): bigint | null {
  return value === null || value === undefined ? null : id(value);
}

export function text(value: Row[number] | undefined): string {
  if (value === null || value === undefined) throw new TypeError('a column that is never NULL is NULL');
  return String(value);
}

/** Ids as an IN list; never empty. */
export function idList(ids: Iterable<bigint>): string {
  const list = [...ids].join(',');
  return list === '' ? '0' : list;
}

export function sqlMoney(money: Money | null): string {
  return money === null ? 'NULL' : moneyText(money);
}

export function sqlText(value: string | null): string {
  return value === null ? 'NULL' : escape(value);
}

export function sqlId(value: bigint | null): string {
  return value === null ? 'NULL' : value.toString();
}
