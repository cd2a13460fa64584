import { describe, expect, it } from 'vitest';
import { AvroCodec } from './codec.ts';
import { coded, FakeRegistry, record } from './codec-testkit.ts';
import { schemaIdOf, withHeader } from './wire-format.ts';

const SCHEMA = record('R', [{ name: 'text', type: 'string' }]);

describe('wire format', () => {
  it('is known by its first byte', () => {
    expect(schemaIdOf(withHeader(4_294_967_295, Buffer.from('x')))).toBe(4_294_967_295);
    for (const other of [null, Buffer.from('{"op":"c"}'), Buffer.from([0, 0, 0, 1]), Buffer.alloc(0)]) expect(schemaIdOf(other)).toBeNull();
  });
});

describe('AvroCodec', () => {
  it('decodes with the schema that the message names, and leaves JSON alone', async () => {
    const registry = new FakeRegistry();
    const type = registry.add(7, SCHEMA);
    const codec = new AvroCodec(registry);
    await codec.resolve(7);
    await codec.resolve(7);
    expect(codec.decode(coded(7, type, { text: 'zażółć' }), 'value').toString()).toBe('{"text":"zażółć"}');
    expect(codec.decode(Buffer.from('{"op":"c"}'), 'value').toString()).toBe('{"op":"c"}');
    expect(registry.asked).toBe(1);
  });

  it('refuses bytes that do not fit the schema', async () => {
    const registry = new FakeRegistry();
    const type = registry.add(7, SCHEMA);
    const codec = new AvroCodec(registry);
    await codec.resolve(7);
    const good = coded(7, type, { text: 'abc' });
    const invalidUtf8 = Buffer.concat([good.subarray(0, 6), Buffer.from([0xff, 0xfe, 0xfd])]);
    for (const bytes of [good.subarray(0, 7), Buffer.concat([good, Buffer.from([1])]), invalidUtf8]) {
      expect(() => codec.decode(bytes, 'value')).toThrow(expect.objectContaining({ code: 'LF_AVRO_UNREADABLE', kind: 'poison' }) as Error);
    }
    expect(codec.decode(coded(7, type, { text: 'a \ufffd that is meant' }), 'value').toString()).toBe('{"text":"a \ufffd that is meant"}');
  });

  it('keeps a schema that cannot be used as such', async () => {
    const registry = new FakeRegistry();
    registry.schemas.set(8, { type: 'no such type' } as never);
    registry.add(9, record('Key', [{ name: 'k', type: ['int', 'null'], default: 1 }]));
    const codec = new AvroCodec(registry);
    await codec.resolve(8);
    await codec.resolve(9);
    for (const id of [8, 9]) {
      expect(() => codec.decode(withHeader(id, Buffer.from([0, 2])), 'key')).toThrow(
        expect.objectContaining({ code: 'LF_SCHEMA_UNUSABLE' }) as Error,
      );
    }
    await codec.resolve(8);
    expect(registry.asked).toBe(2);
  });

  it('keeps a bounded number of schemas', async () => {
    const registry = new FakeRegistry();
    for (let id = 1; id <= 5; id += 1) registry.add(id, SCHEMA);
    const codec = new AvroCodec(registry, 2);
    for (let id = 1; id <= 5; id += 1) await codec.resolve(id);
    expect([1, 2, 3, 4, 5].filter((id) => codec.isKnown(id))).toEqual([5]);
  });
});
