// The bytes that came from Kafka can be made again from what bronze keeps: JSON, schema ids in a header, and the schemas.

import type { Type } from 'avsc';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ColumnSchema, TableSchema } from '../schema/table-schema.ts';
import { avroValue, parseExact } from '../../test/support/avro-converter.ts';
import { envelopeSchema, keySchema } from '../../test/support/avro-schemas.ts';
import { coded, FakeRegistry } from './codec-testkit.ts';
import { escapedColumnName } from './column-names.ts';
import { MessageDecoder, SCHEMA_HEADER } from './message-decoder.ts';
import { withHeader } from './wire-format.ts';

const column = (name: string, typeName: string, position: number): ColumnSchema => ({
  ...{ name, typeName, position, length: typeName === 'BIT' ? 20 : null, scale: null, nullable: position > 1 },
  ...{ charset: null, enumValues: null, defaultValue: null, generated: false },
});
const NAMES = ['first-key', 'größe_x', 'd', 'f', 'bits', 'p', 'i'];
const TYPES = ['BIGINT', 'VARCHAR', 'DOUBLE', 'FLOAT', 'BIT', 'POINT', 'INT'];
const TABLE: TableSchema = {
  ...{ database: 'bank', table: 't', keyColumns: ['first-key'] },
  columns: NAMES.map((name, index) => column(name, TYPES[index] ?? '', index + 1)),
};
const TOPIC = 'bank_server.bank.t';

const finite = { noNaN: true, noDefaultInfinity: true };
const long = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
const bytes = fc.uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some));
const text = fc.string({ unit: 'binary' });
const point = fc.record({ x: fc.double(finite), y: fc.double(finite), wkb: fc.option(bytes), srid: fc.option(fc.nat()) });
const columns = [
  long,
  fc.option(text),
  fc.option(fc.double(finite)),
  fc.option(fc.float(finite)),
  fc.option(bytes),
  fc.option(point),
  fc.option(fc.integer()),
];
const row = fc.record(Object.fromEntries(NAMES.map((name, index) => [escapedColumnName(name), columns[index] as fc.Arbitrary<unknown>])));
const source = fc.record({
  ...{ version: text, connector: text, name: text, ts_ms: long, snapshot: fc.option(fc.constantFrom('false', 'last')), db: text },
  ...{
    sequence: fc.option(text),
    ts_us: fc.option(long),
    ts_ns: fc.option(long),
    table: fc.option(text),
    server_id: long,
    gtid: fc.option(text),
  },
  ...{ file: text, pos: long, row: fc.integer(), thread: fc.option(long), query: fc.option(text) },
});
const envelope = fc.record({
  ...{ before: fc.option(row), after: fc.option(row), source, op: fc.constantFrom('c', 'u', 'd', 'r') },
  transaction: fc.option(fc.record({ id: text, total_order: long, data_collection_order: long })),
  ...{ ts_ms: fc.option(long), ts_us: fc.option(long), ts_ns: fc.option(long) },
});

it('key and value come back byte for byte', async () => {
  const registry = new FakeRegistry();
  const types = new Map<string, Type>([
    ['7', registry.add(7, keySchema(TOPIC, TABLE))],
    ['8', registry.add(8, envelopeSchema(TOPIC, TABLE))],
  ]);
  const again = (id: string | undefined, json: Buffer | null, names?: (name: string) => string): Buffer => {
    const type = types.get(id ?? '') as Type;
    return withHeader(Number(id), type.toBuffer(avroValue(type, parseExact(String(json)), names)));
  };
  const decoder = new MessageDecoder(registry);
  const turn = { beat: () => Promise.resolve(), stopped: () => false };
  await fc.assert(
    fc.asyncProperty(long, envelope, async (id, value) => {
      const key = coded(7, types.get('7') as Type, { [escapedColumnName('first-key')]: id });
      const message = { key, value: coded(8, types.get('8') as Type, value), headers: null };
      const [kept] = (await decoder.decode([message], turn)) ?? [];
      expect(kept?.fault).toBeUndefined();
      const header = (JSON.parse(String(kept?.headers)) as Record<string, string>)[SCHEMA_HEADER];
      const [, keyId, valueId] = /^key=(\d+),value=(\d+)$/.exec(String(header)) ?? [];
      expect(again(keyId, kept?.key ?? null, escapedColumnName)).toEqual(message.key);
      expect(again(valueId, kept?.value ?? null)).toEqual(message.value);
    }),
  );
});
