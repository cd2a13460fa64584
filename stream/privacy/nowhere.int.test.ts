// Marked values go in as Kafka delivers them, through the real fetching, cut, store, spill files and publication. Then every byte of every
// file of the home folder is looked through, and what every Parquet file and every table of the store says: they are nowhere.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testPublisher } from '../../lake/publish/testkit-publisher.ts';
import { openStore, type StoreHandle } from '../../lake/store/open.ts';
import { beginValue, changeValue, endValue, TEST_UUID, type ChangeSpec } from '../../test/support/envelopes.ts';
import { readFindings } from '../processor/store-findings.ts';
import { PrivacyDesk } from './desk.ts';
import { startPolicyRun, TEST_CONFIG, whereIs, type PolicyRun } from './testkit-run.ts';

/** In every clear value that a policy is about; and in one that none is about, so that the search is known to find. */
const [SECRET, SEEN] = ['qX7secretV3', 'qX7visibleV3'];
const POLICIES = {
  reviewed: { by: 'dpo@bank', on: '2026-11-22' },
  tables: {
    customers: {
      subject: 'customer_id',
      columns: {
        first_name: { action: 'tokenise' },
        email: { action: 'hash' },
        phone: { action: 'mask', show: 2 },
        note: { action: 'drop' },
      },
    },
  },
};

