// Carries the chain on to the newest settled transaction. Reads what is committed, writes only the audit's own tables, and holds no lock
// that a posting could wait for. Any number of processes may call it: one works at a time.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { throwIfAborted } from '../../infra/runtime/sleep.ts';
import { connectBank, type BankLogin } from '../generator/connect.ts';
import { readBlocks, readLastDay, readTip, tipAfter, writeBlock, writeDay, type Tip } from './blocks.ts';
import { encode } from './encoding.ts';
import { readPlaces, readTransactions } from './read-ledger.ts';
import { DayBook, dayOf, sealBlock } from './seal.ts';
import { settle, type Settled } from './settled.ts';

export interface AdvanceOptions extends BankLogin {
  readonly signal?: AbortSignal;
  /** How long to wait for transactions that are open now, at most. */
  readonly settleWaitMs?: number;
  /** Called after each block. */
  readonly onProgress?: (progress: AdvanceResult) => void;
  /** The clock, for tests. */
  readonly now?: () => Date;
}

export interface AdvanceResult {
  /** Blocks, transactions and days added by this call. */
  readonly blocks: number;
  readonly transactions: number;
  readonly days: number;
  /** The end of the chain. */
  readonly blockNo: number;
  readonly head: string;
  /** What kept the call from sealing: open transactions, and the age of the oldest; 0 when nothing did. */
  readonly open: number;
  readonly oldestSeconds: number;
}

const TRANSACTIONS_PER_BLOCK_MAX = 1_000;
const SETTLE_WAIT_MS = 10_000;
const LOCK_WAIT_SECONDS_MAX = 30;
const DAY_BLOCKS_READ = 2_000;

/**
 * Seals what is settled. Needs EXECUTE on audit_open_writers and INSERT on the audit tables (login ledgerflow_service).
 * @throws LedgerflowError LF_AUDIT_BUSY, LF_AUDIT_BROKEN, LF_MYSQL_LOGIN, LF_MYSQL_UNREACHABLE, LF_ABORTED
 */
export async function advanceAudit(options: AdvanceOptions): Promise<AdvanceResult> {
  const connection = await connectBank(options);
  try {
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    await takeTurn(connection, options.database);
    const settled = await settle(connection, options.settleWaitMs ?? SETTLE_WAIT_MS, options.signal);
    const now = await instant(connection, options.now?.() ?? new Date());
    const days = await closeDays(connection, now);
    const sealed = await sealAll(connection, settled, now, options);
    return { ...sealed, days, open: settled.open, oldestSeconds: settled.oldestSeconds };
  } finally {
    connection.destroy(); // gives the turn back
  }
}

async function takeTurn(connection: Connection, database: string): Promise<void> {
  const lock = `ledgerflow.audit.${database}`.slice(0, 64);
  const [rows] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS got', [lock, LOCK_WAIT_SECONDS_MAX]);
  if (Number(rows[0]?.['got']) !== 1) throw new LedgerflowError('LF_AUDIT_BUSY', 'another process is sealing', { where: database });
}

/** The clock, but never before the last block or the closing of the last day. */
async function instant(connection: Connection, clock: Date): Promise<string> {
  const text = `${clock.toISOString().slice(0, -1).replace('T', ' ')}000`;
  const closedAt = (await readLastDay(connection))?.closedAt ?? '';
  return [text, closedAt, (await readTip(connection)).sealedAt].sort().at(-1)!;
}

/** Writes the roots of all days before the one of `now`; answers how many. */
async function closeDays(connection: Connection, now: string): Promise<number> {
  let next = ((await readLastDay(connection))?.lastBlock ?? 0) + 1;
  const book = new DayBook();
  const today = now.slice(0, 10);
  let count = 0;
  for (;;) {
    const blocks = (await readBlocks(connection, next, DAY_BLOCKS_READ)).filter((block) => dayOf(block) < today);
    for (const block of blocks) {
      const day = book.add(block);
      if (day !== undefined) count += await saveDay(connection, day, now);
    }
    if (blocks.length < DAY_BLOCKS_READ) break;
    next += blocks.length;
  }
  const last = book.close();
  return last === undefined ? count : count + (await saveDay(connection, last, now));
}

async function saveDay(connection: Connection, day: Parameters<typeof writeDay>[1], now: string): Promise<1> {
  await writeDay(connection, day, now);
  return 1;
}

type Sealed = Pick<AdvanceResult, 'blocks' | 'transactions' | 'blockNo' | 'head'>;

async function sealAll(connection: Connection, settled: Settled, now: string, options: AdvanceOptions): Promise<Sealed> {
  let tip = await readTip(connection);
  let [blocks, transactions] = [0, 0];
  for (let more = settled.through !== null; more;) {
    throwIfAborted(options.signal);
    const next = await sealNext(connection, tip, settled.through!, now);
    if (next === undefined) break;
    [tip, more] = [next.tip, next.full];
    blocks += 1;
    transactions += next.transactions;
    options.onProgress?.({ blocks, transactions, days: 0, blockNo: tip.blockNo, head: tip.head, open: 0, oldestSeconds: 0 });
  }
  return { blocks, transactions, blockNo: tip.blockNo, head: tip.head };
}

/** One block; undefined when nothing is left. */
async function sealNext(
  connection: Connection,
  tip: Tip,
  through: bigint,
  now: string,
): Promise<{ tip: Tip; transactions: number; full: boolean } | undefined> {
  const places = await readPlaces(connection, tip.throughEntryId, through, TRANSACTIONS_PER_BLOCK_MAX);
  if (places.length === 0) return undefined;
  const full = places.length === TRANSACTIONS_PER_BLOCK_MAX;
  const ids = places.map(({ transactionId }) => transactionId);
  const found = await readTransactions(connection, ids);
  const lost = ids.find((id) => found.get(id)!.row === null);
  if (lost !== undefined)
    throw new LedgerflowError('LF_AUDIT_BROKEN', `transaction ${lost} has entries but no row`, { where: 'transactions' });
  const encodings = ids.map((id) => encode(found.get(id)!));
  const block = sealBlock(tip, encodings, full ? places.at(-1)!.entryId : through, now);
  await writeBlock(connection, block, encodings);
  return { tip: tipAfter(block), transactions: places.length, full };
}
