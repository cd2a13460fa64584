// Up to which entry the ledger is complete for good, learned without a lock. Entry ids are given out in ascending order while their
// transaction is open, so once every transaction that was open when id N was already visible has ended, no entry up to N can still appear.
// The condition is waited for, never forced: a long transaction delays the seal, the seal never delays a transaction.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { sleep } from '../../infra/runtime/sleep.ts';
import { lastEntryId } from './read-ledger.ts';

export interface Settled {
  /** No entry up to this one is still to come; null when waiting ended first. */
  readonly through: bigint | null;
  /** Transactions that were still waited for, and the age of the oldest. */
  readonly open: number;
  readonly oldestSeconds: number;
}

interface Writer {
  readonly id: string;
  readonly own: boolean;
  readonly seconds: number;
}

/** MySQL renews its list of transactions at most this often. */
const LIST_AGE_MS = 110;

/**
 * Waits until the entries that are visible now are settled.
 * @param connection one that has read nothing yet: finding it in MySQL's list of transactions proves that the list is not an old one
 * @param waitMs how long to wait for open transactions at most
 */
export async function settle(connection: Connection, waitMs: number, signal?: AbortSignal): Promise<Settled> {
  const through = await lastEntryId(connection);
  const deadlineMs = performance.now() + waitMs;
  let waitedFor = ids(await freshWriters(connection, signal));
  for (;;) {
    if (waitedFor.size === 0) return { through, open: 0, oldestSeconds: 0 };
    await sleep(LIST_AGE_MS, signal);
    const open = (await openWriters(connection)).filter((writer) => waitedFor.has(writer.id));
    if (open.length > 0 && performance.now() > deadlineMs) {
      return { through: null, open: open.length, oldestSeconds: Math.max(...open.map(({ seconds }) => seconds)) };
    }
    waitedFor = ids(open);
  }
}

/** A list that was made after this call began. */
async function freshWriters(connection: Connection, signal: AbortSignal | undefined): Promise<Writer[]> {
  await connection.query('START TRANSACTION READ ONLY');
  try {
    await connection.query('SELECT entry_id FROM ledger_entries LIMIT 1');
    for (;;) {
      const writers = await openWriters(connection);
      if (writers.some(({ own }) => own)) return writers.filter(({ own }) => !own);
      await sleep(LIST_AGE_MS, signal);
    }
  } finally {
    await connection.query('ROLLBACK');
  }
}

async function openWriters(connection: Connection): Promise<Writer[]> {
  const [[rows]] = await connection.query<RowDataPacket[][]>('CALL audit_open_writers()');
  return rows!.map((row) => ({ id: String(row['id']), own: Number(row['own']) === 1, seconds: Number(row['seconds']) }));
}

function ids(writers: readonly Writer[]): Set<string> {
  return new Set(writers.map(({ id }) => id));
}
