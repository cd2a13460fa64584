// Makes blocks and days from what was read. Pure.

import type { AuditDay, Block, Tip } from './blocks.ts';
import { ENCODING_VERSION } from './encoding.ts';
import { chainHash, leafHash, merkleRoot } from './hash.ts';

/** The block after `tip` that holds the transactions of `encodings` (at least one), in order, and covers entries up to `throughEntryId`. */
export function sealBlock(tip: Tip, encodings: readonly string[], throughEntryId: bigint, now: string): Block {
  const leaves = encodings.map(leafHash);
  return {
    blockNo: tip.blockNo + 1,
    encodingVersion: ENCODING_VERSION,
    afterEntryId: tip.throughEntryId,
    throughEntryId,
    firstPosition: tip.nextPosition,
    transactions: encodings.length,
    previousHead: tip.head,
    head: leaves.reduce(chainHash, tip.head),
    merkleRoot: merkleRoot(leaves),
    // Never before the block it follows, whatever the clock does: the days of the blocks stay in order.
    sealedAt: now > tip.sealedAt ? now : tip.sealedAt,
  };
}

/** UTC day of a block, `2026-11-21`. */
export function dayOf(block: Pick<Block, 'sealedAt'>): string {
  return block.sealedAt.slice(0, 10);
}

/** Gathers blocks in order into the days on which they were sealed. A day's Merkle tree has the roots of its blocks as leaves. */
export class DayBook {
  #roots: string[] = [];
  #first: Block | undefined;
  #last: Block | undefined;
  #transactions = 0;

  /** Takes the next block; answers the day before it when the block begins a new one. */
  add(block: Block): AuditDay | undefined {
    const closed = this.#last !== undefined && dayOf(this.#last) !== dayOf(block) ? this.close() : undefined;
    this.#first ??= block;
    this.#last = block;
    this.#roots.push(block.merkleRoot);
    this.#transactions += block.transactions;
    return closed;
  }

  /** The record of the day so far, and begins anew; undefined when there is nothing. */
  close(): AuditDay | undefined {
    const [first, last] = [this.#first, this.#last];
    if (first === undefined || last === undefined) return undefined;
    const day = {
      day: dayOf(first),
      firstBlock: first.blockNo,
      lastBlock: last.blockNo,
      transactions: this.#transactions,
      merkleRoot: merkleRoot(this.#roots),
      head: last.head,
    };
    this.#roots = [];
    this.#first = undefined;
    this.#last = undefined;
    this.#transactions = 0;
    return day;
  }
}
