// Re-driving records that were parked because they could not be decoded: in a real store, with a registry in memory.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { coded, FakeRegistry } from '../../cdc/codec/codec-testkit.ts';
import { MessageDecoder, SCHEMA_HEADER } from '../../cdc/codec/message-decoder.ts';
import { withHeader } from '../../cdc/codec/wire-format.ts';
import { ACCOUNTS, CREATE_ACCOUNTS, openTestStore, type TestStore } from '../../lake/store/testkit.ts';
import { readUnreadable } from '../../lake/store/state.ts';
import { avroValue, parseExact } from '../../test/support/avro-converter.ts';
import { escapedColumnName } from '../../cdc/codec/column-names.ts';
import { envelopeSchema, keySchema } from '../../test/support/avro-schemas.ts';
import { changeValue } from '../../test/support/envelopes.ts';
import { ParkedDecoder } from './parked-decoder.ts';
import { redrive, type RedriveResult } from './redrive.ts';

const TOPIC = 'bank_server.bank.accounts';
const [KEY_ID, VALUE_ID] = [1, 2];
let kit: TestStore;
let registry: FakeRegistry;

beforeEach(async () => {
  kit = await openTestStore();
  registry = new FakeRegistry();
  await kit.commit([], [CREATE_ACCOUNTS]);
});
afterEach(() => kit[Symbol.asyncDispose]());

function avroKey(id: number): Buffer {
  const type = new FakeRegistry().add(KEY_ID, keySchema(TOPIC, ACCOUNTS));
  return coded(KEY_ID, type, avroValue(type, { account_id: id }, escapedColumnName));
}

function avroChange(op: 'c' | 'u' | 'd', id: number, seq: number, owner: string): Buffer {
  const type = new FakeRegistry().add(VALUE_ID, envelopeSchema(TOPIC, ACCOUNTS));
  const row = { account_id: id, owner, balance: '1.0000' };
  const json = changeValue({ table: 'accounts', op, seq, ...(op === 'd' ? { before: row } : { after: row }) });
  return coded(VALUE_ID, type, avroValue(type, parseExact(json.toString())));
}

let parked = 0;
async function park(reason: string, key: Buffer, value: Buffer | null): Promise<void> {
  parked += 1;
  const blob = (bytes: Buffer | null): string => (bytes === null ? 'NULL' : `unhex('${bytes.toString('hex')}')`);
  await kit.store.writer
    .run(`INSERT INTO ops.parked (parked_id, topic, partition, kafka_offset, table_name, key, reason, detail, value, seq, ord, commit_id, parked_at, status)
    SELECT coalesce(max(parked_id), 0) + 1, '${TOPIC}', 0, ${1_000 + parked}, 'accounts', ${blob(key)}, '${reason}', 'as parked', ${blob(value)}, 0, 0, 1, now(), 'parked' FROM ops.parked`);
  await kit.parked.reload(kit.store.writer);
}

async function run(source: FakeRegistry | null): Promise<RedriveResult> {
  const decoder = new ParkedDecoder(new MessageDecoder(source));
  await decoder.ask(kit.store.folder);
  const parts = { store: kit.store, committer: kit.committer, book: kit.parked, unsupported: new Map<string, string>(), decoder };
  return (await redrive(parts, { choice: {}, discard: false, by: 'tester@here', reason: null })).result;
}

const addSchemas = (): void => {
  registry.add(KEY_ID, keySchema(TOPIC, ACCOUNTS));
  registry.add(VALUE_ID, envelopeSchema(TOPIC, ACCOUNTS));
};
const owners = (): Promise<unknown[][]> => kit.rows('SELECT account_id, owner FROM silver.accounts ORDER BY ALL');
const books = (): Promise<unknown[][]> => kit.rows('SELECT status, reason FROM ops.parked ORDER BY parked_id');

