// The bank's ledger on a real MySQL with durable commits (flush=1, sync_binlog=1): transfers grouped and one by one, spread over
// 10,000 accounts and with one hot account in every transfer, a lone caller, batches, and plain SQL inserts through the triggers.

import { createRandom, type Random } from '../../bank/generator/random.ts';
import type { Answer } from '../../bank/ledger/answer.ts';
import { parseCommand } from '../../bank/ledger/commands.ts';
import { startLedger, type Ledger, type LedgerOptions } from '../../bank/service/executor.ts';
import { verifyLedger } from '../../bank/schema/verify.ts';
import { startMysql } from '../../test/support/mysql-server.ts';
import { provideLogin } from '../../test/support/test-ledger.ts';
import type { TestBank } from '../../test/support/test-bank.ts';
import type { BenchOptions } from '../support/options.ts';
import { percentiles, round } from '../support/stats.ts';

const ACCOUNTS = 10_000;
const FIRST_ACCOUNT = 5_001;
const SECONDS = 15;
const SECONDS_QUICK = 4;
const BATCH_CALLERS = 4;
const BATCH_MEMBERS = 100;
const PLAIN_CONNECTIONS = 16;

export interface BankRow {
  readonly what: string;
  readonly form: string;
  readonly callers: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of this process per operation, µs; mysqld's is not in it. */
  readonly cpuUs: number;
  readonly refused: number;
  readonly failed: number;
}

export async function bank(options: BenchOptions): Promise<object> {
  const seconds = options.quick ? SECONDS_QUICK : SECONDS;
  await using server = await startMysql();
  const { bank: opened, login } = await provideLogin(server, 'bank');
  await using under = opened;
  options.tell(`seeding ${ACCOUNTS} accounts`);
  await seed(under);
  const rows: BankRow[] = [];
  const add = (row: BankRow): void => {
    rows.push(row);
    options.tell(JSON.stringify(row));
  };
  for (const execution of ['grouped', 'single'] as const) {
    const ledger = await startLedger({ login, execution, log: loud(options) });
    const pairs = { spread: spreadPair, hot: hotPair };
    for (const callers of [1, 64, 256]) {
      for (const [what, pair] of Object.entries(pairs)) {
        if (callers === 1 && what === 'hot') continue;
        add({
          what: `transfer ${what}`,
          form: execution,
          callers,
          ...(await measure(seconds, callers, (random) => transfer(ledger, pair(random)))),
        });
      }
    }
    if (execution === 'grouped') {
      const result = await measure(seconds, BATCH_CALLERS, async (random) => await batch(ledger, random));
      add({ what: 'batch of 100', form: execution, callers: BATCH_CALLERS, ...result, perSecond: result.perSecond * BATCH_MEMBERS });
    }
    await ledger.close();
  }
  add({ what: 'plain INSERT', form: 'triggers', callers: PLAIN_CONNECTIONS, ...(await plainInserts(under, seconds)) });
  return { rows, breaches: (await verifyLedger(under.connection)).length };
}

function loud(options: BenchOptions): LedgerOptions['log'] {
  const log = (...values: unknown[]): void => options.tell(JSON.stringify(values));
  return { warn: log, error: log } as LedgerOptions['log'];
}

async function seed(bankOf: TestBank): Promise<void> {
  await bankOf.run(`INSERT INTO customers (customer_id, first_name) VALUES (1001, 'Bench')`);
  for (let from = 0; from < ACCOUNTS; from += 500) {
    const rows = Array.from({ length: 500 }, (_, index) => `(${FIRST_ACCOUNT + from + index}, 1001, 100000)`);
    await bankOf.run(`INSERT INTO accounts (account_id, customer_id, balance) VALUES ${rows.join(',')}`);
  }
}

type Pair = readonly [from: number, to: number];

function spreadPair(random: Random): Pair {
  const from = random.int(0, ACCOUNTS - 1);
  return [FIRST_ACCOUNT + from, FIRST_ACCOUNT + ((from + random.int(1, ACCOUNTS - 1)) % ACCOUNTS)];
}

/** One account in every transfer, now paying, now paid. */
function hotPair(random: Random): Pair {
  const other = FIRST_ACCOUNT + random.int(1, ACCOUNTS - 1);
  return random.chance(0.5) ? [FIRST_ACCOUNT, other] : [other, FIRST_ACCOUNT];
}

let keys = 0;

async function transfer(ledger: Ledger, [from, to]: Pair): Promise<readonly Answer[]> {
  const command = parseCommand('transfer', { from_account_id: from, to_account_id: to, amount: '0.01' });
  return [await ledger.execute(command, { actor: 'bench', idempotencyKey: `b-${(keys += 1)}` })];
}

async function batch(ledger: Ledger, random: Random): Promise<readonly Answer[]> {
  const requests = Array.from({ length: BATCH_MEMBERS }, () => {
    const [from, to] = spreadPair(random);
    const command = parseCommand('transfer', { from_account_id: from, to_account_id: to, amount: '0.01' });
    return { command, context: { actor: 'bench', idempotencyKey: `b-${(keys += 1)}` } };
  });
  return await ledger.executeBatch(requests, { mode: 'continue' });
}

type Figures = Omit<BankRow, 'what' | 'form' | 'callers'>;

/** Callers that each send the next one when the last is answered, for some seconds; the first fifth is warm-up. */
async function measure(seconds: number, callers: number, send: (random: Random) => Promise<readonly Answer[]>): Promise<Figures> {
  const started = performance.now();
  const measureFrom = started + seconds * 200;
  const until = started + seconds * 1_000;
  const waited: number[] = [];
  const codes = { refused: 0, failed: 0 };
  let cpu = process.cpuUsage();
  const warm = setTimeout(() => (cpu = process.cpuUsage()), seconds * 200);
  await Promise.all(
    Array.from({ length: callers }, async (_, index) => {
      const random = createRandom(callers, index);
      for (let at = performance.now(); at < until; at = performance.now()) {
        const answers = await send(random);
        if (at < measureFrom) continue;
        waited.push(performance.now() - at);
        for (const { status } of answers) {
          if (status >= 500) codes.failed += 1;
          else if (status >= 400) codes.refused += 1;
        }
      }
    }),
  );
  clearTimeout(warm);
  const used = process.cpuUsage(cpu);
  const { p50, p99 } = percentiles(waited);
  const perSecond = Math.round(waited.length / ((performance.now() - measureFrom) / 1_000));
  return { perSecond, p50Ms: p50, p99Ms: p99, cpuUs: round((used.user + used.system) / Math.max(1, waited.length)), ...codes };
}

/** Single-row inserts of the seed's columns by ordinary clients, one connection each. */
async function plainInserts(under: TestBank, seconds: number): Promise<Figures> {
  const clients = await Promise.all(Array.from({ length: PLAIN_CONNECTIONS }, async () => await under.open()));
  const free = [...clients];
  return await measure(seconds, PLAIN_CONNECTIONS, async (random) => {
    const client = free.pop()!; // as many callers as connections
    const amount = `${random.int(1, 20)}.${random.int(10, 99)}`;
    const sql = `INSERT INTO transactions (account_id, amount, currency, status) VALUES (${FIRST_ACCOUNT + random.int(0, ACCOUNTS - 1)}, ${amount}, 'USD', 'posted')`;
    const status = await client.query(sql).then(
      () => 201,
      () => 500,
    );
    free.push(client);
    return [{ status, body: {}, gtid: null, sequence: null, replayed: false }];
  });
}
