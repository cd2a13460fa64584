// The store at an earlier place equals what it was then, whatever has been committed, folded and truncated since.

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { positionOf } from '../store/batch.ts';
import { CREATE_ACCOUNTS, openTestStore, type KeyedChange, type TestStore } from '../store/testkit.ts';
import { asOfSql, type Place } from './as-of.ts';

const opened: TestStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
});

const COLUMNS = ['account_id', 'owner', 'balance'];

async function rowsAt(store: TestStore, place: Place): Promise<string[]> {
  const rows = await store.rows(`SELECT account_id, owner, balance FROM ${asOfSql('accounts', COLUMNS, ['account_id'], place)} ORDER BY 1`);
  return rows.map((row) => row.join(' '));
}

function change(op: 'c' | 'u' | 'd', id: number, at: { seq: number; ord: number; balance: number }): KeyedChange {
  const image = { account_id: id, owner: 'o', balance: `${at.balance}.0000` };
  const images = op === 'd' ? { before: image, after: null } : { before: op === 'u' ? image : null, after: image };
  return { table: 'accounts', op, seq: at.seq, ord: at.ord, key: { account_id: id }, ...images };
}

const operation = fc.record({ id: fc.integer({ min: 1, max: 6 }), remove: fc.boolean(), balance: fc.nat(9) });
const step = fc.record({
  transactions: fc.array(fc.array(operation, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
  after: fc.constantFrom('nothing', 'nothing', 'fold', 'clear'),
});

describe('a table at an earlier place', () => {
  it('has the rows it had then', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 7 }), async (steps) => {
        const store = await openTestStore();
        opened.push(store);
        await store.commit([], [CREATE_ACCOUNTS]);
        const live = new Map<number, string>();
        let seen: [Place, string[]][] = [];
        const note = (place: Place): number => seen.push([place, [...live].sort(([a], [b]) => a - b).map(([id, row]) => `${id} o ${row}`)]);
        let seq = 0;
        for (const { transactions, after } of steps) {
          const changes: KeyedChange[] = [];
          for (const operations of transactions) {
            seq += 1;
            operations.forEach(({ id, remove, balance }, index) => {
              const op = !live.has(id) ? 'c' : remove ? 'd' : 'u';
              if (op === 'd') live.delete(id);
              else live.set(id, `${balance}.0000`);
              changes.push(change(op, id, { seq, ord: index + 1, balance }));
            });
            note({ kind: 'transaction', seq });
          }
          await store.commit(changes);
          note({ kind: 'commit', commitId: store.committer.commitId });
          if (after === 'fold') await store.housekeeping.fold(store.committer.commitId, store.committer.schemas);
          if (after === 'clear') {
            // A TRUNCATE has no END: the commit that carries it may name the transaction before it. Verification looks twice for that.
            seen = seen.filter(([place]) => place.kind === 'commit' || place.seq < seq);
            seq += 1;
            await store.commit([], [{ kind: 'clear', table: 'accounts', beforePos: positionOf(seq, 0, 0n) }]);
            live.clear();
            note({ kind: 'commit', commitId: store.committer.commitId });
          }
        }
        for (const [place, rows] of seen) expect(await rowsAt(store, place), JSON.stringify(place)).toEqual(rows);
      }),
      { numRuns: 10 },
    );
  });
});
