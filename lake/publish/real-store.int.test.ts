// Publication over the real working store (lake/store): its commits, folds, rolls, segments, schema changes, TRUNCATE.

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChangeSpec } from '../../test/support/envelopes.ts';
import { ACCOUNTS, CREATE_ACCOUNTS, openTestStore, type TestStore } from '../store/testkit.ts';
import { positionOf, type ControlAction } from '../store/batch.ts';
import type { Publisher } from './publisher.ts';
import type { Step } from './source.ts';
import { publisherOf } from './testkit-publisher.ts';
import { STORE_CHAIN, verifyChain } from './verify-chain.ts';

const opened: TestStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
});

async function openBoth(onStep?: (step: Step) => unknown): Promise<{ store: TestStore; publisher: Publisher }> {
  const store = await openTestStore();
  opened.push(store);
  const publisher = await publisherOf(store, onStep === undefined ? {} : { onStep });
  await store.commit([], [CREATE_ACCOUNTS]);
  return { store, publisher };
}

async function differences(store: TestStore): Promise<unknown> {
  const [row] = await store.rows(`SELECT (SELECT count(*) FROM (FROM silver.accounts EXCEPT ALL FROM lake.silver.accounts)),
    (SELECT count(*) FROM (FROM lake.silver.accounts EXCEPT ALL FROM silver.accounts)),
    (SELECT count(*) FROM bronze.changes) - (SELECT sum(bronze_rows) FROM ops.commits), (SELECT count(*) - count(DISTINCT kafka_offset) FROM bronze.changes)`);
  return row?.map(Number);
}

type Spec = ChangeSpec & { key: object };

function change(op: 'c' | 'u' | 'd', id: number, at: { seq: number; ord: number; balance: number }): Spec {
  const image = { account_id: id, owner: `o${at.balance}`, balance: `${at.balance}.5000` };
  const images = op === 'd' ? { before: image, after: null } : { before: op === 'u' ? image : null, after: image };
  return { table: 'accounts', op, seq: at.seq, ord: at.ord, key: { account_id: id }, ...images };
}

describe('publication of the real store', () => {
  it('equals it after random transactions with folds, TRUNCATE, own segments and compaction', async () => {
    const operation = fc.record({ id: fc.integer({ min: 1, max: 15 }), remove: fc.boolean(), balance: fc.nat(99) });
    const step = fc.record({
      operations: fc.array(operation, { maxLength: 10 }),
      after: fc.constantFrom('nothing', 'fold', 'clear', 'publish', 'publish', 'maintain'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        const { store, publisher } = await openBoth();
        const live = new Set<number>();
        let seq = 0;
        for (const { operations, after } of steps) {
          seq += 1;
          const at = seq;
          const changes = operations.map(({ id, remove, balance }, index) => {
            const op = !live.has(id) ? 'c' : remove ? 'd' : 'u';
            if (op === 'd') live.delete(id);
            else live.add(id);
            return change(op, id, { seq: at, ord: index + 1, balance });
          });
          await store.commit(changes);
          if (after === 'fold') await store.housekeeping.fold(store.committer.commitId, store.committer.schemas);
          if (after === 'clear') live.clear();
          if (after === 'clear') await store.commit([], [{ kind: 'clear', table: 'accounts', beforePos: positionOf(seq + 1, 0, 0n) }]);
          if (after === 'clear') seq += 1;
          if (after === 'maintain') await publisher.maintainOnce();
          if (after !== 'publish') continue;
          await publisher.publishOnce();
          expect(await differences(store)).toEqual([0, 0, 0, 0]);
        }
        await publisher.publishOnce();
        expect(await differences(store)).toEqual([0, 0, 0, 0]);
        expect(await verifyChain(store.store.folder, STORE_CHAIN)).toMatchObject({ ok: true });
        await publisher[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
        opened.splice(opened.indexOf(store), 1);
      }),
      { numRuns: 6 },
    );
  });

  it('publishes a large commit from its own segment, and follows ALTER and DROP', async () => {
    const { store, publisher } = await openBoth();
    await store.commit(Array.from({ length: 5_000 }, (_, index) => change('c', index, { seq: 1, ord: index + 1, balance: 1 })));
    expect(await store.rows('SELECT rows FROM ops.segments')).toEqual([['5000']]);
    expect(await publisher.publishOnce()).toMatchObject({ bronzeRows: 5_000, silverRows: 5_000 });
    const added = { ...ACCOUNTS.columns[1]!, name: 'grade', position: 4, nullable: false, defaultValue: 'B' };
    const schema = { ...ACCOUNTS, columns: [...ACCOUNTS.columns, added] };
    const alter: ControlAction = { kind: 'schema', table: 'accounts', seq: 2, ddl: 'ALTER TABLE accounts ADD COLUMN grade', schema };
    const image = { account_id: 7, owner: 'o1', balance: '1.5000', grade: 'B' };
    const update: Spec = {
      table: 'accounts',
      op: 'u',
      seq: 3,
      ord: 1,
      key: { account_id: 7 },
      before: image,
      after: { ...image, balance: '2.0000' },
    };
    await store.commit([update], [alter]);
    await publisher.publishOnce();
    expect(await differences(store)).toEqual([0, 0, 0, 0]);
    await store.commit([], [{ kind: 'drop', table: 'accounts', seq: 4, ddl: 'DROP TABLE accounts' }]);
    await publisher.publishOnce();
    expect(await store.rows("SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'silver'")).toEqual([]);
    await publisher[Symbol.asyncDispose]();
  });

  it('does not hold up commits, however slow the lake is', async () => {
    let release: (() => void) | undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    const reached: Step[] = [];
    const { store, publisher } = await openBoth((step) => {
      reached.push(step);
      return step === 'written' ? slow : undefined;
    });
    const create = (seq: number): Spec => change('c', seq, { seq, ord: 1, balance: seq });
    await store.commit([create(1)]);
    const publishing = publisher.publishOnce();
    while (!reached.includes('written')) await new Promise((resolve) => setTimeout(resolve, 5));
    for (let seq = 2; seq <= 60; seq += 1) await store.commit([create(seq)]);
    expect(await store.rows('SELECT count(*) FROM silver.accounts')).toEqual([['60']]);
    expect(reached).toEqual(['adopted', 'written']);
    release?.();
    expect(await publishing).toMatchObject({ silverRows: 1 });
    expect(await publisher.publishOnce()).toMatchObject({ silverRows: 59 });
    expect(await differences(store)).toEqual([0, 0, 0, 0]);
    await publisher[Symbol.asyncDispose]();
  });
});
