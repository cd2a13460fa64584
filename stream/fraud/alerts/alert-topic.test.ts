// Alerts on their topic: keyed by id, in the order they were found, again after a stop between sending and noting it, never lost.

import type { Kafka, Message } from 'kafkajs';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { Wakeup } from '../../processor/wakeup.ts';
import { FraudStand } from '../live/job-testkit.ts';
import { times } from '../testkit.ts';
import { runAlertTopic } from './alert-topic.ts';

interface Sent {
  readonly keys: string[];
  readonly values: Record<string, unknown>[];
}

/** Runs the producer until `until` alerts were sent. @param breaks sends that fail after the broker has taken them */
async function produce(stand: FraudStand, until: number, breaks = 0): Promise<Sent> {
  const sent: Sent = { keys: [], values: [] };
  let [left, produced] = [breaks, 0];
  const producer = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    send: ({ messages }: { messages: Message[] }) => {
      sent.keys.push(...messages.map(({ key }) => String(key)));
      sent.values.push(...messages.map(({ value }) => JSON.parse(String(value)) as Record<string, unknown>));
      left -= 1;
      return left >= 0 ? Promise.reject(new Error('the answer was lost')) : Promise.resolve([]);
    },
  };
  const connection = await stand.store.instance.connect();
  const stop = new AbortController();
  const running = runAlertTopic(
    {
      kafka: { producer: () => producer } as unknown as Pick<Kafka, 'producer'>,
      ...{ registryUrl: undefined, connection, wakeup: new Wakeup(), log: pino({ level: 'silent' }), retryMs: 10 },
      onProduced: (alerts) => (produced += alerts),
    },
    stop.signal,
  );
  await expect.poll(() => produced, { timeout: 20_000 }).toBe(until);
  stop.abort();
  await running;
  connection.closeSync();
  return sent;
}

it('produces every alert at least once and goes on from what was produced last', async () => {
  await using stand = await FraudStand.open();
  await stand.play(times(6, (n) => ({ id: `${n + 1}`, minute: n, amount: 1 })));
  const ids = (await stand.rows('SELECT alert_id FROM gold.fraud_alerts ORDER BY alert_seq')).flat();
  expect(ids).toHaveLength(2);
  const first = await produce(stand, 2, 1);
  expect(first.keys).toEqual([...ids, ...ids]);
  expect(first.values[0]).toMatchObject({
    ...{ event: 'alert_created', rule_id: 'card_testing', rule_version: 1, severity: 'high', decision: 'decline', transaction_id: '5' },
    ...{ entity_type: 'customer', entity_id: '1', customer_id: '1', amount: '1.00000000', mode: 'active' },
    event_ts: '2026-06-01T12:04:00.000000Z',
  });
  await stand.play([{ id: '7', minute: 7, amount: 1 }]);
  const [newest] = (await stand.rows('SELECT alert_id FROM gold.fraud_alerts ORDER BY alert_seq DESC LIMIT 1')).flat();
  expect((await produce(stand, 1)).keys).toEqual([newest]);
  expect(await stand.rows('SELECT alert_seq = (SELECT max(alert_seq) FROM gold.fraud_alerts) FROM ops.fraud_produced')).toEqual([[true]]);
});
