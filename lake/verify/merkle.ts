// A Merkle tree over hashes in order, as in RFC 6962: leaves and inner nodes are hashed apart, an odd node goes up as it is.

import { createHash } from 'node:crypto';

const LEAF = Buffer.from([0]);
const INNER = Buffer.from([1]);

function hash(prefix: Buffer, ...parts: readonly Uint8Array[]): Buffer {
  const digest = createHash('sha256').update(prefix);
  for (const part of parts) digest.update(part);
  return digest.digest();
}

/** Root in hexadecimal; of no leaf at all the hash of nothing. */
export function merkleRoot(leaves: readonly string[]): string {
  let level = leaves.map((leaf) => hash(LEAF, Buffer.from(leaf)));
  if (level.length === 0) return createHash('sha256').digest('hex');
  while (level.length > 1) {
    const next: Buffer[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const [left, right] = [level[index], level[index + 1]];
      if (left !== undefined) next.push(right === undefined ? left : hash(INNER, left, right));
    }
    level = next;
  }
  return level[0]?.toString('hex') ?? '';
}
