// Budgets, watch lists and price alerts of a customer: one statement group per function. Writes answer the GTID of their commit.

import type { Pool, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { idJson, type JsonObject } from '../ledger/json.ts';
import { moneyFromSql, moneyText } from '../ledger/money.ts';
import { inTransaction, type Committed } from './transaction.ts';

export interface NewBudget {
  readonly customerId: bigint;
  readonly category: string;
  /** YYYY-MM */
  readonly month: string;
  readonly currency: string;
  /** DECIMAL text. */
  readonly limit: string;
}

/** Sets the limit of a category in a month; a second time it is replaced. */
export async function setBudget(pool: Pool, wanted: NewBudget): Promise<Committed<JsonObject>> {
  const { customerId, category, month, currency, limit } = wanted;
  return await inTransaction(pool, async (connection) => {
    await connection.query(
      `INSERT INTO budgets (customer_id, category, month, currency, limit_amount) VALUES (?, ?, ?, ?, ?) AS wanted
       ON DUPLICATE KEY UPDATE limit_amount = wanted.limit_amount`,
      [customerId.toString(), category, month, currency, limit],
    );
    const [rows] = await connection.query<RowDataPacket[]>(
      `${BUDGETS} AND b.month = ? AND b.category = ? AND b.currency = ?`,
      [customerId.toString(), month, category, currency], // prettier-ignore
    );
    return budgetBody(rows[0]!);
  });
}

const BUDGETS = 'SELECT b.*, c.minor_units FROM budgets b JOIN currencies c ON c.code = b.currency WHERE b.customer_id = ?';
const ROWS_MAX = 1_000;

export async function readBudgets(pool: Pool, customerId: bigint, month: string | undefined): Promise<JsonObject[]> {
  const more = month === undefined ? '' : 'AND b.month = ?';
  const values = [customerId.toString(), ...(month === undefined ? [] : [month])];
  const [rows] = await pool.query<RowDataPacket[]>(
    `${BUDGETS} ${more} ORDER BY b.month DESC, b.category, b.currency LIMIT ${ROWS_MAX}`,
    values,
  );
  return rows.map(budgetBody);
}

/** False when the customer has no such budget. */
export async function removeBudget(pool: Pool, customerId: bigint, budgetId: bigint): Promise<Committed<boolean>> {
  return await remove(pool, 'DELETE FROM budgets WHERE customer_id = ? AND budget_id = ?', [customerId, budgetId]);
}

function budgetBody(row: RowDataPacket): JsonObject {
  return {
    budget_id: id(row['budget_id']),
    customer_id: id(row['customer_id']),
    category: String(row['category']),
    month: String(row['month']),
    currency: String(row['currency']),
    limit: moneyText(moneyFromSql(String(row['limit_amount'])), Number(row['minor_units'])),
    updated_at: isoOf(row['updated_at']),
  };
}

/** A new list with its symbols. @throws the driver's ER_DUP_ENTRY when the customer has a list of that name */
export async function addWatchList(pool: Pool, customerId: bigint, list: { readonly name: string; readonly symbols: readonly string[] }): Promise<Committed<bigint>> {
  return await inTransaction(pool, async (connection) => {
    const [row] = await connection.query<ResultSetHeader>('INSERT INTO watch_lists (customer_id, name) VALUES (?, ?)', [
      customerId.toString(),
      list.name,
    ]);
    for (const symbol of new Set(list.symbols))
      await connection.query('INSERT INTO watch_list_items (watch_list_id, symbol) VALUES (?, ?)', [row.insertId, symbol]);
    return BigInt(row.insertId);
  });
} // prettier-ignore

export async function readWatchLists(pool: Pool, customerId: bigint): Promise<JsonObject[]> {
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT w.watch_list_id, w.name, w.created_at, i.symbol FROM watch_lists w LEFT JOIN watch_list_items i USING (watch_list_id)
     WHERE w.customer_id = ? ORDER BY w.watch_list_id, i.symbol LIMIT 10000`,
    [customerId.toString()],
  );
  const lists = new Map<string, { readonly row: RowDataPacket; readonly symbols: string[] }>();
  for (const row of rows) {
    const key = String(row['watch_list_id']);
    const list = lists.get(key) ?? { row, symbols: [] };
    lists.set(key, list);
    if (row['symbol'] !== null) list.symbols.push(String(row['symbol']));
  }
  return [...lists.values()].map(({ row, symbols }) => ({
    watch_list_id: id(row['watch_list_id']),
    name: String(row['name']),
    symbols,
    created_at: isoOf(row['created_at']),
  }));
}

/** Adds or removes one symbol; undefined when the customer has no such list. */
export async function changeWatchList(
  pool: Pool,
  customerId: bigint,
  change: { readonly listId: bigint; readonly symbol: string; readonly watched: boolean },
): Promise<Committed<boolean>> {
  return await inTransaction(pool, async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>(
      'SELECT watch_list_id FROM watch_lists WHERE customer_id = ? AND watch_list_id = ? FOR UPDATE',
      [customerId.toString(), change.listId.toString()],
    );
    if (rows.length === 0) return false;
    const sql = change.watched
      ? 'INSERT IGNORE INTO watch_list_items (watch_list_id, symbol) VALUES (?, ?)'
      : 'DELETE FROM watch_list_items WHERE watch_list_id = ? AND symbol = ?';
    await connection.query(sql, [change.listId.toString(), change.symbol]);
    return true;
  });
}

/** False when the customer has no such list. */
export async function removeWatchList(pool: Pool, customerId: bigint, listId: bigint): Promise<Committed<boolean>> {
  return await inTransaction(pool, async (connection) => {
    const owned = [customerId.toString(), listId.toString()];
    await connection.query(
      `DELETE FROM watch_list_items WHERE watch_list_id IN (SELECT watch_list_id FROM watch_lists WHERE customer_id = ? AND watch_list_id = ?)`,
      owned,
    );
    const [row] = await connection.query<ResultSetHeader>('DELETE FROM watch_lists WHERE customer_id = ? AND watch_list_id = ?', owned);
    return row.affectedRows === 1;
  });
}

export interface NewPriceAlert {
  readonly customerId: bigint;
  readonly symbol: string;
  readonly direction: 'above' | 'below';
  readonly price: string;
}

export async function addPriceAlert(pool: Pool, { customerId, symbol, direction, price }: NewPriceAlert): Promise<Committed<bigint>> {
  return await inTransaction(pool, async (connection) => {
    const [row] = await connection.query<ResultSetHeader>(
      'INSERT INTO price_alerts (customer_id, symbol, direction, price) VALUES (?, ?, ?, ?)',
      [customerId.toString(), symbol, direction, price],
    );
    return BigInt(row.insertId);
  });
}

export async function readPriceAlerts(pool: Pool, customerId: bigint): Promise<JsonObject[]> {
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT * FROM price_alerts WHERE customer_id = ? ORDER BY price_alert_id LIMIT ${ROWS_MAX}`,
    [customerId.toString()], // prettier-ignore
  );
  return rows.map((row) => ({
    price_alert_id: id(row['price_alert_id']),
    symbol: String(row['symbol']),
    direction: String(row['direction']),
    price: String(row['price']),
    enabled: Number(row['enabled']) === 1,
    created_at: isoOf(row['created_at']),
  }));
}

