// Side by side in one run, on the same topics and machine: the processor (bronze, silver, gold, whole transactions) and
// Spark Structured Streaming with Delta MERGE (bronze, silver). One after the other, so that each has the machine to itself.

import { mkdirSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { createKafka } from '../../cdc/kafka/client.ts';
import { startBroker } from '../../test/support/kafka-broker.ts';
import { obtainSpark, runSpark, type SparkResult, type SparkTable } from '../peers/spark.ts';
import type { ProcessorInput, ProcessorResult } from '../programs/catchup-processor.ts';
import { runChild } from '../support/child.ts';
import type { BenchOptions } from '../support/options.ts';
import { round } from '../support/stats.ts';
import { produceBacklog, topicOf } from '../world/produce.ts';
import { FIRST_ACCOUNT, FIRST_CUSTOMER, FIRST_MERCHANT, FIRST_TRANSACTION, SIZES } from '../world/sizes.ts';
import { BENCH_TABLES, benchSchema, type BenchTable } from '../world/tables.ts';

const EVENTS = 1_000_000;
const EVENTS_QUICK = 200_000;
/** One JVM for driver and executor; with the broker and what Node needs it stays well inside 24 GB. */
const SPARK_MEMORY = '6g';
const SPARK_BATCH_MESSAGES = 100_000;
const SHUFFLE_PARTITIONS = 4;

export interface PeersResult {
  readonly events: number;
  readonly ledgerflowEventsPerSecond: number;
  readonly sparkEventsPerSecond: number;
  readonly sparkWarmEventsPerSecond: number;
  readonly ratio: number;
  readonly ratioToWarm: number;
  readonly ledgerflowSeconds: number;
  readonly sparkSeconds: number;
  readonly sparkBatches: number;
}

/** The figures of both, or why there is no Spark on this machine. */
export async function peers(options: BenchOptions): Promise<PeersResult | { readonly skipped: string }> {
  const spark = await obtainSpark(options.tell);
  if (typeof spark === 'string') {
    options.tell(`SKIPPED: ${spark}`);
    return { skipped: spark };
  }
  const events = options.events ?? (options.quick ? EVENTS_QUICK : EVENTS);
  await using broker = await startBroker();
  const home = path.join(broker.home, 'processor');
  const out = path.join(broker.home, 'spark');
  mkdirSync(out);
  const store = { home, brokers: broker.brokers, settings: options.settings };
  const backlog = await produceBacklog(createKafka(broker.brokers), SIZES, events);
  options.tell(`backlog of ${backlog.messages} messages written in ${round(backlog.produceSeconds)} s`);
  await runChild<{ seconds: number }>('catchup-preload.ts', { ...store, sizes: SIZES });
  const input: ProcessorInput = { ...store, lastSeq: backlog.lastSeq };
  const ours = await runChild<ProcessorResult>('catchup-processor.ts', input, options.nodeFlags);
  options.tell(`LedgerFlow took ${ours.seconds} s`);
  rmSync(home, { recursive: true, force: true });
  const theirs = await runSpark(spark, {
    ...{ brokers: broker.brokers, out, cores: cpus().length, memory: SPARK_MEMORY },
    ...{ shufflePartitions: SHUFFLE_PARTITIONS, messagesPerBatch: SPARK_BATCH_MESSAGES, tables: BENCH_TABLES.map(sparkTable) },
  });
  options.tell(
    `Spark took ${round(theirs.seconds, 1)} s in ${theirs.batches} batches, after a preload of ${round(theirs.preloadSeconds)} s`,
  );
  return resultOf(backlog.events, ours, theirs);
}

function resultOf(events: number, ours: ProcessorResult, theirs: SparkResult): PeersResult {
  if (ours.applied !== events || theirs.events !== events)
    throw new Error(`applied ${ours.applied} and ${theirs.events} of ${events} events`);
  const rate = events / ours.seconds;
  const sparkRate = events / theirs.seconds;
  return {
    events,
    ledgerflowEventsPerSecond: round(rate),
    sparkEventsPerSecond: round(sparkRate),
    sparkWarmEventsPerSecond: round(theirs.warmEventsPerSecond),
    ratio: round(rate / sparkRate, 1),
    ratioToWarm: round(rate / theirs.warmEventsPerSecond, 1),
    ledgerflowSeconds: ours.seconds,
    sparkSeconds: round(theirs.seconds, 1),
    sparkBatches: theirs.batches,
  };
}

const FIRST: Readonly<Record<BenchTable, { first: number; rows: number }>> = {
  customers: { first: FIRST_CUSTOMER, rows: SIZES.customers },
  merchants: { first: FIRST_MERCHANT, rows: SIZES.merchants },
  accounts: { first: FIRST_ACCOUNT, rows: SIZES.accounts },
  transactions: { first: FIRST_TRANSACTION, rows: SIZES.transactions },
  ledger_entries: { first: 1, rows: SIZES.ledgerEntries },
};

function sparkTable(table: BenchTable): SparkTable {
  const schema = benchSchema(table);
  return {
    name: table,
    topic: topicOf(table),
    key: schema.keyColumns[0] ?? '',
    columns: schema.columns.map(({ name, typeName }) => ({ name, whole: /INT|DATETIME/.test(typeName), decimal: typeName === 'DECIMAL' })),
    ...FIRST[table],
  };
}
