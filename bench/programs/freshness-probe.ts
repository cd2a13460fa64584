// The probe of the freshness benchmark: a row into MySQL every so often, and how long after its commit silver and gold contain it,
// asked through the PostgreSQL endpoint. Probes start on schedule whether or not earlier ones have arrived. What is polled is one
// row, the positions of silver and gold: a poll of the tables themselves would take a fifth of the machine that is measured. That a
// table shows the row at its position is looked up once per probe, after the clock has stopped.

import mysql from 'mysql2/promise';
import pg from 'pg';
import type { Login } from '../../infra/native/run-file.ts';

export interface ProbeInput {
  readonly mysql: Login;
  readonly wire: Login;
  readonly seconds: number;
  /** Probes before are not counted. */
  readonly warmUpSeconds: number;
}

/** Times of one row on its way, milliseconds since 1970. */
export interface ProbeTimes {
  /** MySQL's answer to the commit has arrived. */
  readonly answered: number;
  /** Debezium has made the change event. */
  readonly captured: number;
  /** The producer has given the record to Kafka's client. */
  readonly produced: number;
  /** The working store's transaction has begun. */
  readonly begun: number;
  readonly silver: number;
  readonly gold: number;
}

export interface ProbeResult {
  readonly probes: ProbeTimes[];
  /** Probes that never arrived, or were not in a table whose position contains them. */
  readonly lost: number;
  readonly pollMs: number;
}

interface Waiting {
  readonly id: string;
  readonly seq: number;
  readonly answered: number;
  silver: number | null;
}

const SPACING_MS = 100;
const POLL_MS = 1;
const PATIENCE_MS = 30_000;
const POSITIONS = 'SELECT s.gtid AS silver, g.gtid AS gold FROM ops.state AS s, ops.gold_state AS g';
/** Prepared once: a new text each time would take a tenth of a core of the processor that is measured. */
const ROW =
  'SELECT (SELECT count(*) FROM silver.transactions WHERE transaction_id = $1::BIGINT) + (SELECT count(*) FROM gold.fct_transactions WHERE transaction_id = $1::BIGINT) AS n';
const now = (): number => performance.timeOrigin + performance.now();
const seqOf = (gtid: string | null): number => Number(gtid?.split(':').at(-1)?.split('-').at(-1) ?? -1);

/** Polls the positions while probes are on their way. */
class Watcher {
  readonly waiting = new Set<Waiting>();
  readonly arrived: (Waiting & { silver: number; gold: number })[] = [];
  lost = 0;
  polls = 0;
  pollMsTotal = 0;
  private readonly client: pg.Client;
  private readonly lookup: pg.Client;
  private lookups: Promise<void> = Promise.resolve();

  constructor(client: pg.Client, lookup: pg.Client) {
    this.client = client;
    this.lookup = lookup;
  }

  async run(done: () => boolean): Promise<void> {
    while (!done() || this.waiting.size > 0) {
      if (this.waiting.size > 0) await this.poll();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    await this.lookups;
  }

  private async poll(): Promise<void> {
    const asked = now();
    const { rows } = await this.client.query<{ silver: string; gold: string }>({ name: 'positions', text: POSITIONS });
    const at = now();
    this.polls += 1;
    this.pollMsTotal += at - asked;
    const [silver, gold] = [seqOf(rows[0]?.silver ?? null), seqOf(rows[0]?.gold ?? null)];
    for (const probe of this.waiting) {
      if (probe.silver === null && silver >= probe.seq) probe.silver = at;
      if (probe.silver !== null && gold >= probe.seq) {
        this.waiting.delete(probe);
        this.arrived.push({ ...probe, silver: probe.silver, gold: at });
        this.lookups = this.lookups.then(() => this.lookUp(probe));
      } else if (at - probe.answered > PATIENCE_MS) {
        this.waiting.delete(probe);
        this.lost += 1;
      }
    }
  }

  private async lookUp(probe: Waiting): Promise<void> {
    const { rows } = await this.lookup.query<{ n: string }>({ name: 'row', text: ROW, values: [probe.id] });
    if (Number(rows[0]?.n) !== 2) this.lost += 1;
  }
}

async function connect(wire: Login): Promise<pg.Client> {
  const client = new pg.Client({ ...wire, types: { getTypeParser: () => String } });
  await client.connect();
  return client;
}

/** What bronze and the store know of the probes' way. */
async function stamps(
  client: pg.Client,
  seqs: readonly number[],
): Promise<Map<number, { captured: number; produced: number; begun: number }>> {
  const found = new Map<number, { captured: number; produced: number; begun: number }>();
  for (let from = 0; from < seqs.length; from += 100) {
    const { rows } = await client.query<Record<'seq' | 'captured' | 'produced' | 'begun', string>>(
      `SELECT b.seq, (decode(b.value)::JSON ->> 'ts_us')::BIGINT / 1000.0 AS captured, epoch_ms(b.kafka_ts) AS produced, epoch_us(c.committed_at) / 1000.0 AS begun
FROM bronze.changes AS b JOIN ops.commits AS c ON c.commit_id = b.commit_id
WHERE b.topic LIKE '%.transactions' AND b.disposition = 'applied' AND b.seq IN (${seqs.slice(from, from + 100).join(', ')})`,
    );
    for (const row of rows)
      found.set(Number(row.seq), { captured: Number(row.captured), produced: Number(row.produced), begun: Number(row.begun) });
  }
  return found;
}

async function run(input: ProbeInput): Promise<ProbeResult> {
  const bank = await mysql.createConnection({ ...input.mysql, supportBigNumbers: true, bigNumberStrings: true });
  await bank.query('SET SESSION session_track_gtids = OWN_GTID');
  const [accounts] = await bank.query<mysql.RowDataPacket[]>(
    "SELECT account_id, customer_id, currency FROM accounts WHERE status = 'active' AND account_type IN ('checking', 'savings')",
  );
  const [client, lookup] = [await connect(input.wire), await connect(input.wire)];
  const watcher = new Watcher(client, lookup);
  let done = false;
  const watching = watcher.run(() => done);
  const started = performance.now();
  for (let turn = 0; performance.now() - started < input.seconds * 1_000; turn += 1) {
    const wait = started + turn * SPACING_MS - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const account = accounts[(turn * 104_729) % accounts.length]!;
    const [inserted] = await bank.execute<mysql.ResultSetHeader & { stateChanges?: { gtids?: string[] } }>(
      'INSERT INTO transactions (account_id, customer_id, amount, currency) VALUES (?, ?, 1.25, ?)',
      [account['account_id'], account['customer_id'], account['currency']],
    );
    const answered = now();
    if (performance.now() - started < input.warmUpSeconds * 1_000) continue;
    const seq = seqOf(inserted.stateChanges?.gtids?.[0] ?? null);
    if (!(seq > 0)) throw new Error('MySQL does not tell the GTID of a commit');
    watcher.waiting.add({ id: String(inserted.insertId), seq, answered, silver: null });
  }
  done = true;
  await watching;
  const known = await stamps(
    client,
    watcher.arrived.map(({ seq }) => seq),
  );
  await Promise.all([bank.end(), client.end(), lookup.end()]);
  const probes = watcher.arrived.flatMap(({ seq, answered, silver, gold }): ProbeTimes[] => {
    const times = known.get(seq);
    return times === undefined ? [] : [{ answered, ...times, silver, gold }];
  });
  return {
    probes,
    lost: watcher.lost + watcher.arrived.length - probes.length,
    pollMs: watcher.pollMsTotal / Math.max(1, watcher.polls),
  };
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}') as ProbeInput)));
