// The guard over a real staging and a real book: what waits, what is let through, what is held; and that a restart forgets nothing.

import { DuckDBInstance } from '@duckdb/node-api';
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNTS } from '../../lake/store/testkit.ts';
import { A, B, Bench, LIMITS } from '../processor/cut/testing/bench.ts';
import type { Cut } from '../processor/cut/cut.ts';
import { Holds } from '../processor/holds.ts';
import { TableNames } from '../processor/table-names.ts';
import { GuardBook } from './book.ts';
import { ChangeGuard } from './change-guard.ts';

const UUID = 'df9fbc14-e59a-11f1-91fd-02fc00000001';
const BY = { by: 'ada@bank', note: 'asked for' };

let bench: Bench;
let holds: Holds;
let database: DuckDBInstance;
beforeEach(async () => {
  bench = new Bench();
  holds = new Holds([], []);
  database = await DuckDBInstance.create();
  const connection = await database.connect();
  await connection.run(
    'CREATE SCHEMA ops; CREATE TABLE ops.state AS SELECT 10 AS seq; CREATE SCHEMA silver; CREATE TABLE silver.b AS FROM range(5)',
  );
});

async function guardOf(mode: 'wait' | 'flow', deletesMax = 2, rowsMax = 0): Promise<ChangeGuard> {
  return new ChangeGuard({
    ...{ staging: bench.staging, book: await GuardBook.open(await database.connect()), holds, names: new TableNames(['a', 'b']) },
    ...{ schemas: () => new Map([['b', ACCOUNTS]]), serverUuid: () => UUID, wake: () => undefined, deletesMax, mode },
    window: { rowsMax, seconds: 60 },
    schemaChanges: { ask: 'all', database: 'bank', readers: () => ({ modelsOver: () => [], dashboardsOver: () => ['Executive'] }) },
    log: pino({ level: 'silent' }),
  });
}

const open = async (): Promise<number> =>
  Number(
    (
      await (await database.connect()).runAndReadAll(`SELECT count(*) FROM ops.guarded_changes WHERE state IN ('waiting', 'held')`)
    ).getRows()[0]?.[0],
  );
const choose = (): Cut | null => bench.staging.nextCut(LIMITS);
const next = async (guard: ChangeGuard): Promise<Cut | null> => {
  const cut = choose();
  return cut === null ? null : await guard.admit(cut, choose);
};
const tableOf = (topicId: number): string | undefined =>
  topicId === bench.a.topicId ? 'a' : topicId >= 3 && topicId <= 4 ? 'b' : undefined;

/** 11 inserts, 12 deletes three rows of a and one of b, 13 inserts. */
function threeTransactions(): void {
  bench.event(bench.a, 11, 1);
  bench.end(11, { [A]: 1 });
  for (const ord of [1, 2, 3]) bench.event(bench.a, 12, ord, 'd');
  bench.event(bench.b[0]!, 12, 4, 'd');
  bench.end(12, { [A]: 3, [B]: 1 });
  bench.event(bench.a, 13, 1);
  bench.end(13, { [A]: 1 });
}

