// The three movements of the first seed's demo, by plain SQL: float to Alice 500, Alice to Bob 100, Bob to Alice 50.

import type { Connection, ResultSetHeader } from 'mysql2/promise';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { texts } from '../audit/read-ledger.ts';

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
 * Opens an account for a new Alice and a new Bob and moves the money; each call is a story of its own.
 * @throws LedgerflowError LF_BANK_LOAD when MySQL refuses a row
 */
export async function tellDemo(connection: Connection): Promise<DemoStory> {
  try {
    const alice = await openAccount(connection, 'Alice');
    const bob = await openAccount(connection, 'Bob');
    const transactionIds = [
      await move(connection, { account: alice, amount: '500.00', type: 'DEPOSIT', counter: null, text: 'Funding from the float' }),
      await move(connection, { account: alice, amount: '100.00', type: 'TRANSFER', counter: bob, text: 'Payment to Bob' }),
      await move(connection, { account: bob, amount: '50.00', type: 'TRANSFER', counter: alice, text: 'Repayment to Alice' }),
    ];
    const sums = await movementsOf(connection, transactionIds);
    const names = new Map([
      [alice, 'Alice'],
      [bob, 'Bob'],
    ]);
    const accounts = sums.map(([accountId, balance]) => ({ name: names.get(accountId) ?? 'Float', accountId, balance }));
    const order = ['Alice', 'Bob', 'Float'];
    return { currency: CURRENCY, accounts: accounts.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)), transactionIds };
  } catch (error) {
    throw new LedgerflowError('LF_BANK_LOAD', messageOf(error), { where: 'the demo of Alice and Bob', cause: error });
  }
}

async function openAccount(connection: Connection, name: string): Promise<string> {
  const customer = await insert(connection, 'INSERT INTO customers (first_name, last_name) VALUES (?, ?)', [name, 'Demo']);
  return await insert(connection, 'INSERT INTO accounts (customer_id, account_type, currency) VALUES (?, ?, ?)', [
    customer,
    'checking',
    CURRENCY,
  ]);
}

interface Movement {
  readonly account: string;
  readonly amount: string;
  readonly type: string;
  /** Null: the house account that the type implies. */
  readonly counter: string | null;
  readonly text: string;
}

async function move(connection: Connection, { account, amount, type, counter, text }: Movement): Promise<string> {
  const sql = 'INSERT INTO transactions (account_id, amount, currency, type, counter_account_id, description) VALUES (?, ?, ?, ?, ?, ?)';
  return await insert(connection, sql, [account, amount, CURRENCY, type, counter, text]);
}

async function insert(connection: Connection, sql: string, values: readonly (string | null)[]): Promise<string> {
  const [result] = await connection.query<ResultSetHeader>(sql, [...values]);
  return String(result.insertId);
}

async function movementsOf(connection: Connection, transactionIds: readonly string[]): Promise<[string, string][]> {
  const sql = `SELECT account_id, SUM(IF(posting_type = 'CREDIT', amount, -amount)) FROM ledger_entries
    WHERE transaction_id IN (?) GROUP BY account_id`;
  return (await texts(connection, sql, [transactionIds])).map(([id, sum]) => [id!, sum!]);
}
