// Reads the figures of MySQL, Kafka and Connect at intervals and sets their metrics. A part that is away shows as ledgerflow_part_up 0
// and loses its figures: an old number must not look like a new one.

import type { Log } from '../../infra/runtime/log.ts';
import { messageOf } from '../../infra/runtime/errors.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { readConnect, type TaskCount } from './connect.ts';
import { readKafka, type KafkaFigures } from './kafka.ts';
import { readMysql, type LakePosition, type MysqlFigures } from './mysql.ts';

export interface ExportOptions {
  readonly mysqlUrl: string | undefined;
  readonly kafkaBrokers: string | undefined;
  readonly topicPrefix: string;
  readonly connectUrl: string | undefined;
  readonly position: () => Promise<LakePosition | null>;
  readonly intervalMs: number;
  readonly metrics: Metrics;
  readonly log: Log;
}

interface Part {
  readonly name: string;
  readonly read: () => Promise<void>;
  readonly forget: () => void;
}

/** Exports until aborted. */
export async function runExports(options: ExportOptions, signal: AbortSignal): Promise<void> {
  const parts = partsOf(options, signal);
  const away = new Set<string>();
  while (!signal.aborted) {
    await Promise.all(parts.map((part) => exportPart(part, away, options)));
    await sleep(options.intervalMs, signal).catch(() => undefined); // aborted: the loop ends
  }
}

/** One read of every part; for tests. */
export async function exportOnce(options: ExportOptions): Promise<void> {
  await Promise.all(partsOf(options).map((part) => exportPart(part, new Set(), options)));
}

async function exportPart({ name, read, forget }: Part, away: Set<string>, { metrics, log }: ExportOptions): Promise<void> {
  try {
    await read();
    metrics.partUp.set({ part: name }, 1);
    away.delete(name);
  } catch (error) {
    forget();
    metrics.partUp.set({ part: name }, 0);
    metrics.exportFailures.inc({ part: name });
    if (!away.has(name)) log.warn({ part: name, error: messageOf(error) }, 'figures of a part cannot be read');
    away.add(name);
  }
}

function partsOf(options: ExportOptions, signal?: AbortSignal): Part[] {
  const { mysqlUrl, kafkaBrokers, connectUrl, topicPrefix, metrics } = options;
  const parts: Part[] = [];
  if (mysqlUrl !== undefined)
    parts.push({
      name: 'mysql',
      read: async () => setMysql(metrics, await readMysql(mysqlUrl, await options.position())),
      forget: () => forgetMysql(metrics),
    });
  if (kafkaBrokers !== undefined)
    parts.push({
      name: 'kafka',
      read: async () => setKafka(metrics, await readKafka(kafkaBrokers, topicPrefix)),
      forget: () => forgetKafka(metrics),
    });
  if (connectUrl !== undefined)
    parts.push({
      name: 'connect',
      read: async () => setConnect(metrics, await readConnect(connectUrl, signal)),
      forget: () => metrics.connectTasks.reset(),
    });
  return parts;
}

function setMysql(metrics: Metrics, figures: MysqlFigures): void {
  forgetMysql(metrics);
  metrics.mysqlBinlogFiles.set(figures.binlogFiles);
  metrics.mysqlBinlogBytes.set(figures.binlogBytes);
  if (figures.behindBytes !== null) metrics.mysqlBinlogBehindBytes.set(figures.behindBytes);
  if (figures.behindTransactions !== null) metrics.mysqlTransactionsBehind.set(figures.behindTransactions);
  for (const [channel, seconds] of figures.replicaLag) if (seconds !== null) metrics.mysqlReplicaLagSeconds.set({ channel }, seconds);
}

function forgetMysql(metrics: Metrics): void {
  for (const gauge of [metrics.mysqlBinlogFiles, metrics.mysqlBinlogBytes, metrics.mysqlBinlogBehindBytes, metrics.mysqlTransactionsBehind])
    gauge.remove();
  metrics.mysqlReplicaLagSeconds.reset();
}

function setKafka(metrics: Metrics, { brokers, partitions, retention }: KafkaFigures): void {
  forgetKafka(metrics);
  metrics.kafkaBrokers.set(brokers);
  for (const { topic, partition, start, end } of partitions) {
    metrics.kafkaStartOffset.set({ topic, partition: String(partition) }, start);
    metrics.kafkaEndOffset.set({ topic, partition: String(partition) }, end);
  }
  for (const [topic, seconds] of retention) metrics.kafkaRetentionSeconds.set({ topic }, seconds);
}

function forgetKafka(metrics: Metrics): void {
  metrics.kafkaBrokers.remove();
  for (const gauge of [metrics.kafkaStartOffset, metrics.kafkaEndOffset, metrics.kafkaRetentionSeconds]) gauge.reset();
}

function setConnect(metrics: Metrics, counts: readonly TaskCount[]): void {
  metrics.connectTasks.reset();
  for (const { connector, state, tasks } of counts) metrics.connectTasks.set({ connector, state }, tasks);
}
