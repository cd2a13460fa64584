// Jepsen's bank test over HTTP: clients move random amounts between few accounts while the API process and MySQL are killed in turn. Every
// request is repeated under its key until it has an answer. The total must be the same at every consistent read; at the end each account
// must have exactly what the answered transfers say, and each key must have run once.

import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { createRandom, type Random } from '../../bank/generator/random.ts';
import { verifyLedger } from '../../bank/schema/verify.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { serveBank, type BankProcess } from '../support/bank-process.ts';
import { restartMysql, startMysql, type TestMysql } from '../support/mysql-server.ts';
import { openBank } from '../support/test-bank.ts';
import { provideLogin } from '../support/test-ledger.ts';

export interface JepsenOptions {
  readonly seconds: number;
  readonly clients: number;
  readonly accounts: number;
  /** A kill every so often, of the API and of MySQL in turn. */
  readonly killEveryMs: number;
  readonly seed: number;
  readonly tell: (text: string) => void;
}

export interface JepsenResult {
  readonly posted: number;
  readonly refused: number;
  /** Attempts that got no answer, or 503, and were repeated. */
  readonly repeated: number;
  readonly replayed: number;
  readonly apiKills: number;
  readonly mysqlKills: number;
  readonly reads: number;
  /** Every violation found; none when the bank is right. */
  readonly violations: readonly string[];
}

const OPENING_CENTS = 50_000;
const FIRST_ACCOUNT = 70_001;
const ATTEMPTS_MAX = 2_000;

interface World {
  readonly options: JepsenOptions;
  readonly mysql: TestMysql;
  readonly api: BankProcess;
  readonly balances: number[];
  readonly counts: {
    posted: number;
    refused: number;
    repeated: number;
    replayed: number;
    apiKills: number;
    mysqlKills: number;
    reads: number;
  };
  readonly violations: string[];
  readonly stop: AbortSignal;
}

export async function runJepsen(options: JepsenOptions): Promise<JepsenResult> {
  await using mysql = await startMysql();
  const { bank, login } = await provideLogin(mysql, 'jepsen');
  await bank.run(`INSERT INTO customers (customer_id, first_name) VALUES (1001, 'Jepsen')`);
  const rows = Array.from({ length: options.accounts }, (_, index) => [FIRST_ACCOUNT + index, 1001, OPENING_CENTS / 100]);
  await bank.run('INSERT INTO accounts (account_id, customer_id, balance) VALUES ?', [rows]);
  await using api = await serveBank({
    LEDGERFLOW_MYSQL_URL: `mysql://${login.user}:${login.password}@${login.host}:${login.port}/${login.database}`,
    LEDGERFLOW_MYSQL_DATABASE: login.database,
    LEDGERFLOW_LOG_LEVEL: 'error',
  });
  const ending = new AbortController();
  const counts = { posted: 0, refused: 0, repeated: 0, replayed: 0, apiKills: 0, mysqlKills: 0, reads: 0 };
  const balances = rows.map(() => OPENING_CENTS);
  const world: World = { options, mysql, api, balances, counts, violations: [], stop: ending.signal };
  const timer = setTimeout(() => ending.abort(), options.seconds * 1_000);
  const clients = Array.from({ length: options.clients }, (_, index) => client(world, index));
  const readers = [reader(world), reader(world)];
  await killer(world); // ends with the signal and leaves both running
  await Promise.all([...clients, ...readers]);
  clearTimeout(timer);
  await checkEnd(world);
  return { ...counts, violations: world.violations };
}

async function client(world: World, index: number): Promise<void> {
  const { accounts, seed } = world.options;
  const random = createRandom(seed, index);
  for (let sent = 0; !world.stop.aborted; sent += 1) {
    const from = random.int(0, accounts - 1);
    const to = (from + random.int(1, accounts - 1)) % accounts;
    const cents = random.int(1, random.chance(0.1) ? 60_000 : 2_000);
    const reply = await untilAnswered(world, random, { from, to, cents, key: `jepsen-${seed}-${index}-${sent}` });
    if (reply === undefined) return;
    if (reply.replayed) world.counts.replayed += 1;
    if (reply.status === 201) {
      world.counts.posted += 1;
      world.balances[from]! -= cents;
      world.balances[to]! += cents;
    } else if (reply.code === 'insufficient_funds') world.counts.refused += 1;
    else world.violations.push(`transfer ${index}-${sent} was answered ${reply.status} ${reply.code}`);
  }
}

