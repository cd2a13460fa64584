// A bank in a throw-away MySQL with the ledger service on top, and helpers that send commands.

import type { Answer, CommandContext } from '../../bank/ledger/answer.ts';
import { parseCommand, type Operation } from '../../bank/ledger/commands.ts';
import { migrate } from '../../bank/schema/migrate.ts';
import { startLedger, type Ledger, type LedgerOptions } from '../../bank/service/executor.ts';
import type { ServiceLogin } from '../../bank/store/connect.ts';
import type { TestMysql } from './mysql-server.ts';
import { openBank, type TestBank } from './test-bank.ts';

const SERVICE_PASSWORD = 'test-service';
const QUIET: LedgerOptions['log'] = { warn: () => undefined, error: () => undefined };

export interface TestLedger extends AsyncDisposable {
  readonly bank: TestBank;
  readonly login: ServiceLogin;
  /** The service's failures, in order. */
  readonly failures: unknown[];
  readonly ledger: Ledger;
  /** A further service on the same bank. */
  start(more?: Partial<LedgerOptions>): Promise<Ledger>;
  /** Sends a body as the API would; every call has its own key unless one is given. */
  send(operation: Operation, body: object, context?: Partial<CommandContext>): Promise<Answer>;
  /** Like send, and tells only status and code or balance. */
  code(operation: Operation, body: object, context?: Partial<CommandContext>): Promise<string>;
}

let keys = 0;

/** A key that no other call in this process has. */
export function freshKey(): string {
  keys += 1;
  return `key-${process.pid}-${keys}`;
}

/** The service's login on a test server, made if it is not there. */
export async function provideLogin(server: TestMysql, database: string): Promise<{ bank: TestBank; login: ServiceLogin }> {
  const bank = await openBank(server, database);
  await bank.run(`CREATE USER IF NOT EXISTS 'ledgerflow_service'@'%' IDENTIFIED BY '${SERVICE_PASSWORD}'`);
  await bank.run(`GRANT REPLICATION CLIENT ON *.* TO 'ledgerflow_service'@'%'`);
  await migrate({ ...server, database });
  return { bank, login: { host: server.host, port: server.port, user: 'ledgerflow_service', password: SERVICE_PASSWORD, database } };
}

export async function openLedger(
  server: TestMysql,
  database: string,
  execution: LedgerOptions['execution'] = 'grouped',
): Promise<TestLedger> {
  const { bank, login } = await provideLogin(server, database);
  const failures: unknown[] = [];
  const log = { ...QUIET, error: (...values: unknown[]) => void failures.push(values) } as LedgerOptions['log'];
  const started: Ledger[] = [];
  const start: TestLedger['start'] = async (more = {}) => {
    const made = await startLedger({ login, execution, log, ...more });
    started.push(made);
    return made;
  };
  const ledger = await start();
  const send: TestLedger['send'] = async (operation, body, context = {}) => {
    return await ledger.execute(parseCommand(operation, body), { actor: 'test', idempotencyKey: freshKey(), ...context });
  };
  return {
    bank,
    login,
    failures,
    ledger,
    start,
    send,
    code: async (operation, body, context) => told(await send(operation, body, context)),
    [Symbol.asyncDispose]: async () => {
      for (const one of started) await one.close();
      await bank[Symbol.asyncDispose]();
    },
  };
}

/** `201` or `422 insufficient_funds`. */
export function told({ status, body }: Answer): string {
  return typeof body['code'] === 'string' ? `${status} ${body['code']}` : String(status);
}

/** How often each text occurs. */
export function tally(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}
