// The load of the benchmarks on a real stack: plain inserts into transactions at a steady rate, or at what the machine can take when that
// is less, by ordinary clients of MySQL.

import mysql from 'mysql2/promise';
import type { Login } from '../../infra/native/run-file.ts';

export interface LoadInput {
  readonly mysql: Login;
  /** Row changes in the binlog: an insert makes one of transactions, two of ledger_entries, one of accounts. */
  readonly changesPerSecond: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly inserts: number;
  readonly seconds: number;
  readonly changesPerSecond: number;
}

const CHANGES_PER_INSERT = 4;
const CLIENTS = 6;
const INSERT = 'INSERT INTO transactions (account_id, customer_id, amount, currency) VALUES (?, ?, ?, ?)';

interface Account {
  readonly account_id: string;
  readonly customer_id: string;
  readonly currency: string;
}

async function run(input: LoadInput): Promise<LoadResult> {
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => mysql.createConnection({ ...input.mysql, supportBigNumbers: true, bigNumberStrings: true })),
  );
  const [accounts] = await clients[0]!.query<(Account & mysql.RowDataPacket)[]>(
    "SELECT account_id, customer_id, currency FROM accounts WHERE status = 'active' AND account_type IN ('checking', 'savings')",
  );
  const started = performance.now();
  const total = Math.round((input.changesPerSecond / CHANGES_PER_INSERT) * input.seconds);
  const spacingMs = (1_000 * CHANGES_PER_INSERT) / input.changesPerSecond;
  const until = started + input.seconds * 1_000;
  let [next, inserts] = [0, 0];
  const work = async (client: mysql.Connection): Promise<void> => {
    for (let turn = next++; turn < total && performance.now() < until; turn = next++) {
      const wait = started + turn * spacingMs - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const account = accounts[(turn * 7_919) % accounts.length]!;
      await client.execute(INSERT, [account.account_id, account.customer_id, `${1 + (turn % 90)}.25`, account.currency]);
      inserts += 1;
    }
  };
  await Promise.all(clients.map(work));
  const seconds = (performance.now() - started) / 1_000;
  await Promise.all(clients.map((client) => client.end()));
  return { inserts, seconds, changesPerSecond: Math.round((inserts * CHANGES_PER_INSERT) / seconds) };
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}') as LoadInput)));
