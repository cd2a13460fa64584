// The projection rebuilt: every cached balance, entry count and held sum is computed again from entries and holds, and compared. The cached
// row is what the service locks and constrains; the entries are the truth. One consistent snapshot, a page of accounts at a time.

import type { Connection } from 'mysql2/promise';
import { throwIfAborted } from '../../infra/runtime/sleep.ts';
import { texts, type LedgerConnection } from './read-ledger.ts';
import { beginSnapshot } from '../store/snapshot.ts';

export interface Projection {
  /** Decimal text with four digits. */
  readonly balance: string;
  /** How many entries the account has. */
  readonly entrySeq: string;
  /** Sum of its open holds. */
  readonly held: string;
}

export interface Drift {
  readonly accountId: string;
  readonly currency: string;
  readonly cached: Projection;
  readonly derived: Projection;
}

export interface RebuildOptions {
  readonly signal?: AbortSignal;
  /** Called after each page of accounts. */
  readonly onProgress?: (progress: { readonly accounts: number; readonly total: number; readonly drifted: number }) => void;
  /** Called for each account that drifted, as soon as it is known. */
  readonly onDrift: (drift: Drift) => void;
}

export interface RebuildResult {
  readonly accounts: number;
  readonly entries: number;
  readonly drifted: number;
}

const ACCOUNTS_PER_PAGE = 1_000;

/** Compares all customer accounts at one instant. House accounts have no cached balance. */
export async function checkBalances(connection: LedgerConnection, options: RebuildOptions): Promise<RebuildResult> {
  await beginSnapshot(connection);
  try {
    const [counted] = await texts(connection, 'SELECT COUNT(*) FROM accounts WHERE balance IS NOT NULL', []);
    const result = { accounts: 0, entries: 0, drifted: 0 };
    for (let after = '0'; ;) {
      throwIfAborted(options.signal);
      const page = await readPage(connection, after);
      if (page.length === 0) return result;
      for (const account of page) {
        result.entries += Number(account.derived.entrySeq);
        if (isEqual(account)) continue;
        result.drifted += 1;
        options.onDrift(account);
      }
      result.accounts += page.length;
      after = page.at(-1)!.accountId;
      options.onProgress?.({ accounts: result.accounts, total: Number(counted![0]), drifted: result.drifted });
    }
  } finally {
    await connection.query('ROLLBACK');
  }
}

function isEqual({ cached, derived }: Drift): boolean {
  return cached.balance === derived.balance && cached.entrySeq === derived.entrySeq && cached.held === derived.held;
}

async function readPage(connection: LedgerConnection, after: string): Promise<Drift[]> {
  const sql = `SELECT account_id, currency, balance, entry_seq, held FROM accounts
    WHERE account_id > ? AND balance IS NOT NULL ORDER BY account_id LIMIT ?`;
  return await derive(connection, await texts(connection, sql, [after, ACCOUNTS_PER_PAGE]));
}

type AccountRow = readonly (string | null)[];

async function derive(connection: LedgerConnection, accounts: readonly AccountRow[]): Promise<Drift[]> {
  const ids = accounts.map((row) => row[0]!);
  if (ids.length === 0) return [];
  const entries = await texts(connection, ENTRIES, [ids]);
  const holds = await texts(connection, HOLDS, [ids]);
  const sums = new Map(entries.map(([id, sum, count]) => [id!, { sum: sum!, count: count! }]));
  const held = new Map(holds.map(([id, sum]) => [id!, sum!]));
  return accounts.map((row) => {
    const [accountId, currency, balance, entrySeq, heldNow] = row as readonly string[];
    const sum = sums.get(accountId!);
    return {
      accountId: accountId!,
      currency: currency!,
      cached: { balance: balance!, entrySeq: entrySeq!, held: heldNow! },
      derived: { balance: sum?.sum ?? NOTHING, entrySeq: sum?.count ?? '0', held: held.get(accountId!) ?? NOTHING },
    };
  });
}

const NOTHING = '0.0000';
const ENTRIES = `SELECT account_id, SUM(IF(posting_type = 'CREDIT', amount, -amount)), COUNT(*) FROM ledger_entries
  WHERE account_id IN (?) GROUP BY account_id`;
const HOLDS = `SELECT h.account_id, SUM(h.amount) FROM holds h LEFT JOIN hold_resolutions r USING (hold_id)
  WHERE h.account_id IN (?) AND r.hold_id IS NULL GROUP BY h.account_id`;

/**
 * Writes what the entries say into the cached row of each named account, one locked account at a time; answers the accounts that needed it.
 * Needs the login of the service: the triggers refuse it to everybody else.
 */
export async function repairBalances(connection: Connection, accountIds: readonly string[]): Promise<Drift[]> {
  const repaired: Drift[] = [];
  await connection.query('SET @ledgerflow_service = 1');
  for (const id of accountIds) {
    await connection.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
    await connection.query('START TRANSACTION');
    try {
      const sql =
        'SELECT account_id, currency, balance, entry_seq, held FROM accounts WHERE account_id = ? AND balance IS NOT NULL FOR UPDATE';
      const [found] = await derive(connection, await texts(connection, sql, [id]));
      if (found !== undefined && !isEqual(found)) {
        const { balance, entrySeq, held } = found.derived;
        await connection.query('UPDATE accounts SET balance = ?, entry_seq = ?, held = ? WHERE account_id = ?', [
          balance,
          entrySeq,
          held,
          id,
        ]);
        repaired.push(found);
      }
      await connection.query('COMMIT');
    } catch (error) {
      await connection.query('ROLLBACK');
      throw error;
    }
  }
  return repaired;
}
