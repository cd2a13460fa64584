// Catch-up: a backlog of change events waiting in Kafka, through cut, bronze and silver with gold on, by the processor's own code;
// beside it kafkajs merely counting the same topics, and one DuckDB query per table over the same values.

import { rmSync } from 'node:fs';
import path from 'node:path';
import { createKafka } from '../../cdc/kafka/client.ts';
import { startBroker } from '../../test/support/kafka-broker.ts';
import type { CountInput, CountResult } from '../programs/catchup-count.ts';
import type { ProcessorInput, ProcessorResult } from '../programs/catchup-processor.ts';
import type { QueryInput, QueryResult } from '../programs/catchup-query.ts';
import type { BenchOptions } from '../support/options.ts';
import { runChild } from '../support/child.ts';
import { round } from '../support/stats.ts';
import { produceBacklog, type Backlog } from '../world/produce.ts';
import { SIZES } from '../world/sizes.ts';

const EVENTS = 1_000_000;
const EVENTS_QUICK = 200_000;
const QUERY_THREADS = 2;

export interface CatchupResult {
  readonly events: number;
  readonly messages: number;
  readonly eventsPerSecond: number;
  readonly messagesPerSecond: number;
  readonly processor: ProcessorResult;
  readonly kafkajsEventsPerSecond: number;
  readonly kafkajsMessagesPerSecond: number;
  readonly duckdbEventsPerSecond: number;
  readonly ofKafkajs: number;
  readonly ofDuckdb: number;
}

/** Runs the whole part; the broker and all files are gone afterwards. */
export async function catchup(options: BenchOptions): Promise<CatchupResult> {
  const events = options.events ?? (options.quick ? EVENTS_QUICK : EVENTS);
  await using broker = await startBroker();
  const home = path.join(broker.home, 'processor');
  const store = { home, brokers: broker.brokers, settings: options.settings };
  const backlog = await produceBacklog(createKafka(broker.brokers), SIZES, events);
  options.tell(
    `backlog of ${backlog.messages} messages (${round(backlog.valueBytes / 1e6)} MB of values) written in ${round(backlog.produceSeconds)} s`,
  );
  const counts: CountResult[] = [];
  const countInput: CountInput = { brokers: broker.brokers, topics: backlog.topics, messages: backlog.messages };
  counts.push(await runChild<CountResult>('catchup-count.ts', countInput));
  const preloaded = await runChild<{ seconds: number }>('catchup-preload.ts', { ...store, sizes: SIZES });
  options.tell(`store preloaded in ${round(preloaded.seconds)} s`);
  const input: ProcessorInput = { ...store, lastSeq: backlog.lastSeq };
  const processor = await runChild<ProcessorResult>('catchup-processor.ts', input, options.nodeFlags);
  options.tell(`processor took ${processor.seconds} s`);
  counts.push(await runChild<CountResult>('catchup-count.ts', countInput));
  const queryInput: QueryInput = { bronzeFolder: path.join(home, 'lake', 'data', 'bronze'), threads: QUERY_THREADS };
  const query = await runChild<QueryResult>('catchup-query.ts', queryInput);
  rmSync(home, { recursive: true, force: true });
  return resultOf(backlog, processor, { countSeconds: Math.min(...counts.map(({ seconds }) => seconds)), query });
}

function resultOf(backlog: Backlog, processor: ProcessorResult, others: { countSeconds: number; query: QueryResult }): CatchupResult {
  const { countSeconds, query } = others;
  const rate = (count: number, seconds: number): number => round(count / seconds);
  if (processor.applied !== backlog.events) throw new Error(`applied ${processor.applied} of ${backlog.events} events`);
  return {
    events: backlog.events,
    messages: backlog.messages,
    eventsPerSecond: rate(backlog.events, processor.seconds),
    messagesPerSecond: rate(backlog.messages, processor.seconds),
    processor,
    kafkajsEventsPerSecond: rate(backlog.events, countSeconds),
    kafkajsMessagesPerSecond: rate(backlog.messages, countSeconds),
    duckdbEventsPerSecond: rate(query.events, query.seconds),
    ofKafkajs: round(countSeconds / processor.seconds, 2),
    ofDuckdb: round(backlog.events / processor.seconds / (query.events / query.seconds), 3),
  };
}
