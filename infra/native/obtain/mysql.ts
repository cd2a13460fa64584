// Where mysqld comes from: the private root in the cache, Debian packages, or a mysqld >= 8.0 on PATH.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isAborted, LedgerflowError, messageOf } from '../../runtime/errors.ts';
import { aptUsable, unpackDebian } from './apt.ts';
import { buildInto } from './cache.ts';
import type { ObtainContext } from './context.ts';
import { findOnPath } from './find-program.ts';
import { writeLauncher } from './private-root.ts';
import { runCommand } from './run-command.ts';

export interface MysqlProgram {
  /** File to start; wants the server's options as arguments. */
  readonly mysqld: string;
  /** The client that belongs to it, if there is one. */
  readonly client: string | undefined;
  /** Options that tell a private server where its own files are. */
  readonly baseArgs: readonly string[];
  readonly version: string;
}

/** Server, client and the shared libraries they need; no perl, no debconf, no init. */
const KEEP = /^(mysql-common|lib(?!c-bin$|.*(perl|debconf|-dev$)).*)$/;

/** The private server of the cache, if it was obtained before. */
export function cachedMysql(cache: string): MysqlProgram | undefined {
  const root = rootOf(cache);
  const versions = path.join(root, 'packages.json');
  if (!existsSync(versions)) return undefined;
  const packages = JSON.parse(readFileSync(versions, 'utf8')) as Record<string, string>;
  const share = path.join(root, 'usr/share/mysql');
  return {
    mysqld: path.join(root, 'bin/mysqld'),
    client: path.join(root, 'bin/mysql'),
    version: packages['mysql-server-core'] ?? 'unknown',
    baseArgs: [
      `--basedir=${path.join(root, 'usr')}`,
      `--lc-messages-dir=${share}`,
      `--character-sets-dir=${path.join(share, 'charsets')}`,
      `--plugin-dir=${path.join(root, 'usr/lib/mysql/plugin')}`,
    ],
  };
}

/** @throws LedgerflowError LF_PLATFORM_UNSUPPORTED where there is neither apt nor a mysqld. */
export async function obtainMysql(context: ObtainContext): Promise<MysqlProgram> {
  const cached = cachedMysql(context.cache);
  if (cached !== undefined) return cached;
  if (!aptUsable()) return await mysqlOnPath();
  try {
    await unpack(context);
  } catch (error) {
    if (isAborted(error)) throw error;
    const found = await mysqlOnPath().catch(() => undefined);
    if (found === undefined) throw error;
    context.onProgress({ part: 'MySQL', text: `using ${found.mysqld} (${found.version}), because: ${messageOf(error)}` });
    return found;
  }
  return await obtainMysql(context);
}

function rootOf(cache: string): string {
  return path.join(cache, 'mysql');
}

async function unpack(context: ObtainContext): Promise<void> {
  const { packages, sizeMb } = context.lock.mysql;
  await buildInto(rootOf(context.cache), async (root) => {
    await unpackDebian(context, { part: 'MySQL', packages, keep: KEEP, sizeMb }, root);
    rmSync(path.join(root, '.apt'), { recursive: true });
    mkdirSync(path.join(root, 'bin'));
    const libraries = ['usr/lib/mysql/private'];
    writeLauncher(root, path.join(root, 'bin/mysqld'), { program: 'usr/sbin/mysqld', libraries });
    const charsets = '--character-sets-dir=$r/usr/share/mysql/charsets';
    writeLauncher(root, path.join(root, 'bin/mysql'), { program: 'usr/bin/mysql', libraries, args: ['--no-defaults', charsets] });
    const version = await runCommand(path.join(root, 'bin/mysqld'), ['--no-defaults', '--version']);
    context.onProgress({ part: 'MySQL', text: `ready: ${version.trim().replace(/^\S+\s+/, '')}` });
  });
}

async function mysqlOnPath(): Promise<MysqlProgram> {
  const mysqld = findOnPath('mysqld', ['/usr/sbin', '/usr/local/sbin', '/usr/local/mysql/bin', '/opt/homebrew/bin', '/usr/local/bin']);
  if (mysqld === undefined) {
    throw new LedgerflowError(
      'LF_PLATFORM_UNSUPPORTED',
      `no mysqld on PATH, and none can be obtained on ${process.platform} ${process.arch}`,
    );
  }
  const text = await runCommand(mysqld, ['--no-defaults', '--version']);
  const version = /Ver (\d+)\.(\d+)\.(\d+)/.exec(text);
  if (version === null || Number(version[1]) < 8 || /mariadb/i.test(text)) {
    throw new LedgerflowError('LF_PLATFORM_UNSUPPORTED', `${mysqld} is not MySQL 8.0 or newer (${text.trim()})`);
  }
  return { mysqld, client: findOnPath('mysql', []), baseArgs: [], version: version.slice(1).join('.') };
}
