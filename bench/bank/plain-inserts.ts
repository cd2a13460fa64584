// Plain SQL through the triggers: 16 clients that insert one row at a time, and the same with many rows after locking their accounts.

import type { Connection } from 'mysql2/promise';
import { createRandom, type Random } from '../../bank/generator/random.ts';
import { verifyLedger } from '../../bank/schema/verify.ts';
import type { BenchOptions } from '../support/options.ts';
import { percentiles, round } from '../support/stats.ts';
import { startBenchBank, type BenchBank } from './server.ts';

const CLIENTS = 16;
const ACCOUNTS = 2_000;
const FIRST_ACCOUNT = 50_001;
const ROWS_PER_STATEMENT = 20;

interface Leg {
  readonly rows: number;
  readonly deadlocks: number;
  readonly otherErrors: number;
  readonly latenciesMs: readonly number[];
}

/** @returns rows a second of both ways, deadlocks and other errors (none), and the breaches found afterwards (none) */
export async function bankPlainInserts({ quick, tell }: BenchOptions): Promise<object> {
  await using bench = await startBenchBank();
  await openAccounts(bench);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => bench.bank.open()));
  const seconds = quick ? 5 : 20;
  const results: object[] = [];
  for (const [way, send] of [
    ['one row a statement', sendOne],
    [`${ROWS_PER_STATEMENT} rows, accounts locked first`, sendMany],
  ] as const) {
    tell(way);
    await load(clients, send, 1);
    const before = bench.mysqlCpuMs();
    const started = performance.now();
    const leg = await load(clients, send, seconds);
    const took = (performance.now() - started) / 1_000;
    const after = bench.mysqlCpuMs();
    const { p50, p99 } = percentiles(leg.latenciesMs);
    const cpu = before === null || after === null ? null : round(((after - before) * 1_000) / leg.rows, 1);
    const { rows, deadlocks, otherErrors } = leg;
    results.push({ way, rows, perSecond: round(rows / took), p50, p99, deadlocks, otherErrors, mysqlCpuUsPerRow: cpu });
  }
  return { clients: CLIENTS, legs: results, breaches: (await verifyLedger(bench.bank.connection)).length };
}

async function openAccounts({ bank }: BenchBank): Promise<void> {
  const ids = Array.from({ length: ACCOUNTS }, (_, index) => FIRST_ACCOUNT + index);
  await bank.run('INSERT INTO customers (customer_id, first_name) VALUES ?', [ids.map((id) => [id, 'Bench'])]);
  await bank.run('INSERT INTO accounts (account_id, customer_id, balance) VALUES ?', [ids.map((id) => [id, id, '100000.00'])]);
}

type Send = (client: Connection, random: Random) => Promise<number>;

async function load(clients: readonly Connection[], send: Send, seconds: number): Promise<Leg> {
  const latenciesMs: number[] = [];
  const counts = { rows: 0, deadlocks: 0, otherErrors: 0 };
  const endMs = performance.now() + seconds * 1_000;
  await Promise.all(
    clients.map(async (client, index) => {
      const random = createRandom(2_026, index);
      while (performance.now() < endMs) {
        const started = performance.now();
        try {
          const sent = await send(client, random);
          counts.rows += sent;
        } catch (error) {
          if ((error as { code?: string }).code === 'ER_LOCK_DEADLOCK') counts.deadlocks += 1;
          else counts.otherErrors += 1;
        }
        latenciesMs.push(performance.now() - started);
      }
    }),
  );
  return { ...counts, latenciesMs };
}

const COLUMNS = '(account_id, merchant_id, amount, type, counter_account_id)';

/** Purchases, deposits and transfers over all accounts. */
function anyRow(random: Random): { text: string; accounts: number[] } {
  const account = FIRST_ACCOUNT + random.int(0, ACCOUNTS - 1);
  const amount = `${random.int(1, 20)}.${random.int(10, 99)}`;
  const roll = random.unit();
  if (roll < 0.6) return { text: `(${account}, ${random.int(1, 40)}, ${amount}, 'PURCHASE', NULL)`, accounts: [account] };
  if (roll < 0.8) return { text: `(${account}, NULL, ${amount}, 'DEPOSIT', NULL)`, accounts: [account] };
  const counter = FIRST_ACCOUNT + ((account - FIRST_ACCOUNT + random.int(1, ACCOUNTS - 1)) % ACCOUNTS);
  return { text: `(${account}, NULL, ${amount}, 'TRANSFER', ${counter})`, accounts: [account, counter] };
}

async function sendOne(client: Connection, random: Random): Promise<number> {
  await client.query(`INSERT INTO transactions ${COLUMNS} VALUES ${anyRow(random).text}`);
  return 1;
}

/** What docs/adr/0001 tells clients to do with many rows. */
async function sendMany(client: Connection, random: Random): Promise<number> {
  const rows = Array.from({ length: ROWS_PER_STATEMENT }, () => anyRow(random));
  const accounts = rows.flatMap((row) => row.accounts).sort((one, other) => one - other);
  try {
    await client.query('BEGIN');
    await client.query(`SELECT account_id FROM accounts WHERE account_id IN (${accounts.join(',')}) ORDER BY account_id FOR UPDATE`);
    await client.query(`INSERT INTO transactions ${COLUMNS} VALUES ${rows.map(({ text }) => text).join(',')}`);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
  return rows.length;
}
