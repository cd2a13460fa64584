// kafkajs merely counting the messages of topics, with the processor's consumer settings: the ceiling of anything built on it.

import type { KafkaMessage } from 'kafkajs';
import { pino } from 'pino';
import { createKafka } from '../../cdc/kafka/client.ts';
import { KafkaSource } from '../../stream/processor/source.ts';

export interface CountInput {
  readonly brokers: string;
  readonly topics: readonly string[];
  readonly messages: number;
}

export interface CountResult {
  readonly seconds: number;
  readonly messages: number;
  readonly bytes: number;
}

async function count(input: CountInput): Promise<CountResult> {
  let [messages, bytes] = [0, 0];
  let finish: (error?: unknown) => void = () => undefined;
  const finished = new Promise<void>(
    (resolve, reject) =>
      (finish = (error) =>
        error === undefined ? resolve() : reject(error instanceof Error ? error : new Error('the consumer failed', { cause: error }))),
  );
  const sink = {
    messages: (_topic: string, _partition: number, batch: readonly KafkaMessage[]) => {
      for (const message of batch) bytes += message.value?.length ?? 0;
      messages += batch.length;
      if (messages >= input.messages) finish();
    },
    position: () => 0n,
    failed: (error: unknown) => finish(error),
  };
  await using source = new KafkaSource({ kafka: createKafka(input.brokers), sink, log: pino({ level: 'warn' }, pino.destination(2)) });
  const started = performance.now();
  await source.connect();
  await source.subscribe(input.topics);
  await finished;
  return { seconds: (performance.now() - started) / 1_000, messages, bytes };
}

console.log(JSON.stringify(await count(JSON.parse(process.argv[2] ?? '{}') as CountInput)));