interface Transfer {
  readonly from: number;
  readonly to: number;
  readonly cents: number;
  readonly key: string;
}

/** The same request until it has a definite answer, also after the end was called: a transfer is never left in the dark. */
async function untilAnswered({ api, counts, violations }: World, random: Random, transfer: Transfer) {
  const { from, to, cents, key } = transfer;
  const body = JSON.stringify({
    from_account_id: FIRST_ACCOUNT + from,
    to_account_id: FIRST_ACCOUNT + to,
    amount: (cents / 100).toFixed(2),
  });
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    try {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key };
      const answer = await fetch(`${api.url}/v1/transfers`, { method: 'POST', headers, body, signal: AbortSignal.timeout(40_000) });
      const json = (await answer.json()) as { code?: string };
      if (answer.status !== 503) return { status: answer.status, code: json.code, replayed: answer.headers.has('idempotency-replayed') };
    } catch {
      // Killed in the middle: the outcome is unknown, and the key tells.
    }
    counts.repeated += 1;
    await sleep(random.int(20, 300));
  }
  violations.push(`transfer ${key} got no answer in ${ATTEMPTS_MAX} attempts`);
  return undefined;
}

/** Totals of cached balances and of entries, in one statement each: both must be what they were at the start. */
async function reader(world: World): Promise<void> {
  const { mysql, options, counts, violations, stop } = world;
  const whole = ((OPENING_CENTS * options.accounts) / 100).toFixed(4);
  const last = FIRST_ACCOUNT + options.accounts - 1;
  const cached = `SELECT SUM(balance) AS total FROM accounts WHERE account_id BETWEEN ${FIRST_ACCOUNT} AND ${last}`;
  const derived = `SELECT SUM(IF(posting_type = 'CREDIT', amount, -amount)) AS total FROM ledger_entries WHERE account_id BETWEEN ${FIRST_ACCOUNT} AND ${last}`;
  for (let turn = 0; !stop.aborted; turn += 1) {
    const total = await readTotal(mysql, turn % 10 === 9 ? derived : cached);
    if (total === undefined) continue;
    counts.reads += 1;
    if (total !== whole) violations.push(`a consistent read found a total of ${total}, not ${whole}`);
    await sleep(50);
  }
}

/** Undefined while MySQL is away. */
async function readTotal(mysql: TestMysql, sql: string): Promise<string | undefined> {
  let connection: Connection | undefined;
  try {
    connection = await openPlain(mysql);
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return String(rows[0]?.['total']);
  } catch {
    await sleep(100);
    return undefined;
  } finally {
    connection?.destroy();
  }
}

async function openPlain({ host, port, user, password }: TestMysql): Promise<Connection> {
  const made = await createConnection({ host, port, user, password, database: 'jepsen', decimalNumbers: false, connectTimeout: 2_000 });
  made.on('error', () => undefined);
  return made;
}

async function killer({ options, api, mysql, counts, stop }: World): Promise<void> {
  const random = createRandom(options.seed, 999_983);
  for (let turn = 0; ; turn += 1) {
    await sleep(options.killEveryMs * (0.5 + random.unit()), stop).catch(() => undefined);
    if (stop.aborted) return;
    const victim = turn % 2 === 0 ? 'api' : 'mysql';
    options.tell(`kill ${victim}: ${counts.posted} posted, ${counts.reads} reads so far`);
    if (victim === 'api') {
      await api.kill();
      counts.apiKills += 1;
      await api.start();
    } else {
      await restartMysql(mysql);
      counts.mysqlKills += 1;
    }
  }
}

async function checkEnd({ mysql, balances, counts, violations }: World): Promise<void> {
  await using bank = await openBank(mysql, 'jepsen');
  for (const breach of await verifyLedger(bank.connection)) violations.push(`${breach.rule}: ${breach.example}`);
  const rows = await bank.rows('SELECT account_id, balance FROM accounts WHERE account_id >= ? ORDER BY account_id', [FIRST_ACCOUNT]);
  for (const [index, row] of rows.entries()) {
    const wanted = (balances[index]! / 100).toFixed(4);
    if (row['balance'] !== wanted) violations.push(`account ${row['account_id']} has ${row['balance']}, the answers say ${wanted}`);
  }
  const [made] = await bank.rows(`SELECT COUNT(*) AS n FROM transactions WHERE type = 'TRANSFER'`);
  if (Number(made?.['n']) !== counts.posted) violations.push(`${made?.['n']} transfers were posted, ${counts.posted} were answered`);
}
