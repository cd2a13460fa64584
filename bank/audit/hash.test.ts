import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainHash, climb, GENESIS_HEAD, leafHash, merklePath, merkleRoot } from './hash.ts';

describe('hashes', () => {
  it('are those of RFC 6962 for leaves and nodes', () => {
    // The first two hashes of the tree in the test vectors of RFC 6962 implementations: an empty leaf, and a leaf of one zero byte.
    expect(leafHash('')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(merkleRoot([leafHash(''), leafHash('\0')])).toBe('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125');
  });

  it('of the chain depend on the order', () => {
    const [a, b] = [leafHash('a'), leafHash('b')];
    expect([a, b].reduce(chainHash, GENESIS_HEAD)).not.toBe([b, a].reduce(chainHash, GENESIS_HEAD));
  });

  it('prove every leaf of a tree, and no other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 40 }), fc.nat(), (texts, pick) => {
        const leaves = texts.map(leafHash);
        const at = pick % leaves.length;
        const path = merklePath(leaves, at);
        expect(path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(leaves.length)));
        expect(climb(leaves[at]!, path)).toBe(merkleRoot(leaves));
        expect(climb(leafHash(`${texts[at]} `), path)).not.toBe(merkleRoot(leaves));
      }),
    );
  });
});
