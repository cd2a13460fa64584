// Reads of the ledger for the API, each one statement: a consistent state without locks. Amounts are text with the currency's digits.

import type { Pool, RowDataPacket } from 'mysql2/promise';
import { idJson, type JsonObject } from '../ledger/json.ts';
import { moneyFromSql, moneyText } from '../ledger/money.ts';
import { HOUSE_FIRST, HOUSE_LAST } from './house-range.ts';

export interface AccountView {
  readonly accountId: bigint;
  readonly customerId: bigint;
  readonly body: JsonObject;
}

/** Up to when a balance counts: an instant (`YYYY-MM-DD hh:mm:ss.ffffff`, UTC) or a ledger position. */
export type BalanceAt = { readonly time: string } | { readonly sequence: bigint };

export interface Page {
  readonly limit: number;
  /** Cursor of the page before: the last row's `position`. */
  readonly after?: bigint | undefined;
  readonly newestFirst: boolean;
}

const ACCOUNT = `SELECT a.account_id, a.customer_id, a.account_type, a.status, a.currency, a.overdraft_limit, a.balance, a.held, a.created_at, a.label,
  c.minor_units, k.first_name, k.last_name, e.entry_id
  FROM accounts a JOIN currencies c ON c.code = a.currency JOIN customers k ON k.customer_id = a.customer_id
  LEFT JOIN ledger_entries e ON e.account_id = a.account_id AND e.account_seq = a.entry_seq
  WHERE a.account_id = ?`;

/** Account with its cached balance, or undefined. House accounts have no cached balance: theirs is summed. */
export async function readAccount(pool: Pool, accountId: bigint): Promise<AccountView | undefined> {
  const [rows] = await pool.query<RowDataPacket[]>(ACCOUNT, [accountId.toString()]);
  const [row] = rows;
  if (row === undefined) return undefined;
  const digits = Number(row['minor_units']);
  const money = (text: unknown): string => moneyText(moneyFromSql(String(text)), digits);
  const house = row['balance'] === null;
  const balance = house ? await sumEntries(pool, accountId) : String(row['balance']);
  const available = house ? null : moneyText(moneyFromSql(balance) - moneyFromSql(String(row['held'])), digits);
  return {
    accountId,
    customerId: BigInt(row['customer_id'] as string),
    body: {
      account_id: idJson(accountId),
      customer_id: idJson(BigInt(row['customer_id'] as string)),
      owner: `${String(row['first_name'])} ${String(row['last_name'])}`.trim(),
      type: String(row['account_type']),
      status: String(row['status']),
      currency: String(row['currency']),
      balance: money(balance),
      available,
      held: money(row['held']),
      overdraft_limit: money(row['overdraft_limit']),
      label: (row['label'] as string | null) ?? null,
      sequence: row['entry_id'] === null ? null : idJson(BigInt(row['entry_id'] as string)),
      created_at: isoOf(row['created_at']),
    },
  };
}

/** Sum of the account's entries up to a time or a position. */
export async function readBalanceAt(pool: Pool, accountId: bigint, at: BalanceAt): Promise<string> {
  return 'time' in at
    ? await sumEntries(pool, accountId, 'AND e.created_at <= ?', [at.time])
    : await sumEntries(pool, accountId, 'AND e.entry_id <= ?', [at.sequence.toString()]);
}

