// The planner over a real store: the recorded statements of the connector in their order, and what holds a table.

import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSchemaChange } from '../../cdc/schema/schema-change.ts';
import type { ControlAction } from '../../lake/store/batch.ts';
import { openTestStore, type TestStore } from '../../lake/store/testkit.ts';
import type { StagedControl } from './cut/control-list.ts';
import { Holds } from './holds.ts';
import { Rereads } from './rereads.ts';
import { SchemaPlanner } from './schema-planner.ts';
import { TableNames } from './table-names.ts';

interface Recorded {
  readonly name: string;
  readonly value: { readonly source: { readonly gtid: string }; readonly ddl: string };
}

const FILE = new URL('../../cdc/schema/testdata/changes.jsonl', import.meta.url);
const recorded = readFileSync(FILE, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);
const seqOf = ({ value }: Recorded): number => Number(value.source.gtid.split(':')[1]);

let kit: TestStore;
let holds: Holds;
let planner: SchemaPlanner;
beforeEach(async () => {
  kit = await openTestStore();
  holds = new Holds([], []);
  planner = new SchemaPlanner({ database: 'bank', names: new TableNames([]), holds, store: kit.committer, log: pino({ level: 'silent' }) });
});
afterEach(async () => {
  await kit[Symbol.asyncDispose]();
});

function control(record: Recorded): StagedControl {
  const value = Buffer.from(JSON.stringify(record.value));
  return { kind: 'ddl', seq: seqOf(record), value } as Partial<StagedControl> as StagedControl;
}

async function apply(records: readonly Recorded[]): Promise<ControlAction[]> {
  const actions = await planner.plan(records.map(control));
  await kit.commit([], actions);
  return actions;
}

async function upTo(name: string): Promise<void> {
  const bySeq = [...recorded].sort((a, b) => seqOf(a) - seqOf(b));
  for (const record of bySeq) {
    await apply([record]);
    if (record.name === name) return;
  }
}

const find = (name: string): Recorded => recorded.find((record) => record.name === name)!;
const silverTables = async (): Promise<unknown[]> =>
  (
    await kit.rows(`SELECT view_name FROM duckdb_views() WHERE schema_name = 'silver' AND NOT ends_with(view_name, '_history') ORDER BY 1`)
  ).flat();
const fill = async (table: string, columns: string, values: string): Promise<unknown> =>
  kit.store.writer.run(
    `INSERT INTO _rows."${table}" (${columns}, _op, _pos, _commit, _ts) VALUES (${values}, 'c', 1, 1, now()::TIMESTAMP)`,
  );

describe('recorded statements', () => {
  it('all apply to empty tables, in their order, each in a commit of its own', async () => {
    const bySeq = [...recorded].sort((a, b) => seqOf(a) - seqOf(b));
    for (const record of bySeq) await apply([record]);
    expect(await silverTables()).toEqual(expect.arrayContaining(['d1', 'd2', 'p1']));
    const last = parseSchemaChange(Buffer.from(JSON.stringify(find('add-now-default').value))).changes[0]?.schema;
    expect(kit.committer.schemas.get('d1')).toEqual(last);
    const columns = await kit.rows(`SELECT column_name FROM duckdb_columns() WHERE schema_name = '_rows' AND table_name = 'd1'`);
    for (const { name } of last?.columns ?? []) expect(columns.flat()).toContain(name);
  });

  it('keep the rows through renames of columns and a swap of tables', async () => {
    await upTo('add-generated');
    await fill('d1', `id, a, b, c, e, "od\`d c", s1, d0`, `7, 'seven', 3, 1.50, 'x', 4, 'a''b', NULL`);
    await apply([find('rename-and-change-columns')]);
    await apply([find('modify-and-drop')]);
    await apply([find('other-key')]);
    await apply([find('convert-charset')]);
    await apply([find('create-like')]);
    await apply(recorded.filter(({ name }) => name.startsWith('swap')));
    expect(holds.list()).toEqual([]);
    expect(await kit.rows(`SELECT id, aa, b, cc, "od\`d c", s1 FROM silver.d2`)).toEqual([['7', 'seven', '3', '1.50', 4, `a'b`]]);
    expect(await kit.rows('SELECT * FROM silver.d1')).toEqual([]);
  });

  it('hold a table with rows, keep holding it, and let it go with a DROP', async () => {
    await upTo('add-many-defaults');
    await fill('d1', 'id, b', '7, 3');
    await apply([find('add-generated')]);
    expect(holds.list()).toMatchObject([{ table: 'd1', code: 'LF_TABLE_HELD', reason: expect.stringContaining('g1') as string }]);
    expect((await kit.rows('SELECT * FROM silver.d1 LIMIT 1'))[0]).toHaveLength(25);
    await apply([find('rename-and-change-columns')]);
    expect(holds.get('d1')?.schema?.columns.map(({ name }) => name)).toContain('aa');
    expect(await kit.rows(`SELECT count(*) FROM ops.table_schemas WHERE table_name = 'd1' AND held`)).toEqual([['2']]);
    await apply([{ name: 'drop', value: { ...find('drop-two').value, ddl: 'DROP TABLE d1' } }]);
    expect(holds.get('d1')).toBeDefined(); // the recorded DROP is of another table
  });

  it('hold a table that came from another database, and one whose partitions were emptied', async () => {
    await upTo('create-partitioned');
    await fill('p1', 'id, v', '1, 1');
    await apply([find('truncate-partition')]);
    await apply([find('moved-in')]);
    expect(holds.list().map(({ table }) => table)).toEqual(['m1', 'p1']);
  });
});

