import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avroType } from './avro-types.ts';
import { record } from './codec-testkit.ts';
import { jsonWriter } from './json-writer.ts';

const NULLABLE_LONG = { name: 'n', type: ['null', { type: 'long', 'connect.name': 'io.debezium.time.MicroTime' }], default: null };

describe('jsonWriter', () => {
  it('writes 64-bit integers digit for digit', () => {
    const type = avroType(record('R', [{ name: 'a', type: 'long' }, { name: 'b', type: 'long' }, NULLABLE_LONG]));
    const bytes = type.toBuffer({ a: -9223372036854775808n, b: 9223372036854775807n, n: 9007199254740993n });
    expect(jsonWriter(type, 'value')(type.fromBuffer(bytes))).toBe(
      '{"a":-9223372036854775808,"b":9223372036854775807,"n":9007199254740993}',
    );
  });

  it('keeps any 64-bit integer, null or not', () => {
    const type = avroType(record('R', [NULLABLE_LONG]));
    const write = jsonWriter(type, 'value');
    fc.assert(
      fc.property(fc.option(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })), (n) => {
        expect(write(type.fromBuffer(type.toBuffer({ n })))).toBe(`{"n":${n}}`);
      }),
    );
  });

  it('writes every other type as the JSON converter does', () => {
    const fields = [
      { name: 'flag', type: 'boolean' },
      { name: 'small', type: { type: 'int', 'connect.type': 'int16' } },
      { name: 'bits', type: 'bytes' },
      { name: 'four', type: { type: 'fixed', name: 'Four', size: 4 } },
      { name: 'color', type: { type: 'enum', name: 'Color', symbols: ['RED', 'BLUE'] } },
      { name: 'list', type: { type: 'array', items: 'float' } },
      { name: 'map', type: { type: 'map', values: 'string' } },
      {
        name: 'point',
        type: [
          'null',
          {
            type: 'record',
            name: 'P',
            fields: [
              { name: 'wkb', type: 'bytes' },
              { name: 'srid', type: ['null', 'int'] },
            ],
          },
        ],
      },
    ];
    const type = avroType(record('R', fields));
    const value = {
      ...{ flag: true, small: -1, bits: Buffer.from([5, 255]), four: Buffer.from('abcd'), color: 'BLUE', list: [1.5, Math.fround(0.1)] },
      ...{ map: { a: 'x' }, point: { wkb: Buffer.from([1]), srid: null } },
    };
    expect(jsonWriter(type, 'value')(type.fromBuffer(type.toBuffer(value)))).toBe(
      '{"flag":true,"small":-1,"bits":"Bf8=","four":"YWJjZA==","color":"BLUE","list":[1.5,0.1],"map":{"a":"x"},"point":{"wkb":"AQ==","srid":null}}',
    );
  });

  it('restores column names in rows and keys, and nowhere else', () => {
    const row = { type: 'record', name: 'Value', fields: [{ name: 'first_u005fname', type: 'string' }] };
    const rest = [
      { name: 'source', type: { type: 'record', name: 'Source', fields: [{ name: 'server_id', type: 'int' }] } },
      { name: 'op', type: 'string' },
    ];
    const type = avroType(
      record('Envelope', [{ name: 'before', type: ['null', row], default: null }, { name: 'after', type: ['null', 'Value'] }, ...rest]),
    );
    const value = { before: null, after: { first_u005fname: 'Ada' }, source: { server_id: 1 }, op: 'c' };
    expect(jsonWriter(type, 'value')(value)).toBe('{"before":null,"after":{"first_name":"Ada"},"source":{"server_id":1},"op":"c"}');
    const key = avroType(record('Key', [{ name: 'a_u005fb', type: 'long' }]));
    expect(jsonWriter(key, 'key')({ a_u005fb: 7n })).toBe('{"a_b":7}');
    expect(jsonWriter(key, 'value')({ a_u005fb: 7n })).toBe('{"a_u005fb":7}');
  });

  it('refuses what cannot be carried, by name', () => {
    const several = avroType(record('R', [{ name: 'a', type: ['null', 'string', 'int'] }]));
    expect(() => jsonWriter(several, 'value')).toThrow('a union of null, string, int');
    const hidden = avroType(
      record('Key', [{ name: 'balance', type: [{ type: 'string', 'connect.default': '0.0000' }, 'null'], default: '0.0000' }]),
    );
    expect(() => jsonWriter(hidden, 'key')).toThrow('column balance may be NULL and has a default');
    expect(jsonWriter(hidden, 'value')({ balance: null })).toBe('{"balance":null}'); // Debezium's own fields: source.snapshot is one
  });
});
