// Certificates over a real store and its published files: proven again later, and refuted by every kind of alteration.

import { generateKeyPairSync } from 'node:crypto';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { literal } from '../../infra/runtime/sql-text.ts';
import { TEST_UUID } from '../../test/support/envelopes.ts';
import { rewriteFile } from '../../test/support/rewrite-file.ts';
import type { Publisher } from '../publish/publisher.ts';
import { publisherOf, testExtension } from '../publish/testkit-publisher.ts';
import type { TestStore } from '../store/testkit.ts';
import { checkCertificate, type CheckStep } from './certificate-check.ts';
import { readCertificate, type Certificate } from './certificate.ts';
import { Certifier, keepCertificate } from './certify.ts';
import { VerifySessions } from './sessions.ts';
import { openEntriesStore, posted } from './testkit-entries.ts';

const pem = (): string => String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
const KEY = pem();

let store: TestStore;
let publisher: Publisher;
let certifier: Certifier;
let certificate: Certificate;
beforeAll(async () => {
  store = await openEntriesStore();
  publisher = await publisherOf(store, { goldModels: () => [] });
  certifier = certifierWith(KEY);
  await store.commit([...posted(1, [10, 20], '5.0000'), ...posted(2, [20, 30], '1.2500')]);
  await store.commit([...posted(3, [10, 30], '2.0000'), ...posted(4, [30, 20], '0.0001')]);
  certificate = await certifier.certify({ at: `${TEST_UUID}:3`, requestedBy: 'test' });
  await keepCertificate(store.store.writer, certificate);
  await store.commit(posted(5, [10, 20], '9.0000'));
  await publisher.publishOnce();
});
afterAll(async () => {
  await publisher?.[Symbol.asyncDispose]();
  await store?.[Symbol.asyncDispose]();
});

function certifierWith(key: string): Certifier {
  return new Certifier({
    sessions: new VerifySessions(() => store.store.connect(), { sessionsMax: 1, sessionMsMax: 60_000 }),
    source: { snapshot: () => Promise.reject(new Error('MySQL is not there')) },
    key: () => Promise.resolve(key),
    ...{ codeVersion: 'test', waitMs: 100, now: () => new Date() },
  });
}

/** Found by a DuckDB that has nothing but the published lake. */
async function checked(of: Certificate): Promise<CheckStep[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`LOAD ${literal(await testExtension())}`);
    await connection.run(`ATTACH ${literal(`ducklake:${publisher.paths.readersCatalog}`)} AS lake (READ_ONLY)`);
    return await checkCertificate(connection, of);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const problems = async (of = certificate): Promise<string[]> => (await checked(of)).flatMap((step) => step.problems);

async function altered(folder: readonly string[], select: string): Promise<string[]> {
  const restore = await rewriteFile(path.join(publisher.paths.data, ...folder), select);
  try {
    return await problems();
  } finally {
    restore();
  }
}

describe('a certificate', () => {
  it('says what the lake had at its transaction, not later', () => {
    const { lake, gtid, bronze, source } = certificate.content;
    expect(gtid).toBe(`${TEST_UUID}:3`);
    expect(source).toBeNull();
    expect(bronze.chain).toMatch(/^[0-9a-f]{64}$/);
    expect(lake.entries.count).toBe(6);
    expect(lake.balances).toMatchObject({
      accounts: 3,
      byCurrency: [{ currency: 'USD', entries: 6, credits: '8.2500', debits: '8.2500' }],
    });
  });

  it('is proven again from the published files alone, after later commits', async () => {
    expect(await problems()).toEqual([]);
  });

  it('is neither proven nor refuted by a lake that stands before it', async () => {
    const { content } = certificate;
    const later = { ...certificate, content: { ...content, bronze: { ...content.bronze, commitId: 1_000 } } };
    expect(await checked(later)).toMatchObject([
      { step: 'publication', behind: true, problems: [expect.stringContaining('commit 1000 is not published')] },
    ]);
  });

  it('has one Merkle root for one content: entries of the same transaction give it again', async () => {
    const again = await certifier.certify({ at: `${TEST_UUID}:3`, requestedBy: 'somebody else' });
    const later = await certifier.certify({ at: `${TEST_UUID}:5`, requestedBy: 'test' });
    expect(again.content.lake).toEqual(certificate.content.lake);
    expect(later.content.lake.entries.root).not.toBe(certificate.content.lake.entries.root);
    expect(await problems(later)).toEqual([]);
  });

  const alterations: Record<string, [folder: string[], select: string]> = {
    'an amount in silver': [['silver', 'ledger_entries'], 'SELECT * REPLACE (CASE entry_id WHEN 3 THEN 7 ELSE amount END AS amount)'],
    'two entries swapped in silver': [
      ['silver', 'ledger_entries'],
      'SELECT * REPLACE (CASE entry_id WHEN 2 THEN 3 WHEN 3 THEN 2 ELSE entry_id END AS entry_id)',
    ],
    'an entry missing in silver': [
      ['silver', 'ledger_entries'],
      'SELECT * REPLACE (CASE entry_id WHEN 2 THEN 999 ELSE entry_id END AS entry_id)',
    ],
    'a byte in bronze': [
      ['bronze', 'changes'],
      `SELECT * REPLACE (CASE kafka_offset WHEN 1 THEN encode(replace(decode(value), '5.0000', '5.0001')) ELSE value END AS value)`,
    ],
    'the copy in gold': [
      ['gold', 'certificates'],
      `SELECT * REPLACE (replace(certificate, '"signature":"', '"signature":"x') AS certificate)`,
    ],
  };
  it.each(Object.entries(alterations))('is refuted by %s', async (_what, [folder, select]) => {
    expect((await altered(folder, select)).join('\n')).toMatch(/altered|not what was certified|cannot be read|another one/);
    expect(await problems()).toEqual([]);
  });

  it('is refused when its own text was altered, or another key signed it', async () => {
    const text = JSON.stringify(certificate);
    expect(readCertificate(text, certificate.publicKey)).toEqual(certificate);
    const more = text.replace('"credits":"8.2500"', '"credits":"9.2500"');
    expect(() => readCertificate(more, certificate.publicKey)).toThrow('the file was altered');
    expect(() => readCertificate(text.replace('{"content":{', '{"content":{"note":1,'), certificate.publicKey)).toThrow('no certificate');
    const forged = await certifierWith(pem()).certify({ at: `${TEST_UUID}:3`, requestedBy: 'test' });
    expect(() => readCertificate(JSON.stringify(forged), certificate.publicKey)).toThrow('another key');
  });

  it('is not made of what the store does not have', async () => {
    await expect(certifier.certify({ at: `${TEST_UUID}:99`, requestedBy: 'test' })).rejects.toThrow(/transaction 99/);
    await expect(certifier.certify({ at: 'yesterday', requestedBy: 'test' })).rejects.toThrow('--at takes');
    const stranger = TEST_UUID.replace(/^./, 'f');
    await expect(certifier.certify({ at: `${stranger}:3`, requestedBy: 'test' })).rejects.toThrow('the lake stands at server');
  });
});
