// What hardly ever changes, read once and kept: currencies, house accounts, and which merchants and devices exist.

import type { Connection } from 'mysql2/promise';
import { merchantKey, type NewMerchant } from '../ledger/effects.ts';
import type { AccountRow, CurrencyRow } from '../ledger/state.ts';
import { ACCOUNT_COLUMNS, accountFromRow, id, idList, sqlText, text, type Row } from './rows.ts';

const KNOWN_MAX = 100_000;

export class Reference {
  readonly currencies = new Map<string, CurrencyRow>();
  readonly house = new Map<bigint, AccountRow>();
  readonly merchants = new Set<bigint>();
  readonly merchantNames = new Map<string, bigint>();
  readonly devices = new Set<bigint>();

  /** Reads currencies and house accounts; again when a command names one that is not known. */
  async load(connection: Connection): Promise<void> {
    const [currencies] = (await connection.query('SELECT code, minor_units, house_base FROM currencies WHERE enabled')) as unknown as [
      Row[],
    ];
    for (const row of currencies) this.currencies.set(text(row[0]), { code: text(row[0]), digits: Number(row[1]), houseBase: id(row[2]) });
    const [house] = (await connection.query(`SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE account_id BETWEEN 801 AND 999`)) as unknown as [
      Row[],
    ];
    for (const row of house) this.house.set(id(row[0]), accountFromRow(row));
  }

  /** Makes the named merchants and devices known, as far as they exist. */
  async learn(
    connection: Connection,
    wanted: { merchants: readonly bigint[]; devices: readonly bigint[]; names: readonly NewMerchant[] },
  ): Promise<void> {
    await learnIds(connection, this.merchants, { table: 'merchants', column: 'merchant_id', ids: wanted.merchants });
    await learnIds(connection, this.devices, { table: 'devices', column: 'device_id', ids: wanted.devices });
    const unknown = wanted.names.filter((each) => !this.merchantNames.has(merchantKey(each)));
    if (unknown.length === 0) return;
    if (this.merchantNames.size > KNOWN_MAX) this.merchantNames.clear();
    const names = [...new Set(unknown.map(({ name }) => name))].map(sqlText).join(',');
    const sql = `SELECT merchant_id, name, mcc, city FROM merchants WHERE name IN (${names}) ORDER BY merchant_id DESC`;
    const [rows] = (await connection.query(sql)) as unknown as [Row[]];
    for (const row of rows) {
      const [mcc, city] = [row[2], row[3]].map((value) => (value === null ? undefined : text(value)));
      this.merchantNames.set(merchantKey({ name: text(row[1]), mcc, city }), id(row[0]));
    }
  }
}

async function learnIds(
  connection: Connection,
  known: Set<bigint>,
  { table, column, ids }: { table: string; column: string; ids: readonly bigint[] },
): Promise<void> {
  const unknown = ids.filter((each) => !known.has(each));
  if (unknown.length === 0) return;
  if (known.size > KNOWN_MAX) known.clear();
  const [rows] = (await connection.query(`SELECT ${column} FROM ${table} WHERE ${column} IN (${idList(unknown)})`)) as unknown as [Row[]];
  for (const row of rows) known.add(id(row[0]));
}
