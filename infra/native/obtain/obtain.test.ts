import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LedgerflowError } from '../../runtime/errors.ts';
import { findJava, javaVersion, obtainJava } from './java.ts';
import { readPartsLock } from './lock-file.ts';
import { obtainMysql } from './mysql.ts';
import { fixLinks } from './private-root.ts';
import { runCommand } from './run-command.ts';
import { javaKeyStore } from './trust-store.ts';

const kept = { PATH: process.env['PATH'], JAVA_HOME: process.env['JAVA_HOME'] };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ledgerflow-obtain-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, value] of Object.entries(kept)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
});

function context(): Parameters<typeof obtainJava>[0] {
  return { cache: folder, lock: readPartsLock(), onProgress: () => undefined, signal: new AbortController().signal };
}

/** A Java home as far as it is looked at: an executable and its `release` file. */
function fakeJava(version: string): string {
  const home = path.join(folder, version);
  mkdirSync(path.join(home, 'bin'), { recursive: true });
  writeFileSync(path.join(home, 'bin/java'), '', { mode: 0o755 });
  writeFileSync(path.join(home, 'release'), `IMPLEMENTOR="x"\nJAVA_VERSION="${version}"\n`);
  return home;
}

test('JAVA_HOME is taken when it is new enough, and passed over when it is not', async () => {
  process.env['PATH'] = '';
  process.env['JAVA_HOME'] = fakeJava('17.0.2');
  expect(await findJava(folder, 17)).toBe(path.join(folder, '17.0.2', 'bin/java'));
  process.env['JAVA_HOME'] = fakeJava('1.8.0_392');
  expect(await javaVersion(path.join(folder, '1.8.0_392', 'bin/java'))).toBe(8);
  expect(await findJava(folder, 17)).toBeUndefined();
});

test('no Java and no way to get one: one line that says what is missing and what to do', async () => {
  process.env['PATH'] = '';
  process.env['JAVA_HOME'] = '';
  const error = await obtainJava(context()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LedgerflowError);
  expect((error as LedgerflowError).toLine()).toBe(
    'LF_JAVA_MISSING: no Java 17 or newer on PATH or in JAVA_HOME. Install a JRE (17 or newer) or set JAVA_HOME to one.',
  );
});

test('an unsupported platform is pointed to the compose file in one line', async () => {
  process.env['PATH'] = '';
  const error = await obtainMysql(context()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LedgerflowError);
  expect((error as LedgerflowError).toLine()).toMatch(/^LF_PLATFORM_UNSUPPORTED: no mysqld .*docker-compose\.yml.*$/);
});

test('a failing tool is quoted with its last words', async () => {
  await expect(runCommand('sh', ['-c', 'echo first; echo the cause >&2; exit 3'])).rejects.toThrow(/sh -c ended with 3: .*the cause/);
  await expect(runCommand('ledgerflow-no-such-program', [])).rejects.toThrow(/ENOENT/);
});

test('absolute links inside a private root are turned inwards', () => {
  mkdirSync(path.join(folder, 'usr/lib/jvm/conf'), { recursive: true });
  mkdirSync(path.join(folder, 'etc/java'), { recursive: true });
  symlinkSync('/etc/java/security', path.join(folder, 'usr/lib/jvm/conf/security'));
  symlinkSync('relative', path.join(folder, 'usr/lib/jvm/other'));
  fixLinks(folder);
  expect(readlinkSync(path.join(folder, 'usr/lib/jvm/conf/security'))).toBe('../../../../etc/java/security');
  expect(readlinkSync(path.join(folder, 'usr/lib/jvm/other'))).toBe('relative');
});

test('the trust store is one that Java reads', async ({ skip }) => {
  const found = await findJava(folder, 17);
  const keytool = found === undefined ? '' : path.join(path.dirname(found), 'keytool');
  const file = path.join(folder, 'cacerts');
  const { rootCertificates } = await import('node:tls');
  const { X509Certificate } = await import('node:crypto');
  writeFileSync(file, javaKeyStore(rootCertificates.slice(0, 3).map((pem) => new X509Certificate(pem).raw)));
  const listed = spawnSync(keytool, ['-list', '-keystore', file, '-storepass', 'changeit'], { encoding: 'utf8' });
  if (listed.error !== undefined) skip('no keytool');
  expect(listed.stdout).toContain('contains 3 entries');
});
