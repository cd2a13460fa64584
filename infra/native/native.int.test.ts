// The real parts under their supervisor: MySQL, Kafka, Connect; killed, restarted, left behind, cleaned up, stopped.

import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startNativeStack, temporaryHome, testEnvironment, type NativeStackRun } from '../../test/support/native-stack.ts';
import { loadConfig } from '../runtime/config.ts';
import { connectMysql } from './mysql-admin.ts';
import { planNative } from './native-steps.ts';
import { findStack } from './obtain/stack.ts';
import { isPortOpen, PortChooser } from './ports.ts';
import { gone, isAlive, type ProcessId } from './process-id.ts';
import { readRunFile, type PartRecord } from './run-file.ts';
import type { SupervisorEvent } from './supervisor.ts';

const PARTS = ['mysql', 'kafka', 'connect'];

function record(home: string, name: string): PartRecord {
  const found = readRunFile(home)?.parts[name];
  if (found === undefined) throw new Error(`${name} is not in run.json`);
  return found;
}

describe('one supervisor in this process', () => {
  let stack: NativeStackRun;
  const events: SupervisorEvent[] = [];
  beforeAll(async () => {
    stack = await startNativeStack({ onEvent: (event) => events.push(event) });
  });
  afterAll(async () => {
    const parts = Object.values(readRunFile(stack.config.home)?.parts ?? {});
    await stack[Symbol.asyncDispose]();
    expect(parts).toHaveLength(3);
    expect(parts.filter(isAlive)).toEqual([]);
    expect(events.filter((event) => event.kind === 'stopped').map((event) => event.name)).toEqual(PARTS.toReversed());
  });

  test('all three run on loopback, in the order of their dependence', () => {
    expect(events.filter((event) => event.kind === 'healthy').map((event) => event.name)).toEqual(PARTS);
    const { kafka, connect, mysql } = stack.plan.endpoints;
    expect(readRunFile(stack.config.home)?.endpoints).toMatchObject({ kafka, connect, mysql });
  });

  test('MySQL is ready for change capture and its users can log in', async () => {
    const { mysql } = stack.plan.endpoints;
    for (const [user, password] of [
      ['bank', stack.secrets.mysqlBank],
      ['ledgerflow_cdc', stack.secrets.mysqlCdc],
      ['ledgerflow_service', stack.secrets.mysqlService],
    ] as const) {
      const connection = await connectMysql({ ...mysql, user, password });
      const [rows] = await connection.query(
        'SELECT @@gtid_mode AS gtid, @@binlog_row_image AS image, @@binlog_row_metadata AS metadata, @@time_zone AS zone',
      );
      expect(rows).toEqual([{ gtid: 'ON', image: 'FULL', metadata: 'FULL', zone: '+00:00' }]);
      await connection.end();
    }
  });

  test('a client may change the bank but not the triggers, and a wrong password is one clear line', async () => {
    const { mysql } = stack.plan.endpoints;
    const connection = await connectMysql(mysql);
    await connection.query('CREATE TABLE bank.t (id INT PRIMARY KEY)');
    await connection.query('INSERT INTO bank.t VALUES (1)');
    await expect(connection.query('CREATE TRIGGER bank.x BEFORE INSERT ON bank.t FOR EACH ROW SET NEW.id = 2')).rejects.toThrow(/denied/);
    await connection.query('DROP TABLE bank.t');
    await connection.end();
    const refused = connectMysql({ ...mysql, password: 'wrong' });
    await expect(refused).rejects.toThrow(expect.objectContaining({ code: 'LF_MYSQL_LOGIN', where: `bank@127.0.0.1:${mysql.port}` }));
  });

  test('Connect knows the Debezium connector', async () => {
    const response = await fetch(`${stack.plan.endpoints.connect.url}/connector-plugins`);
    expect(JSON.stringify(await response.json())).toContain('io.debezium.connector.mysql.MySqlConnector');
  });

  test('a second start in the same home is refused with one line', async () => {
    const second = startNativeStack({ home: stack.config.home });
    await expect(second).rejects.toThrow(expect.objectContaining({ code: 'LF_ALREADY_RUNNING' }));
  });

  test('servers that were there before are used and not started; a wrong password in the URL is one clear line', async () => {
    const { kafka, connect } = stack.plan.endpoints;
    const { host, port, password } = stack.plan.admin;
    const home = temporaryHome();
    const env = { LEDGERFLOW_KAFKA_BROKERS: kafka.brokers, LEDGERFLOW_CONNECT_URL: connect.url, DUCKLAKE_EXTENSION_PATH: process.execPath };
    const url = (word: string): string => `mysql://root:${word}@${host}:${port}`;
    try {
      const refused = startNativeStack({ home, env: { ...env, LEDGERFLOW_MYSQL_URL: url('wrong') } });
      await expect(refused).rejects.toThrow(expect.objectContaining({ code: 'LF_MYSQL_LOGIN', where: `root@${host}:${port}` }));
      await using second = await startNativeStack({ home, env: { ...env, LEDGERFLOW_MYSQL_URL: url(password) } });
      expect(second.plan.steps.map((step) => step.kind)).toEqual(['task', 'task', 'task']);
      expect(second.plan.endpoints.mysql).toMatchObject({ user: 'root', port });
      expect(readRunFile(home)?.parts).toEqual({});
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  test('a taken port is passed over and said', async () => {
    const { mysql, kafka } = stack.plan.endpoints;
    const env = { LEDGERFLOW_MYSQL_PORT: String(mysql.port), LEDGERFLOW_KAFKA_PORT: kafka.brokers.split(':')[1] ?? '' };
    const home = temporaryHome();
    const config = loadConfig(testEnvironment(home, env));
    const found = await findStack(config);
    await using ports = new PortChooser();
    const plan = found === undefined ? undefined : await planNative({ config, stack: found, secrets: stack.secrets, ports });
    expect(plan?.endpoints.mysql.port).toBeGreaterThan(mysql.port);
    expect(plan?.movedPorts[0]).toMatch(/^MySQL takes port \d+, because \d+ is or was in use$/);
    rmSync(home, { recursive: true, force: true });
  });

  test('the port of the last run is kept, until a setting asks for another one', async () => {
    const home = temporaryHome();
    const planned = async (env: Readonly<Record<string, string>>): Promise<number> => {
      const config = loadConfig({ ...testEnvironment(home), LEDGERFLOW_BANK_PORT: '', ...env });
      const found = await findStack(config);
      await using ports = new PortChooser();
      return found === undefined ? 0 : (await planNative({ config, stack: found, secrets: stack.secrets, ports })).bankPort;
    };
    const last = readFileSync(path.join(stack.config.home, 'run.json'), 'utf8');
    const bankUrl = stack.plan.endpoints.bank.url;
    writeFileSync(path.join(home, 'run.json'), last.replace(bankUrl, 'http://127.0.0.1:31999'));
    expect(await planned({})).toBe(31_999);
    expect(await planned({ LEDGERFLOW_BANK_PORT: '31990' })).toBe(31_990);
    rmSync(home, { recursive: true, force: true });
  });

  test.each(PARTS)('%s comes back on its port after kill -9', async (name) => {
    const before = record(stack.config.home, name);
    process.kill(before.pid, 'SIGKILL');
    const isBack = (event: SupervisorEvent): boolean => event.kind === 'healthy' && event.name === name && event.restarts === 1;
    await expect.poll(() => events.some(isBack), { timeout: 90_000, interval: 200 }).toBe(true);
    const after = record(stack.config.home, name);
    expect(after).toMatchObject({ port: before.port, restarts: 1 });
    expect(after.pid).not.toBe(before.pid);
    expect(await isPortOpen(after.port ?? 0)).toBe(true);
  });
});

describe('a supervisor that is killed', () => {
  const home = temporaryHome();
  const env = testEnvironment(home);
  let child: ChildProcess | undefined;
  afterAll(() => {
    child?.kill('SIGKILL');
    for (const part of Object.values(readRunFile(home)?.parts ?? {})) if (isAlive(part)) process.kill(part.pid, 'SIGKILL');
    rmSync(home, { recursive: true, force: true });
  });

  test('leaves parts behind, which the next start ends and replaces; data and ports stay', async () => {
    const first = await startProcess(env);
    child = first.child;
    const ports = PARTS.map((name) => record(home, name).port);
    const left = PARTS.map((name) => record(home, name));
    const supervisor = readRunFile(home)?.supervisor ?? { pid: 0, startedTicks: 0 };
    process.kill(supervisor.pid, 'SIGKILL');
    expect(await gone(supervisor, 5_000)).toBe(true);
    expect(left.every(isAlive)).toBe(true);
    const second = await startProcess(env);
    child = second.child;
    expect(left.filter(isAlive)).toEqual([]);
    expect(second.events.filter((event) => event.kind === 'stale').map((event) => event.name)).toEqual(PARTS.toReversed());
    expect(PARTS.map((name) => record(home, name).port)).toEqual(ports);
    const now: ProcessId[] = PARTS.map((name) => record(home, name));
    second.child.kill('SIGTERM');
    await new Promise((resolve) => second.child.once('exit', resolve));
    expect(now.filter(isAlive)).toEqual([]);
    expect(readRunFile(home)).toMatchObject({ state: 'stopped', parts: {} });
    expect(readFileSync(path.join(home, 'logs', 'mysql.log'), 'utf8')).toContain('Shutdown complete');
  }, 300_000);
});

interface Started {
  readonly child: ChildProcess;
  readonly events: SupervisorEvent[];
}

async function startProcess(env: Record<string, string>): Promise<Started> {
  const script = fileURLToPath(new URL('../../test/support/native-main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: SupervisorEvent[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as SupervisorEvent;
    events.push(event);
    if (event.kind === 'started') return { child, events };
  }
  throw new Error(`the supervisor ended: ${JSON.stringify(events)}`);
}
