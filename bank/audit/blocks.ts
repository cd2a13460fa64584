// Statements on audit_blocks, audit_evidence and audit_days. Dates and times are text in UTC as MySQL prints them.

import type { Connection } from 'mysql2/promise';
import { inflateSync, deflateSync } from 'node:zlib';
import type { Row } from './encoding.ts';
import { GENESIS_HEAD } from './hash.ts';
import { texts, type LedgerConnection } from './read-ledger.ts';

export interface Block {
  readonly blockNo: number;
  readonly encodingVersion: number;
  /** The block holds the transactions with leg 1 in (afterEntryId, throughEntryId]. */
  readonly afterEntryId: bigint;
  readonly throughEntryId: bigint;
  readonly firstPosition: number;
  readonly transactions: number;
  readonly previousHead: string;
  readonly head: string;
  readonly merkleRoot: string;
  /** `2026-11-21 15:04:05.000000` */
  readonly sealedAt: string;
}

/** Where the chain ends; a block of number 0 stands for its beginning. */
export type Tip = Pick<Block, 'blockNo' | 'throughEntryId' | 'head' | 'sealedAt'> & { readonly nextPosition: number };

export const GENESIS: Tip = { blockNo: 0, throughEntryId: 0n, head: GENESIS_HEAD, sealedAt: '', nextPosition: 1 };

const COLUMNS = `block_no, encoding_version, after_entry_id, through_entry_id, first_position, transactions, previous_head, head, merkle_root,
  sealed_at`;

/** Blocks from `firstBlock` on, in order, at most `limit`. */
export async function readBlocks(connection: LedgerConnection, firstBlock: number, limit: number): Promise<Block[]> {
  const sql = `SELECT ${COLUMNS} FROM audit_blocks WHERE block_no >= ? ORDER BY block_no LIMIT ?`;
  return (await texts(connection, sql, [firstBlock, limit])).map(blockOf);
}

export async function readTip(connection: LedgerConnection): Promise<Tip> {
  const [row] = await texts(connection, `SELECT ${COLUMNS} FROM audit_blocks ORDER BY block_no DESC LIMIT 1`, []);
  return row === undefined ? GENESIS : tipAfter(blockOf(row));
}

export function tipAfter(block: Block): Tip {
  return { ...block, nextPosition: block.firstPosition + block.transactions };
}

/** Writes a block with its evidence in one transaction. */
export async function writeBlock(connection: Connection, block: Block, encodings: readonly string[]): Promise<void> {
  await connection.query('START TRANSACTION');
  try {
    await connection.query(`INSERT INTO audit_blocks (${COLUMNS}) VALUES (?)`, [
      [
        block.blockNo, block.encodingVersion, block.afterEntryId, block.throughEntryId, block.firstPosition, block.transactions,
        block.previousHead, block.head, block.merkleRoot, block.sealedAt,
      ], // prettier-ignore
    ]);
    await connection.query('INSERT INTO audit_evidence (block_no, encodings) VALUES (?, ?)', [block.blockNo, packEncodings(encodings)]);
    await connection.query('COMMIT');
  } catch (error) {
    await connection.query('ROLLBACK');
    throw error;
  }
}

/** The encodings a block was made from; null when they are missing or cannot be unpacked. */
export async function readEvidence(connection: LedgerConnection, blockNo: number): Promise<string[] | null> {
  const [rows] = await connection.query('SELECT encodings FROM audit_evidence WHERE block_no = ?', [blockNo]);
  const packed = (rows as { encodings: Buffer }[])[0]?.encodings;
  if (packed === undefined) return null;
  try {
    return inflateSync(packed, { maxOutputLength: EVIDENCE_BYTES_MAX }).toString('utf8').split('\n');
  } catch {
    return null; // damaged: the audit says so by its block
  }
}

/** Far beyond any block: 1,000 transactions of 64 kB. */
const EVIDENCE_BYTES_MAX = 67_108_864;
/** Level 1 packs about as well as 6 here, at a third of the time. */
const DEFLATE_LEVEL = 1;

export function packEncodings(encodings: readonly string[]): Buffer {
  return deflateSync(encodings.join('\n'), { level: DEFLATE_LEVEL });
}

export interface AuditDay {
  /** `2026-11-21`, UTC */
  readonly day: string;
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly transactions: number;
  readonly merkleRoot: string;
  readonly head: string;
}

const DAY_COLUMNS = 'day, first_block, last_block, transactions, merkle_root, head';

/** All closed days in order. */
export async function readDays(connection: LedgerConnection): Promise<AuditDay[]> {
  return daysOf(await texts(connection, `SELECT ${DAY_COLUMNS} FROM audit_days ORDER BY first_block`, []));
}

/** The last closed day, with the instant it was closed. */
export async function readLastDay(connection: LedgerConnection): Promise<(AuditDay & { readonly closedAt: string }) | undefined> {
  const rows = await texts(connection, `SELECT ${DAY_COLUMNS}, closed_at FROM audit_days ORDER BY first_block DESC LIMIT 1`, []);
  const [day] = daysOf(rows);
  return day === undefined ? undefined : { ...day, closedAt: rows[0]![6]! };
}

function daysOf(rows: readonly Row[]): AuditDay[] {
  return rows.map(([day, firstBlock, lastBlock, transactions, merkleRoot, head]) => ({
    day: day!,
    firstBlock: Number(firstBlock),
    lastBlock: Number(lastBlock),
    transactions: Number(transactions),
    merkleRoot: merkleRoot!,
    head: head!,
  }));
}

export async function writeDay(connection: LedgerConnection, day: AuditDay, closedAt: string): Promise<void> {
  await connection.query(`INSERT INTO audit_days (${DAY_COLUMNS}, closed_at) VALUES (?)`, [
    [day.day, day.firstBlock, day.lastBlock, day.transactions, day.merkleRoot, day.head, closedAt],
  ]);
}

function blockOf(row: readonly (string | null)[]): Block {
  const [blockNo, version, after, through, position, transactions, previousHead, head, merkleRoot, sealedAt] = row as readonly string[];
  return {
    blockNo: Number(blockNo),
    encodingVersion: Number(version),
    afterEntryId: BigInt(after!),
    throughEntryId: BigInt(through!),
    firstPosition: Number(position),
    transactions: Number(transactions),
    previousHead: previousHead!,
    head: head!,
    merkleRoot: merkleRoot!,
    sealedAt: sealedAt!,
  };
}
