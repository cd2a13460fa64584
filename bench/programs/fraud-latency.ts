// From MySQL's answer to the alert on its topic: deposits just under a reporting limit into one account, each of which is an alert from the
// third on, at a steady pace, seen by an ordinary consumer.

import mysql from 'mysql2/promise';
import { createKafka } from '../../cdc/kafka/client.ts';
import { ALERT_TOPIC } from '../../cdc/connector/topic-names.ts';
import type { Login } from '../../infra/native/run-file.ts';

export interface LatencyInput {
  readonly mysql: Login;
  readonly brokers: string;
  readonly seconds: number;
  /** Probes before are not counted. */
  readonly warmUpSeconds: number;
}

export interface LatencyResult {
  readonly latenciesMs: number[];
  readonly probes: number;
  /** Probes whose alert never came. */
  readonly lost: number;
}

const SPACING_MS = 250;
const PATIENCE_MS = 30_000;
const WITHOUT_ALERT = 2;
const now = (): number => performance.timeOrigin + performance.now();

async function run(input: LatencyInput): Promise<LatencyResult> {
  const consumer = createKafka(input.brokers, { clientId: 'bench-alerts' }).consumer({
    groupId: `bench-${process.pid}`,
    maxWaitTimeInMs: 20,
  });
  const seen = new Map<string, number>();
  await consumer.connect();
  await consumer.subscribe({ topic: ALERT_TOPIC, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const { transaction_id: id } = JSON.parse(String(message.value)) as { transaction_id: string };
      if (!seen.has(id)) seen.set(id, now());
      return Promise.resolve();
    },
  });
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
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until && counted.some(({ id }) => !seen.has(id))) await new Promise((resolve) => setTimeout(resolve, 50));
  await Promise.all([bank.end(), consumer.disconnect()]);
  const latenciesMs = counted.flatMap(({ id, answered }) => (seen.has(id) ? [(seen.get(id) ?? 0) - answered] : []));
  return { latenciesMs, probes: counted.length, lost: counted.length - latenciesMs.length };
}

console.log(JSON.stringify(await run(JSON.parse(process.argv[2] ?? '{}') as LatencyInput)));
