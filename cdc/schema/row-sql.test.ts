// Rows and keys of whole tables in a real DuckDB: strictness, odd names, real envelopes, and the reasons given for parking.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realMessages, realValue } from '../envelope/testdata/load.ts';
import { DuckDbBench, envelope, testColumn, testTable } from './duckdb-testkit.ts';
import { diagnoseKey, keySelect } from './row-sql.ts';
import { parseSchemaChange } from './schema-change.ts';
import type { TableSchema } from './table-schema.ts';

let bench: DuckDbBench;
beforeAll(async () => {
  bench = await DuckDbBench.open();
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
});

function realSchema(name: string): TableSchema {
  const schema = parseSchemaChange(realValue(name)).changes[0]?.schema;
  if (schema === undefined || schema === null) throw new Error(`no schema in ${name}`);
  return schema;
}

describe('a row', () => {
  const schema = testTable([testColumn('INT', { name: 'a' }), testColumn('VARCHAR', { name: 'b', nullable: false, position: 3 })]);
  const good = Buffer.from(envelope({ a: '5', b: '"x"' }));

  it('is read from after, or from before for a delete', async () => {
    expect(await bench.row(schema, good)).toEqual(['1', '5', 'x', '2026-11-21 06:49:33.389555']);
    expect(await bench.row(schema, Buffer.from(envelope({ a: 'null', b: '"x"' }, 'before')), 'before')).toEqual([
      '1',
      null,
      'x',
      '2026-11-21 06:49:33.389555',
    ]);
    expect(await bench.reason(schema, good)).toBeNull();
  });

  const broken: readonly (readonly [string, string | Buffer, RegExp])[] = [
    ['a missing field', envelope({ a: '5' }), /field b is missing/],
    ['NULL in a NOT NULL column', envelope({ a: '5', b: 'null' }), /field b is NULL but NOT NULL/],
    ['the other image', envelope({ a: '5', b: '"x"' }, 'before'), /after is no object/],
    ['no image', '{"source":{"ts_us":1}}', /after is no object/],
    ['no source', '{"after":{"id":1,"a":1,"b":"x"}}', /not the expected fields/],
    ['a field twice', envelope({ a: '5', b: '"x"' }).replace('"a":5', '"a":5,"a":6'), /not the expected fields/],
    ['garbage', 'not json', /not JSON/],
    ['cut JSON', envelope({ a: '5', b: '"x"' }).slice(0, -5), /not JSON/],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), /not valid UTF-8/],
    ['a wrong type', envelope({ a: '"five"', b: '"x"' }), /field a does not fit INTEGER: five/],
  ];
  it.each(broken)('raises on %s and says so', async (_name, value, reason) => {
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value);
    await expect(bench.row(schema, bytes)).rejects.toThrow();
    expect(await bench.reason(schema, bytes)).toMatch(reason);
  });

  it('may have more fields than the schema', async () => {
    expect(await bench.row(schema, Buffer.from(envelope({ a: '5', b: '"x"', later: '{}' })))).toHaveLength(4);
  });

  it('may have any column names', async () => {
    const names = ['a.b', 'q"q', "it's", 'naïve 列', 'select', 'a/b~c', '$', 'back\\slash'];
    const odd = testTable(names.map((name, index) => testColumn('INT', { name, position: index + 2, nullable: false })));
    const value = Buffer.from(envelope(Object.fromEntries(names.map((name, index) => [name, String(index)]))));
    expect((await bench.row(odd, value)).slice(0, -1)).toEqual(['1', ...names.map((_name, index) => String(index))]);
    expect(await bench.reason(odd, value)).toBeNull();
  });

  it('of 1,000 columns works', async () => {
    const names = Array.from({ length: 1_000 }, (_unused, index) => `c${index}`);
    const wide = testTable(names.map((name, index) => testColumn('BIGINT', { name, position: index + 2 })));
    const row = await bench.row(wide, Buffer.from(envelope(Object.fromEntries(names.map((name) => [name, '7'])))));
    expect(row.filter((value) => value === '7')).toHaveLength(1_000);
  });
});

describe('real envelopes', () => {
  const cases = ['types-r-2', 'types-r-3', 'types-r-4', 'types-c-202', 'types-c-203', 'types-c-204'].map(
    (name) => [name, 'schema-types1'] as const,
  );

  it.each([...cases, ['alias-c-1', 'schema-alias1'] as const])('%s converts to its table', async (name, schemaName) => {
    const named = realSchema(schemaName);
    const columns = named.columns.filter(({ charset, typeName }) => charset !== 'binary' && typeName !== 'REAL');
    const schema = { ...named, columns };
    expect(await bench.reason(schema, realValue(name))).toBeNull();
    expect(await bench.row(schema, realValue(name))).toHaveLength(columns.length + 1);
  });

  it('give the same row from the snapshot and from the binlog', async () => {
    const schema = realSchema('schema-types1');
    const differing: string[] = [];
    for (const id of [2, 3, 4]) {
      const snapshot = await bench.row(schema, realValue(`types-r-${id}`));
      const streamed = await bench.row(schema, realValue(`types-c-${id + 200}`));
      schema.columns.forEach(({ name }, index) => {
        if (name !== 'id' && snapshot[index] !== streamed[index]) differing.push(name);
      });
    }
    // These messages were recorded before the snapshot had SELECTs of its own (f, y) and the year was left alone (dt6).
    // js: a double inside JSON is 1.2345678901234568e29 in one and 123456789012345677877719597056 in the other.
    expect([...new Set(differing)].sort().filter((name) => !['f', 'dt6', 'y'].includes(name))).toEqual(['js']);
  });
});

describe('a key', () => {
  const schema = {
    ...testTable([testColumn('VARCHAR', { name: 'key' }), testColumn('DATETIME', { name: 'at', length: 6 })]),
    keyColumns: ['key', 'at', 'id'],
  };
  const read = async (json: string): Promise<unknown[][]> => {
    const key = keySelect(schema, `'${json.replaceAll("'", "''")}'::BLOB`);
    return await bench.query(
      `SELECT ${key.columns.map((one) => `CAST(${one} AS VARCHAR)`).join(', ')} FROM (SELECT i, ${key.parse} FROM range(1) t(i))`,
    );
  };

  it('is typed like the row, in key order', async () => {
    expect(await read('{"id":1,"key":"k","at":1795222923456700}')).toEqual([['k', '2026-11-21 01:02:03.4567', '1']]);
  });

  it.each(['{"id":1,"key":"k"}', '{"id":1,"key":null,"at":1}', '{"id":"x","key":"k","at":1}', 'null', '[]', '{'])(
    'raises on %s',
    async (json) => {
      await expect(read(json)).rejects.toThrow();
    },
  );

  it('says what is wrong', async () => {
    const { parse, reason } = diagnoseKey(schema, `'{"id":1,"key":null,"at":1}'::BLOB`);
    expect(await bench.query(`SELECT ${reason} FROM (SELECT ${parse})`)).toEqual([['field key is NULL but NOT NULL in MySQL']]);
  });
});

it('has the messages it needs', () => {
  expect(realMessages()['schema-types1']).toBeDefined();
});
