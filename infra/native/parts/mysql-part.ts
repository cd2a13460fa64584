// mysqld as a part: initialised once with its root password set from the start, listening on loopback only.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { LedgerflowError, messageOf } from '../../runtime/errors.ts';
import { connectMysql } from '../mysql-admin.ts';
import type { MysqlProgram } from '../obtain/mysql.ts';
import { runCommand } from '../obtain/run-command.ts';
import type { Part } from './part.ts';

export interface MysqlPartOptions {
  readonly home: string;
  readonly program: MysqlProgram;
  readonly port: number;
  readonly rootPassword: string;
}

const SETTINGS_FILE = fileURLToPath(new URL('../../mysql/my.cnf', import.meta.url));

export function mysqlPart(options: MysqlPartOptions): Part {
  const { home, program, port, rootPassword } = options;
  const folder = path.join(home, 'mysql');
  const data = path.join(folder, 'data');
  return {
    kind: 'part',
    name: 'mysql',
    port,
    logFile: path.join(home, 'logs', 'mysql.log'),
    ownLog: false,
    startDeadlineMs: 120_000,
    stopDeadlineMs: 60_000,
    prepare: (signal) => prepare(options, folder, signal),
    // Socket and pid file are relative to the data folder: a socket's full name may not exceed 107 bytes.
    launch: () => ({
      command: program.mysqld,
      args: [
        ...serverArgs(program, folder, data),
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        '--socket=mysqld.sock',
        '--pid-file=mysqld.pid',
      ],
    }),
    healthy: async () => {
      const connection = await connectMysql({ host: '127.0.0.1', port, user: 'root', password: rootPassword });
      await connection.end();
      return true;
    },
  };
}

function serverArgs(program: MysqlProgram, folder: string, data: string): string[] {
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  const place = [`--datadir=${data}`, `--tmpdir=${path.join(folder, 'tmp')}`, '--secure-file-priv=NULL'];
  return [`--defaults-file=${SETTINGS_FILE}`, ...program.baseArgs, ...asRoot, ...place];
}

/** The data folder gets its name only when it is complete, so a killed first start leaves nothing half made. */
async function prepare(options: MysqlPartOptions, folder: string, signal: AbortSignal): Promise<void> {
  const data = path.join(folder, 'data');
  mkdirSync(path.join(folder, 'tmp'), { recursive: true });
  for (const name of readdirSync(folder)) if (name.endsWith('.new')) rmSync(path.join(folder, name), { recursive: true, force: true });
  if (existsSync(data)) return;
  const fresh = path.join(folder, `${randomBytes(4).toString('hex')}.new`);
  const script = path.join(folder, 'tmp', 'first-start.sql');
  writeFileSync(script, firstStartSql(options.rootPassword), { mode: 0o600 });
  try {
    const args = [...serverArgs(options.program, folder, fresh), '--initialize-insecure', `--init-file=${script}`];
    await runCommand(options.program.mysqld, args, { signal, timeoutMs: 180_000 });
    renameSync(fresh, data);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw new LedgerflowError('LF_PART_START', `MySQL could not initialise its data: ${messageOf(error)}`, { where: data, cause: error });
  } finally {
    rmSync(script, { force: true });
  }
}

/** Names are not resolved, so root over TCP is root@127.0.0.1. */
function firstStartSql(password: string): string {
  return [
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';`,
    `CREATE USER 'root'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;`,
    '',
  ].join('\n');
}