describe('a re-snapshot', () => {
  const note = (status: string, id = 's1'): Buffer =>
    Buffer.from(JSON.stringify({ id, type: 'TABLE_SCAN_COMPLETED', additional_data: { scanned_collection: 'bank.p1', status } }));
  const heads = (at: number) => () => new Map([['bank_server.bank.p1/0', at]]);

  async function begun(): Promise<Rereads> {
    await upTo('create-partitioned');
    await fill('p1', 'id, v', '1, 1');
    await apply([find('truncate-partition')]);
    const rereads = new Rereads('bank', holds);
    const actions = rereads.begun([{ kind: 'read', id: 's1', seq: 300, keys: null, tables: ['p1', 'not_there'] }], kit.committer.schemas);
    for (const action of actions) holds.apply(action);
    await kit.commit([], actions);
    return rereads;
  }

  it('takes the records behind its signal, and ends when all it read has been taken', async () => {
    const rereads = await begun();
    expect([299, 300, 301].map((seq) => holds.route('p1', seq))).toEqual(['park', 'park', 'next']);
    expect(holds.storedAs('p1')).toBe('p1@next');
    expect(rereads.awaited()).toBeNull(); // Debezium has not said yet that it is done
    rereads.note(note('SUCCEEDED', 'another'));
    expect(rereads.awaited()).toBeNull();
    rereads.note(note('SUCCEEDED'));
    expect(rereads.awaited()).toBe(300);
    rereads.proven(299, new Map([['bank_server.bank.p1/0', 50]]));
    expect(rereads.awaited()).toBe(300); // an offset of before the signal proves nothing
    rereads.proven(305, new Map([['bank_server.bank.p1/0', 50]]));
    expect(rereads.ended(heads(49))).toEqual([]);
    const ended = rereads.ended(heads(50));
    expect(ended).toMatchObject([{ kind: 'reread-ended', table: 'p1', failure: null, inPlace: false }]);
    for (const action of ended) holds.apply(action);
    await kit.commit([], ended);
    expect(holds.size).toBe(0);
    expect(await kit.rows('SELECT * FROM silver.p1')).toEqual([]);
  });

  it('that Debezium could not do leaves the table held', async () => {
    const rereads = await begun();
    rereads.note(note('SQL_EXCEPTION'));
    const ended = rereads.ended(heads(0));
    expect(ended).toMatchObject([{ failure: expect.stringContaining('SQL_EXCEPTION') as string }]);
    for (const action of ended) holds.apply(action);
    await kit.commit([], ended);
    expect(holds.get('p1')?.reread).toBeNull();
    expect(await kit.rows('SELECT id FROM silver.p1')).toEqual([[1]]);
  });
});