async function sumEntries(pool: Pool, accountId: bigint, more = '', values: readonly string[] = []): Promise<string> {
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT COALESCE(SUM(IF(e.posting_type = 'CREDIT', e.amount, -e.amount)), 0) AS balance FROM ledger_entries e WHERE e.account_id = ? ${more}`,
    [accountId.toString(), ...values],
  );
  return String(rows[0]?.['balance']);
}

const HISTORY = `SELECT e.entry_id, e.account_seq, e.transaction_id, e.account_id, e.posting_type, e.amount, e.currency, e.balance_after, e.created_at, e.leg,
  t.type, t.account_id AS own_account_id, t.counter_account_id, t.reference_id, t.reversal_of, t.merchant_id, t.channel, t.description, t.effective_at,
  c.minor_units
  FROM ledger_entries e JOIN transactions t ON t.transaction_id = e.transaction_id JOIN currencies c ON c.code = e.currency`;

/** Entries of one account, in the order they were posted (or the reverse). */
export async function readHistory(pool: Pool, accountId: bigint, page: Page): Promise<JsonObject[]> {
  // Entries of a customer's account are numbered; those of a house account have no number and lie in the index by entry_id.
  const house = accountId >= HOUSE_FIRST && accountId <= HOUSE_LAST;
  const column = house ? 'e.entry_id' : 'e.account_seq';
  const [compare, order] = page.newestFirst ? ['<', 'DESC'] : ['>', 'ASC'];
  const after = page.after === undefined ? '' : `AND ${column} ${compare} ?`;
  const sql = `${HISTORY} WHERE e.account_id = ? ${house ? 'AND e.account_seq IS NULL' : ''} ${after} ORDER BY ${column} ${order} LIMIT ?`;
  const values = [accountId.toString(), ...(page.after === undefined ? [] : [page.after.toString()]), page.limit];
  const [rows] = await pool.query<RowDataPacket[]>(sql, values);
  return rows.map((row) => ({ position: idJson(BigInt(row[house ? 'entry_id' : 'account_seq'] as string)), ...entryBody(row) }));
}

/** Entries of all accounts by ledger position. */
export async function readEvents(pool: Pool, page: Page): Promise<JsonObject[]> {
  const [compare, order] = page.newestFirst ? ['<', 'DESC'] : ['>', 'ASC'];
  const after = page.after === undefined ? '' : `WHERE e.entry_id ${compare} ?`;
  const values = [...(page.after === undefined ? [] : [page.after.toString()]), page.limit];
  const [rows] = await pool.query<RowDataPacket[]>(`${HISTORY} ${after} ORDER BY e.entry_id ${order} LIMIT ?`, values);
  return rows.map((row) => ({ position: idJson(BigInt(row['entry_id'] as string)), ...entryBody(row) }));
}

/** A transaction with its entries, or undefined. */
export async function readTransaction(pool: Pool, transactionId: bigint): Promise<JsonObject | undefined> {
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT t.*, c.minor_units FROM transactions t JOIN currencies c ON c.code = t.currency WHERE t.transaction_id = ?`,
    [transactionId.toString()],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const [entries] = await pool.query<RowDataPacket[]>(`${HISTORY} WHERE e.transaction_id = ? ORDER BY e.leg`, [transactionId.toString()]);
  return {
    transaction_id: idJson(transactionId),
    account_id: id(row['account_id']),
    customer_id: id(row['customer_id']),
    type: String(row['type']),
    status: String(row['status']),
    direction: String(row['direction']),
    amount: moneyText(moneyFromSql(String(row['amount'])), Number(row['minor_units'])),
    currency: String(row['currency']),
    counter_account_id: id(row['counter_account_id']),
    ...about(row),
    metadata: (row['metadata'] as JsonObject | null) ?? null,
    created_at: isoOf(row['created_at']),
    entries: entries.map(entryBody),
  };
}

/** The hold with its resolution, or undefined. */
export async function readHold(pool: Pool, holdId: bigint): Promise<{ readonly accountId: bigint; readonly body: JsonObject } | undefined> {
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT h.*, r.outcome, r.captured, r.transaction_id, r.resolved_at, c.minor_units
     FROM holds h JOIN currencies c ON c.code = h.currency LEFT JOIN hold_resolutions r ON r.hold_id = h.hold_id WHERE h.hold_id = ?`,
    [holdId.toString()],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const money = (text: unknown): string => moneyText(moneyFromSql(String(text)), Number(row['minor_units']));
  const accountId = BigInt(row['account_id'] as string);
  return {
    accountId,
    body: {
      hold_id: idJson(holdId),
      account_id: idJson(accountId),
      amount: money(row['amount']),
      currency: String(row['currency']),
      status: row['outcome'] === null ? 'authorised' : String(row['outcome']),
      captured: row['captured'] === null ? null : money(row['captured']),
      transaction_id: id(row['transaction_id']),
      merchant_id: id(row['merchant_id']),
      expires_at: isoOf(row['expires_at']),
      created_at: isoOf(row['created_at']),
      resolved_at: row['resolved_at'] === null ? null : isoOf(row['resolved_at']),
    },
  };
}

/** Whose account it is, or undefined when there is none. */
export async function readOwner(pool: Pool, accountId: bigint): Promise<bigint | undefined> {
  const [rows] = await pool.query<RowDataPacket[]>('SELECT customer_id FROM accounts WHERE account_id = ?', [accountId.toString()]);
  return rows[0] === undefined ? undefined : BigInt(rows[0]['customer_id'] as string);
}

function entryBody(row: RowDataPacket): JsonObject {
  const digits = Number(row['minor_units']);
  const money = (text: unknown): string => moneyText(moneyFromSql(String(text)), digits);
  return {
    event_id: id(row['entry_id']),
    transaction_id: id(row['transaction_id']),
    account_id: id(row['account_id']),
    direction: String(row['posting_type']),
    amount: money(row['amount']),
    currency: String(row['currency']),
    balance_after: row['balance_after'] === null ? null : money(row['balance_after']),
    type: String(row['type']),
    counter_account_id: id(row['own_account_id'] === row['account_id'] ? row['counter_account_id'] : row['own_account_id']),
    ...about(row),
    created_at: isoOf(row['created_at']),
  };
}

function about(row: RowDataPacket): JsonObject {
  return {
    reference_id: id(row['reference_id']),
    reversal_of: id(row['reversal_of']),
    merchant_id: id(row['merchant_id']),
    channel: (row['channel'] as string | null) ?? null,
    description: (row['description'] as string | null) ?? null,
    effective_at: isoOf(row['effective_at']),
  };
}

function id(value: unknown): number | string | null {
  return value === null || value === undefined ? null : idJson(BigInt(value as string));
}

function isoOf(value: unknown): string {
  return `${String(value).replace(' ', 'T')}Z`;
}
