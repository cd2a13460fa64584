// Encrypted connections, and users with limits of their own.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASE, PASSWORD, psqlVersion, sqlstateOf, USER, wireWorld, type WireWorld } from './testkit.ts';
import { openTls, selfSignedFiles, type TlsFiles } from './tls.ts';

const ENCRYPTED = `SELECT current_setting('server_encoding') AS e, count(*)::INTEGER AS n FROM silver.accounts`;
const SLOW = 'SELECT count(*) FROM range(100000000000) a WHERE a.range % 7 = 3';

let home: string;
let files: TlsFiles;
let ca: string;
let world: WireWorld;
const hasPsql = (await psqlVersion()) !== undefined;

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'ledgerflow-tls-'));
  files = await selfSignedFiles(home);
  ca = await readFile(files.cert, 'utf8');
  world = await wireWorld({
    tls: openTls(files, false),
    users: [{ user: 'grafana', password: 'reader', connectionsMax: 2, concurrencyMax: 1, rowsMax: 100, statementTimeoutMs: 300 }],
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

function psql(sslmode: string, root?: string): Promise<{ out: string; errors: string }> {
  const text = `host=127.0.0.1 port=${world.wire.port} user=${USER} dbname=${DATABASE} sslmode=${sslmode}${root === undefined ? '' : ` sslrootcert=${root}`}`;
  const env = { PATH: process.env['PATH'], PGPASSWORD: PASSWORD, PGCLIENTENCODING: 'UTF8', PSQLRC: '/dev/null' };
  return new Promise((resolve) => {
    execFile('psql', ['-w', '-X', '-At', '-c', '\\conninfo', '-c', ENCRYPTED, text], { env }, (_error, out, errors) =>
      resolve({ out, errors }),
    );
  });
}

describe('TLS', () => {
  it('keeps its self-signed certificate, the key for its owner alone', async () => {
    expect(await selfSignedFiles(home)).toEqual(files);
    expect(await readFile(files.cert, 'utf8')).toBe(ca);
    expect((await stat(files.key)).mode & 0o777).toBe(0o600);
  });

  it.skipIf(!hasPsql)('serves psql with sslmode=require, and verify-full by the certificate', async () => {
    expect((await psql('require')).out).toMatch(/SSL connection \(protocol: TLSv1\.3[^]*UTF8\|10000/);
    expect((await psql('verify-full', files.cert)).out).toMatch(/TLSv1\.3[^]*UTF8\|10000/);
  });

  it('serves node-postgres with a checked certificate, large results and cancel included', async () => {
    const client = await world.client({ ssl: { ca } });
    expect((await client.query('SELECT * FROM silver.accounts')).rowCount).toBe(10_000);
    await client.query(`SET statement_timeout = '80ms'`);
    expect(await sqlstateOf(client.query(SLOW))).toBe('57014');
    expect(await sqlstateOf(world.client({ ssl: { ca }, password: 'wrong' }))).toBe('28P01');
  });

  it('still serves clients that do not ask for it', async () => {
    expect((await (await world.client()).query(ENCRYPTED)).rows).toEqual([{ e: 'UTF8', n: 10_000 }]);
  });

  it('forgets a client that has gone', async () => {
    const before = world.wire.counters.connections;
    const client = await world.client({ ssl: { ca } });
    expect(world.wire.counters.connections).toBe(before + 1);
    await client.end();
    for (let tries = 0; tries < 100 && world.wire.counters.connections > before; tries += 1) await sleep(10);
    expect(world.wire.counters.connections).toBe(before);
  });

  it('refuses bytes that come before the handshake in the clear', async () => {
    const socket = createConnection({ port: world.wire.port, host: '127.0.0.1' });
    socket.end(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f, 0, 0, 0, 9, 0, 3, 0, 0, 0]));
    const received: Buffer[] = [];
    for await (const bytes of socket) received.push(bytes as Buffer);
    expect(Buffer.concat(received).toString('latin1')).toMatch(/^E[^]*data before the TLS handshake/);
  });

  it('names the file when it is no certificate', async () => {
    const broken = { cert: path.join(home, 'broken.pem'), key: files.key };
    await writeFile(broken.cert, 'no certificate');
    expect(() => openTls(broken, true)).toThrow(expect.objectContaining({ code: 'LF_WIRE_TLS' }));
  });
});

describe('a user with limits', () => {
  const login = { user: 'grafana', password: 'reader' };

  it('logs in with its own password only', async () => {
    expect(await sqlstateOf(world.client({ ...login, password: PASSWORD }))).toBe('28P01');
    expect((await (await world.client(login)).query('SELECT current_user AS u')).rows).toEqual([{ u: 'grafana' }]);
  });

  it('has its own bounds on rows, time, connections and statements at once; others keep theirs', async () => {
    const client = await world.client(login);
    expect(await sqlstateOf(client.query('SELECT * FROM silver.accounts LIMIT 101'))).toBe('54000');
    expect((await client.query('SELECT * FROM silver.accounts LIMIT 100')).rowCount).toBe(100);
    expect(await sqlstateOf(world.client(login))).toBe('53300');
    const slow = sqlstateOf(client.query(SLOW));
    await sleep(50);
    expect(world.wire.counters.running).toBe(1);
    const main = await world.client();
    expect((await main.query('SELECT * FROM silver.accounts')).rowCount).toBe(10_000);
    expect(await slow).toBe('57014');
  });
});
