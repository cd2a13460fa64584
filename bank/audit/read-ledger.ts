// Reads of the ledger for sealing and auditing. A transaction's place is the id of its entry of leg 1: ids are given while the account is
// locked, so the places of one account's transactions are in the order of their commits (ADR 0014).

import type { Connection } from 'mysql2/promise';
import { ENTRY_COLUMNS, TRANSACTION_COLUMNS, type Cell, type LedgerTransaction, type Row } from './encoding.ts';

/** The reader's link to MySQL. */
export type LedgerConnection = Pick<Connection, 'query'>;

/** Highest entry id that any committed transaction has; 0 for an empty ledger. */
export async function lastEntryId(connection: LedgerConnection): Promise<bigint> {
  const [row] = await texts(connection, 'SELECT MAX(entry_id) FROM ledger_entries', []);
  return BigInt(row?.[0] ?? 0);
}

export interface Place {
  readonly entryId: bigint;
  readonly transactionId: string;
}

/** Transactions whose leg 1 lies in (after, through], in order, at most `limit`. */
export async function readPlaces(connection: LedgerConnection, after: bigint, through: bigint, limit: number): Promise<Place[]> {
  const sql = `SELECT entry_id, transaction_id FROM ledger_entries FORCE INDEX (PRIMARY)
    WHERE entry_id > ? AND entry_id <= ? AND leg = 1 ORDER BY entry_id LIMIT ?`;
  const rows = await texts(connection, sql, [after, through, limit]);
  return rows.map(([entryId, transactionId]) => ({ entryId: BigInt(entryId!), transactionId: transactionId! }));
}

const TRANSACTIONS = `SELECT ${TRANSACTION_COLUMNS.join(', ')} FROM transactions WHERE transaction_id IN (?)`;
const ENTRIES = `SELECT transaction_id, ${ENTRY_COLUMNS.join(', ')} FROM ledger_entries WHERE transaction_id IN (?)
  ORDER BY transaction_id, leg, entry_id`;

/** The named transactions with all their entries; one that is nowhere has no row and no entries. */
export async function readTransactions(connection: LedgerConnection, ids: readonly string[]): Promise<Map<string, LedgerTransaction>> {
  const found = new Map<string, { row: Row | null; entries: Row[] }>(ids.map((id) => [id, { row: null, entries: [] }]));
  if (ids.length === 0) return found;
  for (const row of await texts(connection, TRANSACTIONS, [ids])) found.get(row[0]!)!.row = row;
  for (const [transactionId, ...entry] of await texts(connection, ENTRIES, [ids])) found.get(transactionId!)!.entries.push(entry);
  return found;
}

/** Rows as arrays of the text that MySQL printed. */
export async function texts(connection: LedgerConnection, sql: string, values: readonly unknown[]): Promise<Cell[][]> {
  const [rows] = await connection.query({ sql, values: [...values], rowsAsArray: true, typeCast });
  return rows as unknown as Cell[][];
}

const typeCast = (field: { string(encoding?: string): string | null }): Cell => field.string('utf8');
