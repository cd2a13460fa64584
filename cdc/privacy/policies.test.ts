// Policies from file to message: what is refused and where, what each action makes of a value, what is withheld, and what an erasure means.

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeValue, TEST_UUID } from '../../test/support/envelopes.ts';
import { testColumn } from '../schema/duckdb-testkit.ts';
import type { TableSchema } from '../schema/table-schema.ts';
import { connectorSalt, keyFolder, keyNumbered, masterKey } from './key-files.ts';
import { policySettings } from './connector-part.ts';
import { judgePolicies } from './judge.ts';
import { parsePolicies } from './policy-file.ts';
import { PolicyDoor } from './policy-door.ts';
import { keyNumberOf, revealed } from './token.ts';

const TEXT = `{
  "reviewed": { "by": "dpo@bank", "on": "2026-11-22" },
  "tables": {
    "customers": {
      "subject": "customer_id",
      "columns": {
        "first_name": { "action": "tokenise" },
        "email": { "action": "hash" },
        "phone": { "action": "mask", "show": 2 },
        "city": { "action": "mask" },
        "note": { "action": "drop" }
      }
    },
    "handles": { "columns": { "handle": { "action": "tokenise", "shared": true } } }
  }
}
`;
const SCHEME = { prefix: 'bank_server', database: 'bank' };
const TOPIC = 'bank_server.bank.customers';
const ROW = { customer_id: 9007199254740993n, first_name: 'Zoë', email: 'zoe@x.org', phone: '0123456789', city: 'Rome', note: 'secret' };

let home: string;
const policies = parsePolicies(TEXT, 'privacy.json');
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'lf-privacy-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const bytes = (value: unknown): Buffer =>
  Buffer.from(JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? `#${each}#` : each)).replace(/"#(\d+)#"/g, '$1'));
const event = (images: { before?: object | null; after?: object | null }): Buffer =>
  bytes({ before: null, after: null, ...images, source: { table: 'customers' }, op: 'u' });
const open = (): PolicyDoor => new PolicyDoor(policies, SCHEME, home);
const message = (value: Buffer | null, key: Buffer | null = Buffer.from('{"customer_id":1}')) => ({ key, value, headers: null });
type Images = { before: Record<string, string> | null; after: Record<string, string> | null };
const passed = (door: PolicyDoor, value: Buffer): Images =>
  JSON.parse(door.pass(TOPIC, [message(value)])[0]?.value?.toString() ?? '') as Images;

describe('a file of policies', () => {
  it.each([
    ['{\n "reviewed": {\n', 'not JSON', 3],
    [TEXT.replace('"hash"', '"scramble"'), 'tables.customers.columns.email', 8],
    [TEXT.replace('"show": 2', '"show": 20'), 'tables.customers.columns.phone.show', 9],
    [TEXT.replace('"2026-11-22"', '"today"'), 'reviewed.on', 2],
    [TEXT.replace('"subject"', '"subjekt"'), 'tables.customers', 4],
  ])('is refused with its line', (text, what, line) => {
    expect(() => parsePolicies(text, 'privacy.json')).toThrow(
      expect.objectContaining({ code: 'LF_POLICY_FILE', where: `privacy.json:${line}`, message: expect.stringContaining(what) }),
    );
  });

  it('is held against the tables: names, keys, types, and what is computed with', () => {
    const columnOf = (name: string, typeName: string) => testColumn(typeName, { name });
    const text = (name: string) => columnOf(name, 'VARCHAR');
    const schema = (table: string, columns: TableSchema['columns'], keyColumns: string[]): TableSchema => ({ database: 'bank', table, columns, keyColumns }); // prettier-ignore
    const wrong = parsePolicies(
      JSON.stringify({
        reviewed: { by: 'x', on: '2026-11-22' },
        tables: {
          customers: {
            columns: {
              customer_id: { action: 'drop' },
              e_mail: { action: 'hash' },
              old: { action: 'hash', gone: true },
              born: { action: 'mask' },
              status: { action: 'drop' },
              region: { action: 'hash' },
              name: { action: 'tokenise' },
              city: { action: 'mask' },
            },
          },
          nowhere: { columns: {} },
          formerly: { gone: true, columns: {} },
        },
      }),
      'privacy.json',
    );
    const tables = [
      schema('customers', [columnOf('customer_id', 'BIGINT'), text('name'), text('city'), columnOf('born', 'DATE'), text('status'), text('region')], ['customer_id']), // prettier-ignore
    ];
    const needs = (_table: string, column: string) => (column === 'status' ? 'read' : column === 'region' ? 'matched' : null);
    expect(judgePolicies(wrong, tables, needs).map(({ column, problem }) => [column, problem])).toEqual([
      ['customer_id', 'drop on a column of the primary key, by which rows are told apart'],
      ['e_mail', 'the table has no such column'],
      ['born', 'mask needs a text column, this is DATE'],
      ['status', 'drop on a column whose values gold or the fraud rules compute with'],
      ['region', 'hash on a column that gold joins or groups by'],
      ['name', 'a token needs the key of a customer'],
      [null, 'MySQL has no such captured table'],
    ]);
    const customers = schema('customers', [columnOf('customer_id', 'BIGINT'), ...['first_name', 'email', 'phone', 'city', 'note'].map((name) => text(name))], ['customer_id']); // prettier-ignore
    expect(judgePolicies(policies, [customers, schema('handles', [text('handle')], ['handle'])], () => null)).toEqual([]);
  });

  it('gives the connector what Debezium can do before anything is in Kafka', () => {
    expect(policySettings(policies, 'bank', 'salt')).toEqual({
      'column.exclude.list': 'bank\\.customers\\.note',
      'column.mask.with.8.chars': 'bank\\.customers\\.city',
      'column.mask.hash.v2.SHA-256.with.salt.salt': 'bank\\.customers\\.email',
    });
  });
});

