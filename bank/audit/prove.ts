// Proof that one transaction is in the chain, to be checked by somebody who has only the proof and a root: the transaction's encoding, the
// way up to the root of its block, and, once its day is closed, the way from there up to the root of the day.

import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { readBlocks, readDays, readEvidence, type AuditDay, type Block } from './blocks.ts';
import { decode, encode, TRANSACTION_COLUMNS } from './encoding.ts';
import { climb, leafHash, merklePath, type ProofStep } from './hash.ts';
import { readTransactions, texts, type LedgerConnection } from './read-ledger.ts';

export interface InclusionProof {
  readonly transactionId: string;
  /** The canonical encoding; the leaf is its hash. */
  readonly encoding: string;
  readonly leaf: string;
  /** Place in the whole chain, from 1. */
  readonly position: number;
  readonly block: { readonly blockNo: number; readonly merkleRoot: string; readonly head: string; readonly sealedAt: string };
  /** From the leaf to the root of the block. */
  readonly pathInBlock: readonly ProofStep[];
  /** Null while the day is open. */
  readonly day: { readonly day: string; readonly merkleRoot: string; readonly head: string; readonly path: readonly ProofStep[] } | null;
}

/**
 * @throws LedgerflowError LF_AUDIT_UNSEALED when the transaction is in no block; LF_AUDIT_BROKEN when the evidence does not hold it, or the
 * ledger says something else
 */
export async function proveTransaction(connection: LedgerConnection, transactionId: string): Promise<InclusionProof> {
  const block = await blockOf(connection, transactionId);
  const evidence = await readEvidence(connection, block.blockNo);
  const where = `block ${block.blockNo}`;
  const index = (evidence ?? []).findIndex((encoding) => decode(encoding).row?.[ID] === transactionId);
  if (evidence === null || index < 0) {
    throw new LedgerflowError('LF_AUDIT_BROKEN', `the evidence does not hold transaction ${transactionId}`, { where });
  }
  const encoding = evidence[index]!;
  const leaves = evidence.map(leafHash);
  const pathInBlock = merklePath(leaves, index);
  const now = (await readTransactions(connection, [transactionId])).get(transactionId)!;
  if (climb(leaves[index]!, pathInBlock) !== block.merkleRoot || encode(now) !== encoding) {
    throw new LedgerflowError('LF_AUDIT_BROKEN', `transaction ${transactionId} is not what was sealed`, { where });
  }
  const { blockNo, merkleRoot, head, sealedAt } = block;
  return {
    transactionId,
    encoding,
    leaf: leaves[index]!,
    position: block.firstPosition + index,
    block: { blockNo, merkleRoot, head, sealedAt },
    pathInBlock,
    day: await dayProof(connection, block),
  };
}

/** True when the proof leads from its encoding to its roots; whoever checks compares the root with the one he trusts. */
export function checkProof({ encoding, block, pathInBlock, day }: InclusionProof): boolean {
  return (
    climb(leafHash(encoding), pathInBlock) === block.merkleRoot && (day === null || climb(block.merkleRoot, day.path) === day.merkleRoot)
  );
}

const ID = TRANSACTION_COLUMNS.indexOf('transaction_id');

async function blockOf(connection: LedgerConnection, transactionId: string): Promise<Block> {
  const sql = `SELECT b.block_no FROM ledger_entries e JOIN audit_blocks b ON e.entry_id > b.after_entry_id AND e.entry_id <= b.through_entry_id
    WHERE e.transaction_id = ? AND e.leg = 1`;
  const [found] = await texts(connection, sql, [transactionId]);
  const [block] = found === undefined ? [] : await readBlocks(connection, Number(found[0]), 1);
  if (block === undefined) throw new LedgerflowError('LF_AUDIT_UNSEALED', `transaction ${transactionId} is in no block`);
  return block;
}

async function dayProof(connection: LedgerConnection, block: Block): Promise<InclusionProof['day']> {
  const closed = (await readDays(connection)).find(
    ({ firstBlock, lastBlock }) => firstBlock <= block.blockNo && block.blockNo <= lastBlock,
  );
  if (closed === undefined) return null;
  const roots = await rootsOf(connection, closed);
  const { day, merkleRoot, head } = closed;
  return { day, merkleRoot, head, path: merklePath(roots, block.blockNo - closed.firstBlock) };
}

async function rootsOf(connection: LedgerConnection, { firstBlock, lastBlock }: AuditDay): Promise<string[]> {
  return (await readBlocks(connection, firstBlock, lastBlock - firstBlock + 1)).map(({ merkleRoot }) => merkleRoot);
}
