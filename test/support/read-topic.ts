// All messages that a topic of one partition has now.

import type { Kafka, KafkaMessage } from 'kafkajs';

const DEADLINE_MS = 60_000;

/** @throws Error when the end is not reached in a minute */
export async function readTopic(kafka: Kafka, topic: string): Promise<KafkaMessage[]> {
  const admin = kafka.admin();
  await admin.connect();
  const [bounds] = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect());
  const found: KafkaMessage[] = [];
  if (bounds === undefined || bounds.high === bounds.low) return found;
  const consumer = kafka.consumer({ groupId: `test-${process.pid}-${Date.now()}-${Math.random()}`, maxWaitTimeInMs: 100 });
  let late: NodeJS.Timeout | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      late = setTimeout(() => reject(new Error(`${topic} was not read to ${bounds.high} in ${DEADLINE_MS} ms`)), DEADLINE_MS);
      const eachMessage = ({ message }: { message: KafkaMessage }): Promise<void> => {
        if (BigInt(message.offset) < BigInt(bounds.high)) found.push(message);
        if (BigInt(message.offset) + 1n >= BigInt(bounds.high)) resolve();
        return Promise.resolve();
      };
      consumer.run({ autoCommit: false, eachMessage }).catch(reject);
    });
    return found;
  } finally {
    clearTimeout(late);
    await consumer.disconnect();
  }
}
