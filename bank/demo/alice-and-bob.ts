// The three movements of the first seed's demo, by the ledger service's rules: float to Alice 500, Alice to Bob 100, Bob to Alice 50.

import { randomUUID } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { texts } from '../audit/read-ledger.ts';
import { connectBank, type BankLogin } from '../generator/connect.ts';
import type { JsonObject } from '../ledger/json.ts';
import { parseCommand, type Operation } from '../ledger/commands.ts';
import { startLedger, type Ledger } from '../service/executor.ts';

export interface DemoAccount {
  readonly name: string;
  readonly accountId: string;
  /** What the demo's own entries add up to, decimal text. */
  readonly balance: string;
}

export interface DemoStory {
  readonly currency: string;
  /** Alice, Bob, and the house's float. */
  readonly accounts: readonly DemoAccount[];
  readonly transactionIds: readonly string[];
}

const CURRENCY = 'USD';

/**
 * Opens an account for a new Alice and a new Bob and moves the money; each call is a story of its own. The login is the service's.
 * @throws LedgerflowError LF_BANK_LOAD when the ledger refuses, LF_MYSQL_UNREACHABLE, LF_MYSQL_LOGIN
 */
export async function tellDemo(login: BankLogin): Promise<DemoStory> {
  const ignore = (): void => undefined; // what fails is thrown below
  const ledger = await startLedger({ login, execution: 'single', connections: 1, log: { warn: ignore, error: ignore } });
  try {
    const story = randomUUID();
    const alice = await openAccount(ledger, 'Alice Demo');
    const bob = await openAccount(ledger, 'Bob Demo');
    const moves = [
      ['deposit', { account_id: alice, amount: '500.00', description: 'Funding from the float' }],
      ['transfer', { from_account_id: alice, to_account_id: bob, amount: '100.00', description: 'Payment to Bob' }],
      ['transfer', { from_account_id: bob, to_account_id: alice, amount: '50.00', description: 'Repayment to Alice' }],
    ] as const;
    const transactionIds: string[] = [];
    for (const [operation, body] of moves)
      transactionIds.push(idIn(await send(ledger, operation, body, `demo-${story}-${transactionIds.length}`), 'transaction_id'));
    const connection = await connectBank(login);
    try {
      return { currency: CURRENCY, accounts: named(await movementsOf(connection, transactionIds), { alice, bob }), transactionIds };
    } finally {
      connection.destroy();
    }
  } finally {
    await ledger.close();
  }
}

function named(sums: readonly (readonly [string, string])[], { alice, bob }: { alice: string; bob: string }): DemoAccount[] {
  const order = ['Alice', 'Bob', 'Float'];
  const nameOf = (accountId: string): string => (accountId === alice ? 'Alice' : accountId === bob ? 'Bob' : 'Float');
  const accounts = sums.map(([accountId, balance]) => ({ name: nameOf(accountId), accountId, balance }));
  return accounts.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

async function openAccount(ledger: Ledger, owner: string): Promise<string> {
  return idIn(await send(ledger, 'open_account', { owner, currency: CURRENCY }), 'account_id');
}

function idIn(body: JsonObject, field: string): string {
  const id = body[field];
  if (typeof id === 'string' || typeof id === 'number') return String(id);
  throw new LedgerflowError('LF_BANK_LOAD', `the ledger answered without ${field}`, { where: 'the demo of Alice and Bob' });
}

async function send(ledger: Ledger, operation: Operation, body: object, key?: string): Promise<JsonObject> {
  const context = { actor: 'seed demo', ...(key === undefined ? {} : { idempotencyKey: key }) };
  const answer = await ledger.execute(parseCommand(operation, body), context);
  if (answer.status < 400) return answer.body;
  throw new LedgerflowError('LF_BANK_LOAD', `${operation}: ${JSON.stringify(answer.body)}`, { where: 'the demo of Alice and Bob' });
}

async function movementsOf(connection: Connection, transactionIds: readonly string[]): Promise<[string, string][]> {
  const sql = `SELECT account_id, SUM(IF(posting_type = 'CREDIT', amount, -amount)) FROM ledger_entries
    WHERE transaction_id IN (?) GROUP BY account_id`;
  return (await texts(connection, sql, [transactionIds])).map(([id, sum]) => [id!, sum!]);
}
