// Certificates, and the record of a verification.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { DuckDBInstance } from '@duckdb/node-api';
import { readIfExists } from '../../../../infra/native/files.ts';
import { writeFileAtomic } from '../../../../infra/runtime/atomic-file.ts';
import { createMetrics } from '../../../../infra/runtime/metrics.ts';
import { literal } from '../../../../infra/runtime/sql-text.ts';
import { publisherOf } from '../../../../lake/publish/testkit-publisher.ts';
import { CREATE_ACCOUNTS, openTestStore } from '../../../../lake/store/testkit.ts';
import { readCertificate, type Certificate } from '../../../../lake/verify/certificate.ts';
import { checkCertificate } from '../../../../lake/verify/certificate-check.ts';
import { Certifier } from '../../../../lake/verify/certify.ts';
import { certifyCommands } from '../../../../lake/verify/certify-commands.ts';
import { VerificationBook, type TableOutcome } from '../../../../lake/verify/record.ts';
import { VerifySessions } from '../../../../lake/verify/sessions.ts';
import { openEntriesStore, posted } from '../../../../lake/verify/testkit-entries.ts';
import { TEST_UUID } from '../../../support/envelopes.ts';
import { storeViolations } from '../judge.ts';
import { rowsJson, whenAny, type Operation, type Place } from './operation.ts';

const signingKey = async (home: string): Promise<string> => {
  const file = path.join(home, 'key.pem');
  if (!existsSync(file))
    await writeFileAtomic(file, String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })));
  return readIfExists(file) ?? '';
};

const CERTIFY: Operation = {
  name: 'certify',
  prepare: async ({ home }) => {
    await using kit = await openEntriesStore(home);
    await using publisher = await publisherOf(kit, { goldModels: () => [] });
    await kit.commit([...posted(1, [10, 20], '5.0000'), ...posted(2, [20, 30], '1.2500')]);
    await kit.commit([...posted(3, [10, 30], '2.0000'), ...posted(4, [30, 20], '0.0001')]);
    await publisher.publishOnce();
    await signingKey(home);
  },
  perform: async (place) => {
    await using kit = await openEntriesStore(place.home);
    await using publisher = await publisherOf(kit, { goldModels: () => [] });
    const connect = (): ReturnType<typeof kit.store.connect> => kit.store.connect();
    const certifier = new Certifier({
      sessions: new VerifySessions(connect, { sessionsMax: 1, sessionMsMax: 60_000 }),
      source: { snapshot: () => Promise.reject(new Error('MySQL is not there')) },
      key: () => signingKey(place.home),
      ...{ codeVersion: 'test', waitMs: 100, now: () => new Date() },
    });
    const [make] = certifyCommands(certifier, connect);
    const given = (await make?.handle({ at: `${TEST_UUID}:3`, requestedBy: 'test' })) as Certificate;
    if ((await kit.rows('SELECT seq FROM ops.state'))[0]?.[0] === '4') await kit.commit(posted(5, [10, 20], '9.0000'));
    await publisher.publishOnce();
    const kept = (await kit.rows('SELECT certificate FROM gold.certificates')).map(([text]) =>
      readCertificate(String(text), given.publicKey),
    );
    const problems = await problemsOf(kept, { catalog: publisher.paths.readersCatalog, extension: place.extension });
    const ids = new Set(kept.map(({ content }) => content.id));
    return {
      violations: [
        ...problems,
        ...(await storeViolations(kit.store.folder)),
        ...(ids.has(given.content.id) ? [] : ['the certificate that was given is not kept']),
        ...(ids.size === kept.length ? [] : ['a certificate is kept twice']),
        ...(await whenAny(
          kit.store.folder,
          'the lake has other certificates',
          '(FROM gold.certificates EXCEPT ALL FROM lake.gold.certificates)',
        )),
      ],
      content: [...new Set(kept.map(({ content: { gtid, lake, bronze } }) => JSON.stringify({ gtid, lake, bronze })))],
    };
  },
};

/** Each certificate proven again by a DuckDB that has the published lake alone. */
async function problemsOf(kept: readonly Certificate[], { catalog, extension }: { catalog: string; extension: string }): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`LOAD ${literal(extension)}; ATTACH ${literal(`ducklake:${catalog}`)} AS lake (READ_ONLY)`);
    const problems: string[] = [];
    for (const certificate of kept) problems.push(...(await checkCertificate(connection, certificate)).flatMap((step) => step.problems));
    return problems;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const VERIFIED: readonly TableOutcome[] = ['accounts', 'transactions', 'customers'].map((table, index) => ({
  ...{ table, layer: 'store', status: 'equal', reason: null, gtid: `${TEST_UUID}:${index + 5}`, seq: index + 5, commitId: 1 },
  ...{ rows: 3, digest: '77', differences: [], durationMs: 4 },
}));

const VERIFY: Operation = {
  name: 'verify',
  prepare: async ({ home }) => {
    await using kit = await openTestStore(home);
    await kit.commit([], [CREATE_ACCOUNTS]);
  },
  perform: async ({ home }: Place) => {
    await using kit = await openTestStore(home);
    const connection = await kit.store.connect();
    const book = new VerificationBook(connection, createMetrics());
    const parts = await whenAny(
      connection,
      'a part of a record',
      'SELECT run_id FROM ops.verifications GROUP BY run_id HAVING count(*) <> 3',
    );
    for (const run of ['first', 'second'])
      await book.record({ run: `${run}-${process.pid}`, requestedBy: 'test', outcomes: [...VERIFIED] });
    const through = await rowsJson(connection, 'SELECT table_name, gtid, seq FROM ops.verified_through ORDER BY 1');
    connection.closeSync();
    return { violations: parts, content: { through, state: { ...book.state, at: null } } };
  },
};

export const PROVING: readonly Operation[] = [CERTIFY, VERIFY];
