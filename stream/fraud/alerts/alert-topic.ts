// Produces every alert to the topic of alerts, after the commit that found it: at least once, each known by its id. What was produced last is
// kept in the store, so a process that is killed between the two sends again what it may have sent. Never in ingestion's way.

import type { DuckDBConnection } from '@duckdb/node-api';
import kafkajs, { type Kafka, type Producer } from 'kafkajs';
import type { Logger } from 'pino';
import { TopicEncoder } from '../../../cdc/codec/encode.ts';
import { ALERT_TOPIC } from '../../../cdc/connector/topic-names.ts';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import type { Wakeup } from '../../processor/wakeup.ts';
import { ALERT_FIELDS, ALERTS, alertEvent, type AlertTexts } from './alert-event.ts';

const { CompressionTypes } = kafkajs; // a CommonJS module without named exports

export interface AlertTopicParts {
  readonly kafka: Pick<Kafka, 'producer'>;
  /** Schema registry: the records are Avro; without one they are JSON. */
  readonly registryUrl: string | undefined;
  /** A connection of its own. */
  readonly connection: DuckDBConnection;
  /** Woken when there are new alerts. */
  readonly wakeup: Wakeup;
  readonly onProduced: (alerts: number) => void;
  readonly log: Logger;
  /** Between two tries; default 5 s. */
  readonly retryMs?: number;
}

const ALERTS_PER_SEND_MAX = 500;
const WAIT_MAX_MS = 5_000;
const RETRY_INTERVAL_MS = 5_000;

interface ReadAlert {
  readonly seq: number;
  readonly texts: AlertTexts;
}

/** Produces until aborted; a broker or registry that is away is tried again, and what is alerted meanwhile waits in the store. */
export async function runAlertTopic(parts: AlertTopicParts, signal: AbortSignal): Promise<void> {
  const { connection, wakeup, log } = parts;
  const producer = parts.kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 2 } });
  const encoder = new TopicEncoder(ALERTS, parts.registryUrl);
  signal.addEventListener('abort', () => wakeup.wake(), { once: true });
  let [connected, failing] = [false, false];
  while (!signal.aborted) {
    try {
      const alerts = await nextAlerts(connection);
      if (alerts.length > 0) {
        if (!connected) await producer.connect();
        connected = true;
        await send(producer, encoder, alerts);
        await moveTo(connection, alerts.at(-1)?.seq ?? 0);
        parts.onProduced(alerts.length);
      }
      if (failing) log.info({ topic: ALERT_TOPIC }, 'alerts are produced again');
      failing = false;
      if (alerts.length === 0) await wakeup.wait(WAIT_MAX_MS);
    } catch (error) {
      const code = error instanceof LedgerflowError ? error.code : undefined;
      if (!failing) log.warn({ topic: ALERT_TOPIC, code, error: messageOf(error) }, 'alerts cannot be produced, trying again');
      failing = true;
      await wakeup.wait(parts.retryMs ?? RETRY_INTERVAL_MS);
    }
  }
  if (connected) await producer.disconnect().catch(() => undefined); // the broker may be gone already
}

async function nextAlerts(connection: DuckDBConnection): Promise<ReadAlert[]> {
  const names = Object.keys(ALERT_FIELDS) as (keyof AlertTexts)[];
  const reader = await connection.runAndReadAll(
    `SELECT alert_seq, ${Object.values(ALERT_FIELDS).join(', ')} FROM gold.fraud_alerts
     WHERE alert_seq > (SELECT coalesce(max(alert_seq), 0) FROM ops.fraud_produced) ORDER BY alert_seq LIMIT ${ALERTS_PER_SEND_MAX}`,
  );
  return reader.getRows().map(([seq, ...cells]) => ({
    seq: Number(seq),
    texts: Object.fromEntries(names.map((name, index) => [name, (cells[index] ?? null) as string | null])) as AlertTexts,
  }));
}

async function send(producer: Producer, encoder: TopicEncoder, alerts: readonly ReadAlert[]): Promise<void> {
  const messages = [];
  for (const { texts } of alerts)
    messages.push({
      key: texts.alert_id,
      value: await encoder.encode(alertEvent(texts)),
      headers: { event: 'alert_created', rule: texts.rule_id ?? '' },
    });
  await producer.send({ topic: ALERT_TOPIC, acks: -1, compression: CompressionTypes.LZ4, messages });
}

async function moveTo(connection: DuckDBConnection, seq: number): Promise<void> {
  await connection.run(`BEGIN; DELETE FROM ops.fraud_produced; INSERT INTO ops.fraud_produced VALUES (${seq}); COMMIT`);
}