describe('wait', () => {
  it('takes what stands before a mass delete, then nothing, and everything once it is approved', async () => {
    const guard = await guardOf('wait');
    threeTransactions();
    const before = await next(guard);
    expect(before?.seq).toBe(11);
    bench.staging.take(before!);
    expect(await next(guard)).toBeNull();
    expect(guard.problem?.toLine()).toContain('LF_CHANGE_WAITS: transaction 12 waits for approval: deletes 3 rows of a');
    expect(await open()).toBe(1);
    expect(await guard.approve({ seq: 12, ...BY })).toEqual({ seq: 12, state: 'approved', resnapshot: [] });
    const rest = await next(guard);
    expect([rest?.from, rest?.seq, guard.problem, await open()]).toEqual([11, 13, null, 0]);
    expect(guard.holds(bench.staging.take(rest!), tableOf)).toEqual([]);
  });

  it('holds all tables of a rejected transaction and takes everything behind it', async () => {
    const guard = await guardOf('wait');
    threeTransactions();
    bench.staging.take((await next(guard))!);
    await next(guard);
    await guard.reject({ seq: 12, ...BY });
    const rest = await next(guard);
    expect(rest?.seq).toBe(13);
    const held = guard.holds(bench.staging.take(rest!), tableOf);
    expect(held.map((action) => [action.kind, action.table, 'seq' in action && action.seq])).toEqual([
      ['hold', 'a', 12],
      ['hold', 'b', 12],
    ]);
    await expect(guard.approve({ seq: 12, ...BY })).rejects.toMatchObject({ code: 'LF_GUARD_UNKNOWN' });
  });

  it('knows after a restart what was found and what was decided', async () => {
    threeTransactions();
    const first = await guardOf('wait');
    bench.staging.take((await next(first))!);
    await next(first);
    const second = await guardOf('wait');
    expect([await next(second), await open()]).toEqual([null, 1]);
    await second.approve({ seq: 12, ...BY });
    const third = await guardOf('wait');
    expect((await next(third))?.seq).toBe(13);
    const [row] = (
      await (await database.connect()).runAndReadAll('SELECT seq, state, gtid, decided_by, rows::INT FROM ops.guarded_changes')
    ).getRowsJson();
    expect(row).toEqual(['12', 'approved', `${UUID}:12`, 'ada@bank', 3]);
  });

  it('asks about a TRUNCATE by the rows that are there', async () => {
    const guard = await guardOf('wait');
    bench.outside(bench.b[0]!, 11, 't');
    expect(await next(guard)).toBeNull();
    expect(guard.problem?.message).toContain('empties b of its 5 rows');
    await guard.approve({ seq: 11, ...BY });
    expect((await next(guard))?.controls).toHaveLength(1);
  });
});

describe('flow', () => {
  it('holds the tables at once and takes the rest; an approval says what to read again', async () => {
    const guard = await guardOf('flow');
    threeTransactions();
    const cut = await next(guard);
    expect([cut?.seq, guard.problem, await open()]).toEqual([13, null, 1]);
    const held = guard.holds(bench.staging.take(cut!), tableOf);
    for (const action of held) holds.apply(action);
    expect([holds.route('a', 11), holds.route('a', 12), holds.route('b', 13)]).toEqual(['store', 'park', 'park']);
    expect(holds.get('a')).toMatchObject({ code: 'LF_CHANGE_HELD', reason: 'transaction 12: deletes 3 rows of a' });
    expect((await guard.approve({ seq: 12, ...BY })).resnapshot).toEqual(['a']);
  });

  it('makes a hold of a TRUNCATE, between what the planner makes of the others', async () => {
    const guard = await guardOf('flow');
    bench.outside(bench.b[0]!, 11, 't');
    const cut = await next(guard);
    const planned = await guard.planner({ plan: () => Promise.resolve([]) }).plan(cut!.controls);
    expect(planned).toMatchObject([{ kind: 'hold', table: 'b', seq: 11, ddl: 'TRUNCATE', code: 'LF_CHANGE_HELD', schema: ACCOUNTS }]);
    expect(holds.get('b')?.seq).toBe(11);
  });

  it('asks nothing of tables that are held already, nor about changes of keys, nor when it is off', async () => {
    const guard = await guardOf('flow');
    holds.apply({ kind: 'hold', table: 'a', seq: 5, ddl: '', code: 'LF_TABLE_HELD', reason: '', schema: null });
    threeTransactions();
    expect([(await next(guard))?.seq, await open()]).toEqual([13, 0]);
    const moved = { headers: '{"__debezium.newkey":"{\\"id\\":1}"}' };
    for (const ord of [1, 2, 3]) bench.push(bench.b[0]!, { kind: 'event', seq: 14, ord, op: 100 }, moved);
    bench.end(14, { [B]: 3 });
    expect([(await next(guard))?.seq, await open()]).toEqual([14, 0]);
    holds.apply({ kind: 'drop', table: 'a', seq: 6, ddl: '' });
    expect([(await next(await guardOf('wait', 0)))?.seq, await open()]).toEqual([14, 0]);
  });
});

