// The whole ledger as a stream of accounts and transactions, at one instant: pages of a consistent snapshot, memory bounded by a page.

import type { Cell, Row } from '../audit/encoding.ts';
import { ENTRY_COLUMNS, TRANSACTION_COLUMNS } from '../audit/encoding.ts';
import { lastEntryId, readPlaces, readTransactions, texts, type LedgerConnection } from '../audit/read-ledger.ts';

export interface JournalAccount {
  readonly accountId: string;
  readonly type: string;
  readonly currency: string;
  /** Sum of credits less debits, decimal text; from the cached row of a customer account, from the entries of a house account. */
  readonly balance: string;
}

type Column<T extends readonly string[]> = T[number];
export type TransactionRecord = Readonly<Record<Column<typeof TRANSACTION_COLUMNS>, Cell>>;
export type EntryRecord = Readonly<Record<Column<typeof ENTRY_COLUMNS>, Cell>>;

export interface JournalTransaction {
  readonly transaction: TransactionRecord;
  readonly entries: readonly EntryRecord[];
}

const PAGE_ROWS = 1_000;

/** All accounts by id. */
export async function* readAccounts(connection: LedgerConnection): AsyncGenerator<JournalAccount> {
  for (let after = '0'; ;) {
    const rows = await texts(connection, ACCOUNTS, [after, PAGE_ROWS]);
    for (const row of rows) {
      const [accountId, type, currency, cached] = row as unknown as readonly [string, string, string, Cell];
      yield { accountId, type, currency, balance: cached ?? (await houseBalance(connection, accountId)) };
    }
    if (rows.length < PAGE_ROWS) return;
    after = rows.at(-1)![0]!;
  }
}

const ACCOUNTS = 'SELECT account_id, account_type, currency, balance FROM accounts WHERE account_id > ? ORDER BY account_id LIMIT ?';

async function houseBalance(connection: LedgerConnection, accountId: string): Promise<string> {
  const sql = `SELECT COALESCE(SUM(IF(posting_type = 'CREDIT', amount, -amount)), 0) + CAST(0 AS DECIMAL(20, 4)) FROM ledger_entries WHERE account_id = ?`;
  const [row] = await texts(connection, sql, [accountId]);
  return row![0]!;
}

/** Codes of the currencies that accounts can have. */
export async function readCurrencies(connection: LedgerConnection): Promise<string[]> {
  return (await texts(connection, 'SELECT code FROM currencies WHERE enabled ORDER BY code', [])).map(([code]) => code!);
}

/** Type of every house account by id; every other account is a customer's. */
export async function readHouse(connection: LedgerConnection): Promise<Map<string, string>> {
  const rows = await texts(connection, 'SELECT account_id, account_type FROM accounts WHERE balance IS NULL', []);
  return new Map(rows.map(([id, type]) => [id!, type!]));
}

/** All posted transactions in the order of their first entries. */
export async function* readJournal(connection: LedgerConnection): AsyncGenerator<JournalTransaction> {
  const through = await lastEntryId(connection);
  for (let after = 0n; ;) {
    const places = await readPlaces(connection, after, through, PAGE_ROWS);
    const ids = places.map(({ transactionId }) => transactionId);
    const found = await readTransactions(connection, ids);
    for (const id of ids) {
      const { row, entries } = found.get(id)!;
      const transaction = recordOf(TRANSACTION_COLUMNS, row ?? []) as TransactionRecord;
      yield { transaction, entries: entries.map((entry) => recordOf(ENTRY_COLUMNS, entry) as EntryRecord) };
    }
    if (places.length < PAGE_ROWS) return;
    after = places.at(-1)!.entryId;
  }
}

function recordOf(columns: readonly string[], row: Row): Record<string, Cell> {
  return Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null]));
}