let home: string;
let store: StoreHandle;
let run: PolicyRun;

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'lf-nowhere-'));
  writeFileSync(path.join(home, 'privacy.json'), JSON.stringify(POLICIES, null, 2));
  mkdirSync(path.join(home, 'logs'));
  store = await openStore({
    storeFolder: path.join(home, 'store'),
    lakeDataFolder: path.join(home, 'lake', 'data'),
    memoryMb: 512,
    threads: 1,
  });
  run = await startPolicyRun(store, home);
});
afterAll(async () => {
  await run?.[Symbol.asyncDispose]();
  await store?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

function created(table: string, key: string, columns: readonly (readonly [name: string, type: string])[], seq: number): Buffer {
  const raw = columns.map(([name, typeName], index) => ({ name, typeName, length: typeName === 'VARCHAR' ? 80 : null, scale: null, optional: false, position: index + 1, charsetName: 'utf8mb4', enumValues: null, defaultValueExpression: null, generated: false, autoIncremented: false })); // prettier-ignore
  const source = { snapshot: 'false', gtid: `${TEST_UUID}:${seq}`, file: 'binlog.000001', pos: 100 + seq, ts_us: 1_795_243_773_000_000 };
  const tableChanges = [{ type: 'CREATE', id: `"bank"."${table}"`, table: { primaryKeyColumnNames: [key], columns: raw } }];
  return Buffer.from(JSON.stringify({ source, databaseName: 'bank', ddl: `CREATE TABLE ${table} (x INT)`, tableChanges }));
}

const customer = (id: number, more: object = {}): object => ({
  ...{
    customer_id: id,
    first_name: `Zoë ${SECRET}`,
    email: `${SECRET}@x.org`,
    phone: `${SECRET}99`,
    note: `about ${SECRET}`,
    city: `${SEEN} ${id}`,
    age: 30,
  },
  ...more,
});

/** One transaction of changes of customers, beside one ledger entry. */
async function transaction(seq: number, changes: readonly Pick<ChangeSpec, 'op' | 'before' | 'after'>[]): Promise<void> {
  const values = changes.map((change, index) => ({
    key: JSON.stringify({ customer_id: ((change.after ?? change.before) as { customer_id: number }).customer_id }),
    value: changeValue({ table: 'customers', ...change, seq, ord: index + 1 }),
  }));
  const entry = { entry_id: seq, amount: seq };
  await run.feed('bank_server.bank.ledger_entries', [
    {
      key: JSON.stringify({ entry_id: seq }),
      value: changeValue({ table: 'ledger_entries', op: 'c', after: entry, seq, ord: changes.length + 1 }),
    },
  ]);
  await run.feed('bank_server.bank.customers', values);
  const control = [beginValue(seq), endValue(seq, { customers: changes.length, ledger_entries: 1 })];
  await run.feed('bank_server.transaction', control.map((value) => ({ key: null, value }))); // prettier-ignore
}

const rows = async (sql: string): Promise<unknown[][]> => (await store.folder.runAndReadAll(sql)).getRowsJson();

describe('a value with a column policy', () => {
  it('is nowhere in the home folder: not in bronze, silver, spill files, parked records, the write-ahead log, Parquet or logs', async () => {
    const columns = [['customer_id', 'BIGINT'], ['first_name', 'VARCHAR'], ['email', 'VARCHAR'], ['phone', 'VARCHAR'], ['note', 'VARCHAR'], ['city', 'VARCHAR'], ['age', 'INT']] as const; // prettier-ignore
    await run.feed('bank_server', [
      { key: null, value: created('customers', 'customer_id', columns, 1) },
      { key: null, value: created('ledger_entries', 'entry_id', [['entry_id', 'BIGINT'], ['amount', 'BIGINT']], 2) }, // prettier-ignore
    ]);
    await transaction(3, [{ op: 'c', after: customer(1) }, { op: 'c', after: customer(2) }, { op: 'c', after: customer(3) }]); // prettier-ignore
    await transaction(4, [{ op: 'u', before: customer(1), after: customer(1, { city: `${SEEN} moved` }) }]);
    await transaction(5, [{ op: 'd', before: customer(3) }]);
    await run.feed('bank_server.bank.customers', [{ key: '{"customer_id":3}', value: null }]);
    await transaction(6, [{ op: 'c', after: customer(4, { age: `no number: ${SEEN}` }) }, { op: 'c', after: customer(5, { email: undefined, mail: `${SECRET}@x.org` }) }]); // prettier-ignore
    await run.feed('bank_server.bank.customers', [
      { key: '{"customer_id":6}', value: Buffer.from(`{"after": {"email": "${SECRET}"`) },
      { key: `\0\0\0\0\x07${SECRET}`, value: Buffer.from(`\0\0\0\0\x07${SECRET}`) },
    ]);
    await transaction(7, [{ op: 'u', before: customer(2), after: customer(2, { first_name: `${SECRET} again` }) }]);
    await run.committed(7);
    expect(run.spilled()).toBeGreaterThan(0);
    expect(await rows('SELECT customer_id, phone, note, length(email) FROM silver.customers ORDER BY 1')).toEqual([
      ['1', '********99', null, '64'],
      ['2', '********99', null, '64'],
    ]);
    expect(await rows('SELECT count(*)::INT, count(*) FILTER (value IS NULL)::INT FROM ops.parked')).toEqual([[4, 0]]);
    expect(await whereIs(SECRET, home, store)).toEqual({ bytes: [], parquet: [], tables: [] });
    const seen = await whereIs(SEEN, home, store);
    expect([seen.bytes.some((file) => file.endsWith('.wal')), seen.tables.length > 2]).toEqual([true, true]);
    await using publisher = await publish();
    await publisher.publishOnce();
    await store.writer.run('CHECKPOINT');
    expect(await whereIs(SECRET, home, store)).toEqual({ bytes: [], parquet: [], tables: [] });
    expect((await whereIs(SEEN, home, store)).parquet.length).toBeGreaterThan(1);
  });

  it('cannot be turned back after an erasure, in any snapshot, and no sum moves', async () => {
    const [[token]] = (await rows('SELECT first_name FROM silver.customers WHERE customer_id = 2')) as [[string]];
    const reveal = (): Promise<object> =>
      run.desk.commands(() => Promise.reject(new Error('not asked for')))[1]!.handle({ token, by: 'me', reason: 'test' });
    expect(await reveal()).toEqual({ value: `${SECRET} again` });
    const sums = (): Promise<unknown[][]> => rows('SELECT (SELECT sum(amount)::INT FROM silver.ledger_entries), (SELECT list(c ORDER BY customer_id)::VARCHAR FROM silver.customers c)'); // prettier-ignore
    const before = await sums();
    const [erase] = run.desk.commands((subject) => Promise.resolve(run.erase(subject)));
    const asked = { customer: '2', by: 'me', reason: 'asked for' };
    expect(await erase!.handle(asked)).toEqual({
      customer: '2',
      hadKey: true,
      notCovered: ['customers.email (hash)', 'customers.phone (mask, last 2 shown)'],
    });
    expect(await erase!.handle(asked)).toMatchObject({ hadKey: false });
    expect(await sums()).toEqual(before);
    await expect(reveal()).rejects.toMatchObject({ code: 'LF_TOKEN_UNKNOWN' });
    await transaction(8, [{ op: 'u', before: customer(2), after: customer(2) }]);
    await run.committed(8);
    expect(await rows('SELECT first_name FROM silver.customers WHERE customer_id = 2')).toEqual([['tok_erased']]);
    expect(
      (await rows(`SELECT what, subject, reason, detail FROM ops.privacy_audit ORDER BY done_at`)).map(([what, ...rest]) => [
        what,
        rest[0],
      ]),
    ).toEqual([['policies', null], ['reveal', null], ...Array.from({ length: 4 }, () => ['erase', '2']), ['reveal', null]]);
    expect(await whereIs(SECRET, home, store)).toEqual({ bytes: [], parquet: [], tables: [] });
  });

  it('that was stored before its policy is named, and nothing goes on', async () => {
    const more = structuredClone(POLICIES) as { tables: Record<string, { columns: Record<string, object> }> };
    more.tables['customers']!.columns['city'] = { action: 'mask' };
    writeFileSync(path.join(home, 'privacy.json'), JSON.stringify(more));
    const { schemas } = await readFindings(store, []);
    const open = async (): Promise<PrivacyDesk> => PrivacyDesk.open(await store.connect(), { home, ...TEST_CONFIG }, schemas);
    await expect(open()).rejects.toMatchObject({ code: 'LF_POLICY_LATE', message: 'customers.city' });
    more.tables['customers']!.columns = { customer_id: { action: 'hash' } };
    writeFileSync(path.join(home, 'privacy.json'), JSON.stringify(more));
    await expect(open()).rejects.toMatchObject({
      code: 'LF_POLICY_REFUSED',
      message: expect.stringContaining('privacy.json:1: customers.customer_id'),
    });
    writeFileSync(path.join(home, 'privacy.json'), JSON.stringify({ ...POLICIES, tables: {} }));
    await open();
    expect(await rows('SELECT count(*)::INT FROM ops.column_policies')).toEqual([[0]]);
  });
});

function publish(): ReturnType<typeof testPublisher> {
  const source = {
    ...{ home, connect: () => store.connect(), rollTail: () => run.rollTail() },
    withQuietPoint: <T>(work: () => Promise<T>) => work(),
    ...{ bronzeFolder: store.bronzeFolder, epoch: store.state.epoch },
  };
  return testPublisher(source, { goldModels: () => [] });
}