describe('many small deletes', () => {
  /** Each transaction deletes two rows of a, `at` seconds into the source's time. */
  const deletes = (first: number, ...at: readonly number[]): void =>
    at.forEach((second, index) => {
      const value = { before: { ts_ms: 1 }, source: { ts_ms: 1_795_000_000_000 + second * 1_000 }, op: 'd', ts_ms: 1 };
      for (const ord of [1, 2])
        bench.push(bench.a, { kind: 'event', seq: first + index, ord, op: 100 }, { value: Buffer.from(JSON.stringify(value)) });
      bench.end(first + index, { [A]: 2 });
    });

  it('wait at the transaction that brings a table over the limit within a minute of the source, and approved the rest follows', async () => {
    const guard = await guardOf('wait', 2, 5);
    deletes(11, 0, 59, 60, 61, 62);
    const before = await next(guard);
    expect(before?.seq).toBe(13); // at 60 s the first two rows do not count any more
    bench.staging.take(before!);
    expect([await next(guard), await open()]).toEqual([null, 1]);
    expect(guard.problem?.message).toBe('transaction 14 waits for approval: many small deletes: 6 rows of a within 60 s');
    await guard.approve({ seq: 14, ...BY });
    const rest = await next(guard);
    expect([rest?.seq, await open()]).toEqual([15, 0]);
    bench.staging.take(rest!);
    deletes(16, 200, 201, 202); // below the limit in between: asked about again
    const later = await next(guard);
    expect(later?.seq).toBe(17);
    bench.staging.take(later!);
    expect([await next(guard), await open()]).toEqual([null, 1]);
  });

  it('count over commits, and a cut that is looked at twice counts once', async () => {
    const guard = await guardOf('wait', 2, 5);
    deletes(11, 0);
    const first = await next(guard);
    expect((await next(guard))?.seq).toBe(11);
    bench.staging.take(first!);
    deletes(12, 1);
    bench.staging.take((await next(guard))!);
    deletes(13, 2);
    expect(await next(guard)).toBeNull();
  });

  it('still wait after a restart, which counts anew', async () => {
    deletes(11, 0, 1, 2);
    const first = await guardOf('wait', 2, 5);
    bench.staging.take((await next(first))!);
    expect(await next(first)).toBeNull();
    const second = await guardOf('wait', 2, 5);
    expect([await next(second), await open()]).toEqual([null, 1]);
    expect(second.problem?.message).toContain('transaction 13 waits for approval: many small deletes: 6 rows of a');
  });

  it('hold the table where others flow, which ends the counting; large transactions and an open limit count nothing', async () => {
    const guard = await guardOf('flow', 2, 5);
    deletes(11, 0, 1, 2, 3);
    const cut = await next(guard);
    const held = guard.holds(bench.staging.take(cut!), tableOf);
    expect(held).toMatchObject([{ kind: 'hold', table: 'a', seq: 13 }]);
    for (const action of held) holds.apply(action);
    deletes(15, 4, 5, 6);
    expect([(await next(guard))?.seq, await open()]).toEqual([17, 1]);
    holds.apply({ kind: 'drop', table: 'a', seq: 17, ddl: '' });
    for (const off of [await guardOf('wait', 0, 5), await guardOf('wait', 2, 0)]) expect((await next(off))?.seq).toBe(17);
    await next(await guardOf('flow', 1, 5));
    const read = await (await database.connect()).runAndReadAll('SELECT kind, seq::INT FROM ops.guarded_changes ORDER BY seq');
    expect(read.getRows()).toEqual([['deletes', 13], ...[15, 16, 17].map((seq) => ['delete', seq])]);
  });
});

describe('schema changes', () => {
  const drop = (seq: number): void => {
    const source = { gtid: `${UUID}:${seq}`, snapshot: 'false', file: 'binlog.1', pos: 4, ts_us: 1 };
    const value = { source, databaseName: 'bank', ddl: 'DROP TABLE b', tableChanges: [{ type: 'DROP', id: '"bank"."b"', table: null }] };
    bench.push(bench.s, { kind: 'ddl', seq, ord: 0, op: 0, identity: 'drop', alone: true }, { value: Buffer.from(JSON.stringify(value)) });
  };

  it('wait with what they affect, also where others flow; approved they are planned, rejected they hold the table', async () => {
    const guard = await guardOf('flow');
    drop(11);
    expect(await next(guard)).toBeNull();
    expect(guard.problem?.message).toContain('lossy: drops table b');
    const read = async (): Promise<unknown[]> =>
      (await (await database.connect()).runAndReadAll('SELECT class, ddl, dashboards FROM ops.guarded_changes')).getRowsJson();
    expect(await read()).toEqual([['lossy', 'DROP TABLE b', ['Executive']]]);
    await guard.reject({ seq: 11, ...BY });
    const cut = await next(guard);
    const planned = await guard.planner({ plan: () => Promise.reject(new Error('not planned')) }).plan(cut!.controls);
    expect(planned).toMatchObject([{ kind: 'hold', table: 'b', seq: 11, ddl: 'DROP TABLE b', code: 'LF_CHANGE_HELD' }]);
  });
});
