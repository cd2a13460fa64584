// A real MySQL with the bank in it, for the parts that measure the bank alone; and the processor time that mysqld takes.

import { readdirSync, readFileSync } from 'node:fs';
import { startMysql } from '../../test/support/mysql-server.ts';
import { openBank, type TestBank } from '../../test/support/test-bank.ts';
import { grantTableRights } from '../../bank/schema/grants.ts';
import type { BankLogin } from '../../bank/generator/connect.ts';

export interface BenchBank extends AsyncDisposable {
  readonly bank: TestBank;
  readonly root: BankLogin;
  readonly service: BankLogin;
  /** Processor time of mysqld so far, milliseconds; null where the system does not tell. */
  mysqlCpuMs(): number | null;
}

const DATABASE = 'bank';
const TICK_MS = 10;

export async function startBenchBank(): Promise<BenchBank> {
  const server = await startMysql();
  const bank = await openBank(server, DATABASE);
  await bank.run(`CREATE USER 'ledgerflow_service'@'%' IDENTIFIED BY 'bench'`);
  await grantTableRights(bank.connection, DATABASE);
  const { host, port, user, password } = server;
  const pid = mysqldPid(port);
  return {
    bank,
    root: { host, port, user, password, database: DATABASE },
    service: { host, port, user: 'ledgerflow_service', password: 'bench', database: DATABASE },
    mysqlCpuMs: () => (pid === null ? null : cpuMs(pid)),
    [Symbol.asyncDispose]: async () => {
      await bank[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function mysqldPid(port: number): string | null {
  try {
    return readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && isMysqld(pid, port)) ?? null;
  } catch {
    return null; // no /proc here
  }
}

function isMysqld(pid: string, port: number): boolean {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return line.includes('mysqld') && line.includes(String(port));
  } catch {
    return false; // ended meanwhile
  }
}

/** Processor time of a process so far. */
export function cpuMs(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
