import { describe, expect, it } from 'vitest';
import type { LedgerflowError } from '../../infra/runtime/errors.ts';
import { coded, FakeRegistry, record } from './codec-testkit.ts';
import { type CodedMessage, MessageDecoder, SCHEMA_HEADER } from './message-decoder.ts';
import { withHeader } from './wire-format.ts';

const KEY = record('Key', [{ name: 'id', type: 'long' }]);
const VALUE = record('R', [{ name: 'text', type: 'string' }]);
const json = { key: Buffer.from('{"id":1}'), value: Buffer.from('{"text":"json"}'), headers: '{"h":"1"}' };

function world(): {
  registry: FakeRegistry;
  avro: { key: Buffer; value: Buffer; headers: null };
  waits: string[];
  decoder: MessageDecoder;
  afterWaits: (n: number, act: () => void) => void;
} {
  const registry = new FakeRegistry();
  const avro = {
    key: coded(1, registry.add(1, KEY), { id: 5n }),
    value: coded(2, registry.add(2, VALUE), { text: 'avro' }),
    headers: null,
  };
  const waits: string[] = [];
  const acts = new Map<number, () => void>();
  let pauses = 0;
  const pause = (): Promise<void> => {
    pauses += 1;
    acts.get(pauses)?.();
    return Promise.resolve();
  };
  const decoder = new MessageDecoder(registry, { onWait: (error: LedgerflowError) => void waits.push(error.code), pause });
  return { registry, avro, waits, decoder, afterWaits: (n, act) => void acts.set(n, act) };
}

const turn = { beat: () => Promise.resolve(), stopped: () => false };

describe('MessageDecoder', () => {
  it('returns JSON untouched, without asking anybody', async () => {
    const { decoder, registry } = world();
    const messages = [json, { key: null, value: null, headers: null }];
    expect(await decoder.decode(messages, turn)).toBe(messages);
    expect(registry.asked).toBe(0);
  });

  it('decodes Avro among JSON and tells the schemas in a header', async () => {
    const { decoder, avro } = world();
    const tombstone = { key: avro.key, value: null, headers: '{"h":"1"}' };
    const decoded = (await decoder.decode<CodedMessage>([json, avro, tombstone], turn)) ?? [];
    expect(decoded.map(({ key, value }) => [String(key), String(value)])).toEqual([
      ['{"id":1}', '{"text":"json"}'],
      ['{"id":5}', '{"text":"avro"}'],
      ['{"id":5}', 'null'],
    ]);
    expect(decoded.map(({ headers }) => (headers === null ? null : (JSON.parse(headers) as unknown)))).toEqual([
      { h: '1' },
      { [SCHEMA_HEADER]: 'key=1,value=2' },
      { h: '1', [SCHEMA_HEADER]: 'key=1,value=' },
    ]);
  });

  it('waits for a registry that is down, loses nothing, and says so once', async () => {
    const { decoder, registry, avro, waits, afterWaits } = world();
    registry.down = true;
    let seen: string | undefined;
    afterWaits(3, () => {
      seen = decoder.waiting?.code;
      registry.down = false;
    });
    const decoded = await decoder.decode([avro, avro], turn);
    expect(decoded?.map(({ fault, value }) => [fault, String(value)])).toEqual([
      [undefined, '{"text":"avro"}'],
      [undefined, '{"text":"avro"}'],
    ]);
    expect([seen, decoder.waiting, waits]).toEqual(['LF_REGISTRY_UNREACHABLE', null, ['LF_REGISTRY_UNREACHABLE']]);
  });

  it('gives messages back unread when it is stopped while waiting', async () => {
    const { decoder, registry, avro, afterWaits } = world();
    registry.down = true;
    let stopped = false;
    afterWaits(2, () => (stopped = true));
    expect(await decoder.decode([avro], { ...turn, stopped: () => stopped })).toBeNull();
  });

  it('marks a message whose schema nobody knows, after some tries, and does not wait for the next one', async () => {
    const { decoder, registry, avro } = world();
    const strange = { key: avro.key, value: withHeader(99, Buffer.from('?')), headers: null };
    const other = { key: null, value: withHeader(98, Buffer.from('?')), headers: null };
    const decoded = (await decoder.decode([strange, other, avro], turn)) ?? [];
    expect(decoded.map(({ fault }) => fault?.split(':')[0])).toEqual(['LF_SCHEMA_UNKNOWN', 'LF_SCHEMA_UNKNOWN', undefined]);
    expect(decoded[0]?.value).toBe(strange.value);
    expect(String(decoded[0]?.key)).toBe('{"id":5}');
    expect(registry.asked).toBe(1 + 6 + 1 + 1);
  });

  it('takes a schema that turns up late', async () => {
    const { decoder, registry, avro, afterWaits } = world();
    const type = registry.add(3, VALUE);
    const late = registry.schemas.get(3);
    registry.schemas.delete(3);
    afterWaits(2, () => late !== undefined && registry.schemas.set(3, late));
    const decoded = await decoder.decode([{ key: avro.key, value: coded(3, type, { text: 'late' }), headers: null }], turn);
    expect(decoded?.map(({ fault, value }) => [fault, String(value)])).toEqual([[undefined, '{"text":"late"}']]);
  });

  it('waits for a registry that has lost everything instead of parking everything', async () => {
    const { decoder, registry, avro, waits, afterWaits } = world();
    const all = [...registry.schemas];
    registry.schemas.clear();
    afterWaits(20, () => all.forEach(([id, schema]) => registry.schemas.set(id, schema)));
    const decoded = await decoder.decode([avro], turn);
    expect(decoded?.map(({ fault }) => fault)).toEqual([undefined]);
    expect(waits).toEqual(['LF_REGISTRY_EMPTY']);
  });

  it('marks Avro when no registry is set', async () => {
    const { avro } = world();
    const decoded = (await new MessageDecoder(null).decode([avro, json], turn)) ?? [];
    expect(decoded.map(({ fault }) => fault?.split(':')[0])).toEqual(['LF_REGISTRY_UNSET', undefined]);
  });
});
