// Reads of the market for the API: instruments with their last price, a customer's trades and holdings. Each one statement.

import type { Pool, RowDataPacket } from 'mysql2/promise';
import { idJson, type JsonObject } from '../ledger/json.ts';
import { moneyFromSql } from '../ledger/money.ts';
import { shown } from '../ledger/judge.ts';
import { quantityOf, quantityText } from '../ledger/trades.ts';
import { isoTime } from '../ledger/state.ts';

/** Enabled instruments by symbol; at most a few hundred. */
export async function readInstruments(pool: Pool): Promise<JsonObject[]> {
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT i.symbol, i.name, i.kind, i.currency, c.minor_units, p.price, p.priced_at FROM instruments i JOIN currencies c ON c.code = i.currency
       LEFT JOIN LATERAL (SELECT price, priced_at FROM market_prices m WHERE m.symbol = i.symbol ORDER BY tick DESC LIMIT 1) p ON TRUE
     WHERE i.enabled ORDER BY i.symbol LIMIT 1000`,
  );
  return rows.map((row) => ({
    symbol: String(row['symbol']),
    name: String(row['name']),
    kind: String(row['kind']),
    currency: String(row['currency']),
    price: row['price'] === null ? null : moneyOf(row, 'price'),
    priced_at: row['priced_at'] === null ? null : isoTime(String(row['priced_at'])),
  }));
}

export interface TradePage {
  readonly customerId: bigint;
  readonly accountId?: bigint | undefined;
  readonly symbol?: string | undefined;
  /** trade_id of the page before. */
  readonly after?: bigint | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function readTrades(pool: Pool, page: TradePage): Promise<JsonObject[]> {
  const conditions: readonly (readonly [string, string | undefined])[] = [
    ['t.customer_id = ?', page.customerId.toString()],
    ['t.account_id = ?', page.accountId?.toString()],
    ['t.symbol = ?', page.symbol],
    ['t.trade_id < ?', page.after?.toString()],
  ];
  const given = conditions.filter(([, value]) => value !== undefined);
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT t.*, c.minor_units FROM trades t JOIN currencies c ON c.code = t.currency
     WHERE ${given.map(([sql]) => sql).join(' AND ')} ORDER BY t.trade_id DESC LIMIT ?`,
    [...given.map(([, value]) => value), page.limit],
  );
  return rows.map((row) => ({
    position: idOf(row, 'trade_id'),
    trade_id: idOf(row, 'trade_id'),
    account_id: idOf(row, 'account_id'),
    symbol: String(row['symbol']),
    side: String(row['side']),
    quantity: quantity(row),
    price: moneyOf(row, 'price'),
    amount: moneyOf(row, 'amount'),
    currency: String(row['currency']),
    transaction_id: idOf(row, 'transaction_id'),
    traded_at: isoTime(String(row['traded_at'])),
  }));
}

/** What the customer's accounts hold; at most a few hundred rows. */
export async function readHoldings(pool: Pool, customerId: bigint): Promise<JsonObject[]> {
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT h.account_id, h.symbol, h.quantity, h.updated_at FROM holdings h JOIN accounts a USING (account_id)
     WHERE a.customer_id = ? AND h.quantity > 0 ORDER BY h.account_id, h.symbol LIMIT 10000`,
    [customerId.toString()],
  );
  return rows.map((row) => ({
    account_id: idOf(row, 'account_id'),
    symbol: String(row['symbol']),
    quantity: quantity(row),
    updated_at: isoTime(String(row['updated_at'])),
  }));
}

function idOf(row: RowDataPacket, column: string): number | string {
  return idJson(BigInt(row[column] as string));
}

function quantity(row: RowDataPacket): string {
  return quantityText(quantityOf(String(row['quantity'])));
}

function moneyOf(row: RowDataPacket, column: string): string {
  return shown(moneyFromSql(String(row[column])), Number(row['minor_units']));
}
