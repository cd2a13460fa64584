// A bank in a throw-away MySQL: migrated, with one customer and helpers to say what was refused and why.

import { createConnection, type Connection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { migrate } from '../../bank/schema/migrate.ts';
import type { TestMysql } from './mysql-server.ts';

export interface TestBank extends AsyncDisposable {
  readonly connection: Connection;
  readonly database: string;
  /** A further connection to the same bank. */
  open(login?: { user: string; password: string }): Promise<Connection>;
  /** Runs a statement; answers the id it gave. */
  run(sql: string, values?: unknown[]): Promise<number>;
  rows(sql: string, values?: unknown[]): Promise<RowDataPacket[]>;
  /** A new customer's account; answers its id. */
  account(balance: string, more?: Readonly<Record<string, string>>): Promise<number>;
  /** Balance as text, proven equal to the account's entries. */
  balance(account: number): Promise<string>;
  /** `SQLSTATE message` of the refusal. @throws when the statement is accepted */
  refusal(sql: string, connection?: Connection): Promise<string>;
}

export async function openBank(server: TestMysql, database: string): Promise<TestBank> {
  const { host, port } = server;
  await migrate({ ...server, database });
  const exact = { supportBigNumbers: true, decimalNumbers: false, dateStrings: true, timezone: 'Z' };
  const opened: Connection[] = [];
  const open: TestBank['open'] = async (login) => {
    const { user, password } = login ?? server;
    const made = await createConnection({ host, port, user, password, database, ...exact });
    made.on('error', () => undefined); // mysqld may be killed by a test; the next statement says so
    opened.push(made);
    return made;
  };
  const connection = await open();
  const run: TestBank['run'] = async (sql, values = []) => (await connection.query<ResultSetHeader>(sql, values))[0].insertId;
  const rows: TestBank['rows'] = async (sql, values = []) => (await connection.query<RowDataPacket[]>(sql, values))[0];
  return {
    connection,
    database,
    open,
    run,
    rows,
    account: async (balance, more = {}) => {
      const customer = await run(`INSERT INTO customers (first_name, last_name) VALUES ('Test', 'Person')`);
      return await run('INSERT INTO accounts SET ?', [{ customer_id: customer, balance, ...more }]);
    },
    balance: async (account) => {
      const [row] = await rows(
        `SELECT a.balance, COALESCE(SUM(IF(e.posting_type = 'CREDIT', e.amount, -e.amount)), 0) AS derived
         FROM accounts a LEFT JOIN ledger_entries e USING (account_id) WHERE a.account_id = ? GROUP BY a.account_id`,
        [account],
      );
      if (Number(row?.['balance']) !== Number(row?.['derived'])) throw new Error(`cached ${row?.['balance']}, derived ${row?.['derived']}`);
      return String(row?.['balance']);
    },
    refusal: async (sql, on = connection) => {
      const answer = await on.query(sql).catch((error: unknown) => error as { sqlState?: string; sqlMessage?: string });
      if (Array.isArray(answer)) throw new Error(`accepted: ${sql}`);
      return `${answer.sqlState} ${answer.sqlMessage}`;
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of opened) await one.end();
    },
  };
}