it('decodes them once a registry is set: a tombstone between them is no obstacle, the position is the source’s', async () => {
  await park('LF_REGISTRY_UNSET', avroKey(1), avroChange('c', 1, 10, 'first'));
  await park('LF_REGISTRY_UNSET', avroKey(1), avroChange('d', 1, 11, 'first'));
  await park('LF_REGISTRY_UNSET', avroKey(1), null);
  await park('LF_REGISTRY_UNSET', avroKey(1), avroChange('c', 1, 12, 'second'));
  expect([...(await readUnreadable(kit.store.writer))]).toEqual([[`${TOPIC}/0@0`, 4]]);
  expect(await run(null)).toMatchObject({ redriven: 0, failing: [{ id: 1, reason: 'LF_REGISTRY_UNSET', behind: 3 }] });
  addSchemas();
  expect(await run(registry)).toMatchObject({ redriven: 3, discarded: 1, failing: [], remaining: 0 });
  expect(await owners()).toEqual([['1', 'second']]);
  expect(await kit.rows('SELECT owner, _pos >> 24 FROM silver.accounts_history ORDER BY _pos')).toEqual([
    ['first', '10'],
    ['first', '11'],
    ['second', '12'],
  ]);
  expect((await books()).map(([status]) => status)).toEqual(['redriven', 'redriven', 'discarded', 'redriven']);
  expect(await kit.rows('SELECT decode(key), headers FROM ops.parked WHERE parked_id = 1')).toEqual([
    ['{"account_id":1}', JSON.stringify({ [SCHEMA_HEADER]: `key=${KEY_ID},value=${VALUE_ID}` })],
  ]);
});

it('takes up schemas that were restored, and holds later changes of a key back once the key can be read', async () => {
  registry.add(KEY_ID, keySchema(TOPIC, ACCOUNTS));
  await park('LF_SCHEMA_UNKNOWN', avroKey(1), avroChange('c', 1, 10, 'first'));
  expect(await run(registry)).toMatchObject({ redriven: 0, failing: [{ reason: 'LF_SCHEMA_UNKNOWN' }] });
  registry.add(VALUE_ID, envelopeSchema(TOPIC, { ...ACCOUNTS, columns: ACCOUNTS.columns.slice(0, 1) }));
  expect(await run(registry)).toMatchObject({ redriven: 0, failing: [{ reason: 'LF_AVRO_UNREADABLE' }] });
  const later = { account_id: 1, owner: 'later', balance: '2.0000' };
  expect(await kit.commit([{ table: 'accounts', op: 'u', key: { account_id: 1 }, after: later, seq: 20 }])).toMatchObject({ parked: 1 });
  addSchemas();
  expect(await run(registry)).toMatchObject({ redriven: 2, failing: [] });
  expect(await owners()).toEqual([['1', 'later']]);
});

it('leaves them as they are while the registry does not answer, asks it once, and goes on with the others', async () => {
  const undecodable = withHeader(VALUE_ID, Buffer.from('x'));
  await park('LF_REGISTRY_UNSET', Buffer.from('{"account_id":1}'), undecodable);
  await park('LF_REGISTRY_UNSET', avroKey(2), undecodable);
  await park(
    'LF_ENVELOPE_UNREADABLE',
    Buffer.from('{"account_id":3}'),
    changeValue({ table: 'accounts', op: 'c', seq: 13, after: { account_id: 3, owner: 'json', balance: '1.0000' } }),
  );
  registry.down = true;
  const { redriven, failing } = await run(registry);
  expect(redriven).toBe(1);
  expect(failing).toEqual([
    expect.objectContaining({ id: 1, reason: 'LF_REGISTRY_UNSET', detail: 'LF_REGISTRY_UNREACHABLE: down' }),
    expect.objectContaining({ id: 2, reason: 'LF_REGISTRY_UNSET' }),
  ]);
  expect(registry.asked).toBe(1);
  expect(await owners()).toEqual([['3', 'json']]);
});
