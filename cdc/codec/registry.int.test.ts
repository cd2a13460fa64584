// The codec against a real registry: schemas registered and read by id, and what happens when it is down, empty, or refuses.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from '../../test/support/schema-registry.ts';
import { coded, record } from './codec-testkit.ts';
import { avroType } from './avro-types.ts';
import { TopicEncoder } from './encode.ts';
import { MessageDecoder } from './message-decoder.ts';
import { RegistrySchemas } from './schema-source.ts';
import { schemaIdOf, withHeader } from './wire-format.ts';

const NOTE = record('Note', [
  { name: 'id', type: 'long' },
  { name: 'body', type: ['null', 'bytes'], default: null },
]);
const VALUE = { id: 9_223_372_036_854_775_807n, body: Buffer.from('raw') };
const JSON_TEXT = '{"id":9223372036854775807,"body":"cmF3"}';
const turn = { beat: () => Promise.resolve(), stopped: () => false };

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry?.[Symbol.asyncDispose]());

const message = (value: Buffer): { key: null; value: Buffer; headers: null } => ({ key: null, value, headers: null });

describe('with a real schema registry', () => {
  it('writes our own topics in Avro that the decoder reads, digit for digit, and in JSON without a registry', async () => {
    const encoded = await new TopicEncoder({ topic: 'notes', schema: NOTE }, registry.url).encode(VALUE);
    expect(schemaIdOf(encoded)).not.toBeNull();
    const decoded = await new MessageDecoder(new RegistrySchemas(registry.url)).decode([message(encoded)], turn);
    expect(String(decoded?.[0]?.value)).toBe(JSON_TEXT);
    expect(String(await new TopicEncoder({ topic: 'notes', schema: NOTE }, undefined).encode(VALUE))).toBe(JSON_TEXT);
  });

  it('takes a schema that grew by a field with a default, and names one that old readers could not bear', async () => {
    const grown = record('Note', [...fieldsOf(NOTE), { name: 'mood', type: 'string', default: 'calm' }]);
    const wider = new TopicEncoder({ topic: 'notes', schema: grown }, registry.url);
    expect(schemaIdOf(await wider.encode({ ...VALUE, mood: 'glad' }))).not.toBeNull();
    const broken = new TopicEncoder({ topic: 'notes', schema: record('Note', [{ name: 'id', type: 'string' }]) }, registry.url);
    await expect(broken.encode({ id: 'x' })).rejects.toMatchObject({ code: 'LF_SCHEMA_INCOMPATIBLE', where: 'notes-value' });
  });

  it('says that a schema id is unknown, and that the registry is not empty', async () => {
    const source = new RegistrySchemas(registry.url);
    await expect(source.schema(4_242)).rejects.toMatchObject({ code: 'LF_SCHEMA_UNKNOWN' });
    expect(await source.isEmpty()).toBe(false);
    const decoded = await new MessageDecoder(source, { pause: () => Promise.resolve() }).decode(
      [message(withHeader(4_242, Buffer.from('?')))],
      turn,
    );
    expect(decoded?.[0]?.fault).toMatch(/^LF_SCHEMA_UNKNOWN: /);
  });

  it('waits while the registry is down or has lost its schemas, and loses no message', async () => {
    const encoder = new TopicEncoder({ topic: 'notes', schema: NOTE }, registry.url);
    const id = schemaIdOf(await encoder.encode(VALUE)) ?? 0;
    const known = new MessageDecoder(new RegistrySchemas(registry.url));
    const bytes = coded(id, avroType(NOTE), VALUE);
    await known.decode([message(bytes)], turn);
    await registry.stop();
    expect(String((await known.decode([message(bytes)], turn))?.[0]?.value)).toBe(JSON_TEXT); // a schema that was read is not asked for again
    await expect(new TopicEncoder({ topic: 'notes', schema: NOTE }, registry.url).encode(VALUE)).rejects.toMatchObject({
      code: 'LF_REGISTRY_UNREACHABLE',
    });

    const waits: string[] = [];
    const fresh = new MessageDecoder(new RegistrySchemas(registry.url), { onWait: ({ code }) => void waits.push(code) });
    const reading = fresh.decode([message(bytes)], turn);
    await expect.poll(() => fresh.waiting?.code, { timeout: 20_000 }).toBe('LF_REGISTRY_UNREACHABLE');
    await registry.start();
    await expect.poll(() => fresh.waiting?.code, { timeout: 60_000 }).toBe('LF_REGISTRY_EMPTY');
    while ((schemaIdOf(await new TopicEncoder({ topic: 'again', schema: NOTE }, registry.url).encode(VALUE)) ?? 0) < id);
    expect(String((await reading)?.[0]?.value)).toBe(JSON_TEXT);
    expect(waits).toEqual(['LF_REGISTRY_UNREACHABLE', 'LF_REGISTRY_EMPTY']);
  });
});

function fieldsOf(schema: unknown): object[] {
  return (schema as { fields: object[] }).fields;
}