/** False when the customer has no such alert. */
export async function switchPriceAlert(pool: Pool, customerId: bigint, change: { readonly alertId: bigint; readonly enabled: boolean }): Promise<Committed<boolean>> {
  return await inTransaction(pool, async (connection) => {
    const owned = [customerId.toString(), change.alertId.toString()];
    const [rows] = await connection.query<RowDataPacket[]>(
      'SELECT 1 FROM price_alerts WHERE customer_id = ? AND price_alert_id = ? FOR UPDATE',
      owned,
    );
    if (rows.length === 0) return false;
    await connection.query('UPDATE price_alerts SET enabled = ? WHERE customer_id = ? AND price_alert_id = ?', [change.enabled, ...owned]);
    return true;
  });
} // prettier-ignore

export async function removePriceAlert(pool: Pool, customerId: bigint, alertId: bigint): Promise<Committed<boolean>> {
  return await remove(pool, 'DELETE FROM price_alerts WHERE customer_id = ? AND price_alert_id = ?', [customerId, alertId]);
}

async function remove(pool: Pool, sql: string, ids: readonly bigint[]): Promise<Committed<boolean>> {
  return await inTransaction(pool, async (connection) => {
    const [row] = await connection.query<ResultSetHeader>(sql, ids.map(String)); // prettier-ignore
    return row.affectedRows === 1;
  });
}

function id(value: unknown): number | string {
  return idJson(BigInt(value as string));
}

function isoOf(value: unknown): string {
  return `${String(value).replace(' ', 'T')}Z`;
}
