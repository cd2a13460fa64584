// The hashes of the evidence: SHA-256 with a domain byte each, so that a leaf can never be taken for a node (RFC 6962, section 2.1).
//   leaf  = H(0x00 | encoding)                 of one transaction
//   node  = H(0x01 | left | right)             of a Merkle tree
//   chain = H(0x02 | previous head | leaf)     after one more transaction
// Hashes are lower-case hex outside this file.

import { createHash } from 'node:crypto';

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);
const CHAIN = Buffer.of(2);

/** The head of a chain that holds nothing: the hash of its name. */
export const GENESIS_HEAD = createHash('sha256').update('ledgerflow ledger chain 1').digest('hex');

export interface ProofStep {
  /** On which side of the hash so far the other one stands. */
  readonly side: 'left' | 'right';
  readonly hash: string;
}

export function leafHash(encoding: string): string {
  return createHash('sha256').update(LEAF).update(encoding, 'utf8').digest('hex');
}

/** The head after `leaf`. */
export function chainHash(previousHead: string, leaf: string): string {
  return createHash('sha256').update(CHAIN).update(previousHead, 'hex').update(leaf, 'hex').digest('hex');
}

function nodeHash(left: string, right: string): string {
  return createHash('sha256').update(NODE).update(left, 'hex').update(right, 'hex').digest('hex');
}

/** Root over `leaves` in order; a node without a right neighbour is carried up unchanged. @throws RangeError for no leaves */
export function merkleRoot(leaves: readonly string[]): string {
  let level = leaves;
  while (level.length > 1) level = parents(level);
  const [root] = level;
  if (root === undefined) throw new RangeError('a Merkle tree needs a leaf');
  return root;
}

/** The way from leaf number `index` (from 0) up to the root. */
export function merklePath(leaves: readonly string[], index: number): ProofStep[] {
  const path: ProofStep[] = [];
  let level = leaves;
  for (let at = index; level.length > 1; at = Math.floor(at / 2), level = parents(level)) {
    const neighbour = level[at % 2 === 0 ? at + 1 : at - 1];
    if (neighbour !== undefined) path.push({ side: at % 2 === 0 ? 'right' : 'left', hash: neighbour });
  }
  return path;
}

/** The root that `path` leads to from `leaf`. */
export function climb(leaf: string, path: readonly ProofStep[]): string {
  return path.reduce((hash, step) => (step.side === 'left' ? nodeHash(step.hash, hash) : nodeHash(hash, step.hash)), leaf);
}

function parents(level: readonly string[]): string[] {
  const above: string[] = [];
  for (let at = 0; at < level.length; at += 2) {
    const right = level[at + 1];
    above.push(right === undefined ? level[at]! : nodeHash(level[at]!, right));
  }
  return above;
}
