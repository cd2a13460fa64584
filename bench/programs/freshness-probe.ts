// The probe of the freshness benchmark: a row into MySQL every so often, and how long after its commit silver and gold show it
// through the PostgreSQL endpoint. Probes start on schedule whether or not earlier ones have arrived.

import mysql from 'mysql2/promise';
import pg from 'pg';
import type { Login } from '../support/real-stack.ts';

export interface ProbeInput {
  readonly mysql: Login;
  readonly wire: Login;
  readonly seconds: number;
  /** Probes before are not counted. */
  readonly warmUpSeconds: number;
}

export interface ProbeResult {
  readonly silverMs: number[];
  readonly goldMs: number[];
  /** Probes that never arrived. */
  readonly lost: number;
  readonly pollMs: number;
}

const SPACING_MS = 125;
const PAUSE_MS = 4;
const PATIENCE_MS = 30_000;

/** Polls one table for the probes that have not arrived in it. */
class Watcher {
  readonly latencies: number[] = [];
  readonly waiting = new Map<string, number>();
  polls = 0;
  pollMsTotal = 0;
  private readonly client: pg.Client;
  private readonly table: string;

  constructor(client: pg.Client, table: string) {
    this.client = client;
    this.table = table;
  }

  async run(done: () => boolean): Promise<void> {
    while (!done() || this.waiting.size > 0) {
      if (this.waiting.size > 0) await this.poll();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  private async poll(): Promise<void> {
    const asked = performance.now();
    const ids = [...this.waiting.keys()].join(', ');
    const { rows } = await this.client.query<{ transaction_id: string }>(
      `SELECT transaction_id FROM ${this.table} WHERE transaction_id IN (${ids})`,
    );
    const now = performance.now();
    this.polls += 1;
    this.pollMsTotal += now - asked;
    for (const { transaction_id: id } of rows) {
      this.latencies.push(now - (this.waiting.get(id) ?? now));
      this.waiting.delete(id);
    }
    for (const [id, since] of this.waiting) if (now - since > PATIENCE_MS) this.waiting.delete(id);
  }
}

async function watcher(wire: Login, table: string): Promise<{ watcher: Watcher; client: pg.Client }> {
  const client = new pg.Client({ ...wire, types: { getTypeParser: () => String } });
  await client.connect();
  return { watcher: new Watcher(client, table), client };
}

async function run(input: ProbeInput): Promise<ProbeResult> {
  const bank = await mysql.createConnection({ ...input.mysql, supportBigNumbers: true, bigNumberStrings: true });
  const [accounts] = await bank.query<mysql.RowDataPacket[]>(
    "SELECT account_id, customer_id, currency FROM accounts WHERE status = 'active' AND account_type IN ('checking', 'savings')",
  );
  const silver = await watcher(input.wire, 'silver.transactions');
  const gold = await watcher(input.wire, 'gold.fct_transactions');
  let done = false;
  const watching = [silver.watcher.run(() => done), gold.watcher.run(() => done)];
  const started = performance.now();
  let counted = 0;
  for (let turn = 0; performance.now() - started < input.seconds * 1_000; turn += 1) {
    const wait = started + turn * SPACING_MS - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const account = accounts[(turn * 104_729) % accounts.length]!;
    const [inserted] = await bank.execute<mysql.ResultSetHeader>(
      'INSERT INTO transactions (account_id, customer_id, amount, currency) VALUES (?, ?, 1.25, ?)',
      [account['account_id'], account['customer_id'], account['currency']],
    );
    const committed = performance.now();
    if (committed - started < input.warmUpSeconds * 1_000) continue;
    counted += 1;
    for (const each of [silver, gold]) each.watcher.waiting.set(String(inserted.insertId), committed);
  }
  done = true;
  await Promise.all(watching);
  await Promise.all([bank.end(), silver.client.end(), gold.client.end()]);
  const polls = silver.watcher.polls + gold.watcher.polls;
  return {
    silverMs: silver.watcher.latencies,
    goldMs: gold.watcher.latencies,
    lost: 2 * counted - silver.watcher.latencies.length - gold.watcher.latencies.length,
    pollMs: (silver.watcher.pollMsTotal + gold.watcher.pollMsTotal) / Math.max(1, polls),
  };
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}') as ProbeInput)));
