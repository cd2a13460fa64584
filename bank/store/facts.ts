// Facts about earlier transactions and holds that commands point at. Read before the locks, because they say which accounts to lock;
// what can still change about them (returned so far, resolution) is read again under the locks.

import type { Connection } from 'mysql2/promise';
import type { Direction, HoldRow, OriginalRow } from '../ledger/state.ts';
import { moneyFromSql } from '../ledger/money.ts';
import { id, idList, idOrNull, legFromRow, text, type Row } from './rows.ts';

const TRANSACTION_COLUMNS =
  'transaction_id, account_id, customer_id, counter_account_id, merchant_id, type, status, direction, amount, currency, reference_id';

/** The transactions by id with their legs and, of an exchange, its other transactions. */
export async function readOriginals(connection: Connection, ids: readonly bigint[]): Promise<Map<bigint, OriginalRow>> {
  if (ids.length === 0) return new Map();
  const wanted = idList(ids);
  const [named] = (await connection.query(
    `SELECT ${TRANSACTION_COLUMNS} FROM transactions WHERE transaction_id IN (${wanted})`,
  )) as unknown as [Row[]];
  const heads = named.filter((row) => row[5] === 'FX').map((row) => idOrNull(row[10]) ?? id(row[0]));
  const linked =
    heads.length === 0
      ? []
      : (
          (await connection.query(
            `SELECT ${TRANSACTION_COLUMNS} FROM transactions WHERE type = 'FX' AND (transaction_id IN (${idList(heads)}) OR reference_id IN (${idList(heads)}))`,
          )) as unknown as [Row[]]
        )[0];
  const rows = new Map([...named, ...linked].map((row) => [id(row[0]), row]));
  const entrySql = `SELECT transaction_id, account_id, posting_type, amount FROM ledger_entries WHERE transaction_id IN (${idList(rows.keys())}) ORDER BY transaction_id, leg`;
  const [entries] = (await connection.query(entrySql)) as unknown as [Row[]];
  const plain = new Map([...rows].map(([key, row]) => [key, original(row, entries)]));
  const headOf = (row: Row): bigint => idOrNull(row[10]) ?? id(row[0]);
  return new Map(
    [...plain].map(([key, row]) => {
      const mine = row.type === 'FX' ? headOf(rows.get(key)!) : undefined;
      const others = [...plain.values()].filter(
        (each) => each.type === 'FX' && each.transactionId !== key && headOf(rows.get(each.transactionId)!) === mine,
      );
      return [key, { ...row, linked: others }];
    }),
  );
}

function original(row: Row, entries: readonly Row[]): OriginalRow {
  const own = entries.filter((entry) => text(entry[0]) === text(row[0]));
  return {
    transactionId: id(row[0]),
    accountId: id(row[1]),
    customerId: id(row[2]),
    counterId: id(row[3]),
    merchantId: idOrNull(row[4]),
    type: text(row[5]),
    status: text(row[6]),
    direction: text(row[7]) as Direction,
    amount: moneyFromSql(text(row[8])),
    currency: text(row[9]),
    legs: own.map((entry) => legFromRow(entry[1]!, entry[2]!, entry[3]!)),
    linked: [],
    returned: 0n,
    reversed: false,
  };
}

const HOLD_COLUMNS = 'hold_id, account_id, customer_id, merchant_id, amount, currency, expires_at';

export async function readHolds(connection: Connection, ids: readonly bigint[]): Promise<Map<bigint, HoldRow>> {
  if (ids.length === 0) return new Map();
  const [rows] = (await connection.query(`SELECT ${HOLD_COLUMNS} FROM holds WHERE hold_id IN (${idList(ids)})`)) as unknown as [Row[]];
  return new Map(
    rows.map((row) => {
      const hold = { holdId: id(row[0]), accountId: id(row[1]), customerId: id(row[2]), merchantId: idOrNull(row[3]) };
      return [
        hold.holdId,
        { ...hold, amount: moneyFromSql(text(row[4])), currency: text(row[5]), expiresAt: text(row[6]), resolution: null },
      ];
    }),
  );
}

/** Holds whose time has come and that nobody has resolved, oldest first. */
export async function readDueHolds(connection: Connection, holdsMax: number): Promise<bigint[]> {
  const [rows] = (await connection.query(
    `SELECT h.hold_id FROM holds h LEFT JOIN hold_resolutions r USING (hold_id)
     WHERE h.expires_at <= UTC_TIMESTAMP(6) AND r.hold_id IS NULL ORDER BY h.expires_at LIMIT ${holdsMax}`,
  )) as unknown as [Row[]];
  return rows.map((row) => id(row[0]));
}
