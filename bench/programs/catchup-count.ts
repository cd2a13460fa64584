// kafkajs merely counting the messages of topics, with kafkajs's own settings: what any consumer built on it takes.

import { createKafka } from '../../cdc/kafka/client.ts';

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

const MAX_WAIT_MS = 100;

async function count(input: CountInput): Promise<CountResult> {
  let [messages, bytes] = [0, 0];
  const consumer = createKafka(input.brokers).consumer({ groupId: `count-${process.pid}`, maxWaitTimeInMs: MAX_WAIT_MS });
  const started = performance.now();
  await consumer.connect();
  await consumer.subscribe({ topics: [...input.topics], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer
      .run({
        autoCommit: false,
        eachBatch: ({ batch }) => {
          for (const message of batch.messages) bytes += message.value?.length ?? 0;
          messages += batch.messages.length;
          if (messages >= input.messages) resolve();
          return Promise.resolve();
        },
      })
      .catch(reject);
  });
  const seconds = (performance.now() - started) / 1_000;
  await consumer.disconnect();
  return { seconds, messages, bytes };
}

console.log(JSON.stringify(await count(JSON.parse(process.argv[2] ?? '{}') as CountInput)));
