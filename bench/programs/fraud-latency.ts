// From MySQL's answer to the alert: deposits just under a reporting limit into one account, each of which is an alert from the third on, at a
// steady pace, seen in gold's table by a client that polls it and on the topic by an ordinary consumer.

import mysql from 'mysql2/promise';
import pg from 'pg';
import { createKafka } from '../../cdc/kafka/client.ts';
import { ALERT_TOPIC } from '../../cdc/connector/topic-names.ts';
import type { Login } from '../../infra/native/run-file.ts';

export interface LatencyInput {
  readonly mysql: Login;
  readonly wire: Login;
  readonly brokers: string;
  readonly seconds: number;
  /** Probes before are not counted. */
  readonly warmUpSeconds: number;
}

export interface LatencyResult {
  /** Until the row is in gold.fraud_alerts. */
  readonly goldMs: number[];
  /** Until the message is on the topic. */
  readonly topicMs: number[];
  readonly probes: number;
  /** Probes whose alert did not come to both. */
  readonly lost: number;
  /** Runs of the job meanwhile, and their median. */
  readonly runs: number;
  readonly runMs: number;
}

const SPACING_MS = 250;
const PATIENCE_MS = 30_000;
const POLL_MS = 5;
/** Prepared once: a new text each time would be planned each time, in the process that is measured. */
const ALERTS = { name: 'alerts', text: 'SELECT alert_seq, transaction_id FROM gold.fraud_alerts WHERE alert_seq > $1::BIGINT' };
const runsSql = (since: string): string =>
  `SELECT count(*) AS runs, coalesce(median(duration_ms), 0)::DOUBLE AS ms FROM ops.job_runs WHERE job = 'fraud' AND started_at > TIMESTAMP '${since}'`;
const WITHOUT_ALERT = 2;
const now = (): number => performance.timeOrigin + performance.now();

type Seen = Map<string, number>;

/** Asks gold for new alerts until it is stopped. */
async function watchGold(client: pg.Client, seen: Seen, stopped: () => boolean): Promise<void> {
  let last = '0';
  while (!stopped()) {
    const { rows } = await client.query<{ alert_seq: string; transaction_id: string }>({ ...ALERTS, values: [last] });
    for (const { alert_seq: seq, transaction_id: id } of rows) {
      if (!seen.has(id)) seen.set(id, now());
      if (BigInt(seq) > BigInt(last)) last = seq;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function run(input: LatencyInput): Promise<LatencyResult> {
  const consumer = createKafka(input.brokers, { clientId: 'bench-alerts' }).consumer({
    groupId: `bench-${process.pid}`,
    maxWaitTimeInMs: 20,
  });
  const [seen, inGold] = [new Map<string, number>(), new Map<string, number>()];
  await consumer.connect();
  await consumer.subscribe({ topic: ALERT_TOPIC, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const { transaction_id: id } = JSON.parse(String(message.value)) as { transaction_id: string };
      if (!seen.has(id)) seen.set(id, now());
      return Promise.resolve();
    },
  });
  const wire = new pg.Client(input.wire);
  await wire.connect();
  let ended = false;
  const watching = watchGold(wire, inGold, () => ended);
  const begun = new Date().toISOString().replace('Z', '');
  const bank = await mysql.createConnection({ ...input.mysql, supportBigNumbers: true, bigNumberStrings: true });
  const [accounts] = await bank.query<mysql.RowDataPacket[]>(
    "SELECT account_id, customer_id, currency FROM accounts WHERE status = 'active' AND account_type IN ('checking', 'savings') AND currency = 'USD' LIMIT 1",
  );
  const probes: { id: string; answered: number; counts: boolean }[] = [];
  const started = performance.now();
  for (let turn = 0; performance.now() - started < input.seconds * 1_000; turn += 1) {
    const wait = started + turn * SPACING_MS - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const [inserted] = await bank.execute<mysql.ResultSetHeader>(
      'INSERT INTO transactions (account_id, customer_id, amount, currency) VALUES (?, ?, 9100, ?)',
      [accounts[0]!['account_id'], accounts[0]!['customer_id'], accounts[0]!['currency']],
    );
    const counts = turn >= WITHOUT_ALERT && performance.now() - started >= input.warmUpSeconds * 1_000;
    probes.push({ id: String(inserted.insertId), answered: now(), counts });
  }
  const counted = probes.filter(({ counts }) => counts);
  const isSeen = ({ id }: { id: string }): boolean => seen.has(id) && inGold.has(id);
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until && !counted.every(isSeen)) await new Promise((resolve) => setTimeout(resolve, 50));
  ended = true;
  await watching;
  const [job] = (await wire.query<{ runs: string; ms: number }>(runsSql(begun))).rows;
  await Promise.all([bank.end(), consumer.disconnect(), wire.end()]);
  const latencies = (of: Seen): number[] => counted.flatMap(({ id, answered }) => (of.has(id) ? [(of.get(id) ?? 0) - answered] : []));
  return {
    ...{
      goldMs: latencies(inGold),
      topicMs: latencies(seen),
      probes: counted.length,
      lost: counted.filter((probe) => !isSeen(probe)).length,
    },
    ...{ runs: Number(job?.runs), runMs: Number(job?.ms) },
  };
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}') as LatencyInput)));