describe('a message of a table with policies', () => {
  it('goes on without its clear values, in both images, and everything else stays as it was', () => {
    const door = open();
    const after = passed(door, event({ before: ROW, after: { ...ROW, city: null } })).after!;
    const text = door.pass(TOPIC, [message(event({ after: ROW }))])[0]?.value?.toString() ?? '';
    for (const clear of ['Zoë', 'zoe@', '01234567', 'Rome', 'secret']) expect(text).not.toContain(clear);
    expect(text).toContain('"customer_id":9007199254740993,');
    expect(after).toMatchObject({ phone: '********89', city: null, note: null, email: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(after['first_name']).toMatch(/^tok_/);
    expect(passed(door, event({ before: ROW })).before).toMatchObject({ first_name: after['first_name'], email: after['email'] });
  });

  it('is the same whether the connector has hashed and left out already, or the message is older than the policy', () => {
    const door = open();
    const salted = createHash('sha256').update(connectorSalt(masterKey(home))).update(ROW.email).digest('hex'); // prettier-ignore
    const { note: _left, ...rest } = ROW;
    expect(passed(door, event({ after: { ...rest, email: salted, city: '********' } }))).toEqual(passed(door, event({ after: ROW })));
  });

  it('has its values withheld when a policy cannot be applied', () => {
    const door = open();
    const { email: _gone, ...renamed } = ROW;
    const [broken, odd, untyped, undecoded] = door.pass(TOPIC, [
      message(Buffer.from('{"after": {"email": "zoe@x.org"')),
      message(event({ after: { ...renamed, mail: ROW.email } })),
      message(event({ after: { ...ROW, email: 7 } })),
      { ...message(Buffer.from('zoe@x.org')), fault: 'LF_AVRO_UNREADABLE: zoe@x.org' },
    ]);
    for (const { value } of [broken!, odd!, untyped!, undecoded!]) expect(value?.toString()).not.toContain('zoe@');
    expect(broken).toMatchObject({ fault: expect.stringContaining('it is no JSON') });
    expect(undecoded).toMatchObject({ fault: expect.not.stringContaining('zoe@') });
    expect(JSON.parse(odd?.value?.toString() ?? '')).toMatchObject({
      after: null,
      op: 'u',
      withheld: 'the column customers.email of a policy is missing',
    });
    expect(door.pass(TOPIC, [message(null)])).toEqual([message(null)]);
  });

  it('of an online schema change has the policy of the table; keys are tokenised as rows are', () => {
    const door = open();
    expect([door.watches('bank_server.bank._customers_gho'), door.watches('bank_server.bank.accounts')]).toEqual([true, false]);
    const topic = 'bank_server.bank.handles';
    const [found] = door.pass(topic, [message(event({ after: { handle: 'zoe' } }), bytes({ handle: 'zoe' }))]);
    const key = JSON.parse(found?.key?.toString() ?? '') as { handle: string };
    expect((JSON.parse(found?.value?.toString() ?? '') as Images).after).toEqual(key);
    expect(key.handle).toMatch(/^tok_shared00/);
  });

  it('of schema changes: a dropped column may be NULL; a policy must not lose its column or table unnoticed', () => {
    const door = open();
    const change = (ddl: string, columns: string[], table = 'customers', type = 'ALTER') => {
      const raw = columns.map((name, index) => ({ name, typeName: 'VARCHAR', length: 9, scale: null, optional: false, position: index + 1, charsetName: null, enumValues: null, defaultValueExpression: null, generated: false, autoIncremented: false })); // prettier-ignore
      const source = { gtid: `${TEST_UUID}:7`, snapshot: 'false', file: 'b.1', pos: 4, ts_us: 1 };
      const tableChanges = [{ type, id: `"bank"."${table}"`, table: { primaryKeyColumnNames: [], columns: raw } }];
      return message(bytes({ source, databaseName: 'bank', ddl, tableChanges }), null);
    };
    const all = ['customer_id', 'first_name', 'email', 'phone', 'city', 'note'];
    const [patched] = door.pass('bank_server', [change('ALTER TABLE customers ADD note TEXT', all)]);
    const { tableChanges } = JSON.parse(patched?.value?.toString() ?? '') as {
      tableChanges: { table: { columns: { name: string; optional: boolean }[] } }[];
    };
    expect(tableChanges[0]?.table.columns.filter(({ optional }) => optional).map(({ name }) => name)).toEqual(['note']);
    const refused = (each: ReturnType<typeof change>, what: string) =>
      expect(() => door.pass('bank_server', [each])).toThrow(
        expect.objectContaining({ code: 'LF_POLICY_COLUMN', where: 'privacy.json:4', message: expect.stringContaining(what) }),
      );
    refused(
      change('ALTER TABLE customers RENAME COLUMN email TO mail', [...all.filter((name) => name !== 'email'), 'mail']),
      'customers.email',
    );
    refused(change('RENAME TABLE customers TO clients', all, 'clients'), 'clients');
    const other = change('ALTER TABLE accounts ADD x INT', ['x'], 'accounts');
    expect(door.pass('bank_server', [other])).toEqual([other]);
  });
});

describe('a token', () => {
  const tokenOf = (door: PolicyDoor, customer: number, name = 'Zoë'): string =>
    passed(door, event({ after: { ...ROW, customer_id: customer, first_name: name } })).after?.['first_name'] ?? '';

  it('is the same after a restart, another one for another customer, and turned back by its key', () => {
    const token = tokenOf(open(), 1);
    const later = open();
    expect([tokenOf(later, 1), tokenOf(later, 1, 'Zoe'), tokenOf(later, 2)].map((each) => each === token)).toEqual([true, false, false]);
    expect(revealed(token, keyNumbered(home, keyNumberOf(token))!)).toBe('Zoë');
    const altered = `${token.slice(0, 20)}${token[20] === 'A' ? 'B' : 'A'}${token.slice(21)}`;
    expect(() => revealed(altered, keyNumbered(home, keyNumberOf(token))!)).toThrow(expect.objectContaining({ code: 'LF_TOKEN_UNKNOWN' }));
    expect([keyFolder(home).master, keyFolder(home).subjects].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  it('cannot be turned back after the erasure, also not a later one; other customers are as before', () => {
    const door = open();
    const [mine, other] = [tokenOf(door, 1), tokenOf(door, 2)];
    const before = readFileSync(keyFolder(home).subjects, 'utf8');
    expect([door.keys.erase('1', new Date(0)), door.keys.erase('1', new Date(0)), door.keys.erase('3', new Date(0))]).toEqual([
      true,
      false,
      false,
    ]);
    for (const each of [door, open()])
      expect([tokenOf(each, 1), tokenOf(each, 2), tokenOf(each, 3)]).toEqual(['tok_erased', other, 'tok_erased']);
    expect(keyNumbered(home, keyNumberOf(mine))).toBeNull();
    const key = (JSON.parse(before.split('\n')[0] ?? '') as { k: string }).k;
    expect(readFileSync(keyFolder(home).subjects, 'utf8')).not.toContain(key);
    expect(() => keyNumberOf('tok_erased')).toThrow(/erased before/);
  });

  it('has its key on the disk before it is given away; a half-written line is passed over', () => {
    const token = tokenOf(open(), 1);
    writeFileSync(keyFolder(home).subjects, '{"s":"half', { flag: 'a' });
    expect(tokenOf(open(), 1)).toBe(token);
    expect(readFileSync(keyFolder(home).subjects, 'utf8')).not.toContain('half');
    writeFileSync(keyFolder(home).subjects, '{"s":1}\n', { flag: 'a' });
    expect(open).toThrow(expect.objectContaining({ code: 'LF_POLICY_KEYS', where: expect.stringMatching(/subjects\.jsonl:2$/) }));
  });
});

it('of a real envelope keeps every byte that no policy speaks of', () => {
  const value = changeValue({ table: 'handles', op: 'c', after: { handle: null, big: 1 }, seq: 5 })
    .toString()
    .replace('"big":1', '"big":1.10');
  const [found] = open().pass('bank_server.bank.handles', [message(Buffer.from(value))]);
  expect(found?.value?.toString()).toBe(value);
});
