// A second set of topics: the JSON that a real Debezium wrote, once more in Avro.

import type { Kafka, KafkaMessage } from 'kafkajs';
import { schemaHistoryTopic, transactionTopic } from '../../cdc/connector/topic-names.ts';
import { createKafka } from '../../cdc/kafka/client.ts';
import { AvroConverter } from './avro-converter.ts';
import { readTopic } from './read-topic.ts';

type Given = Pick<KafkaMessage, 'key' | 'value' | 'timestamp'>;

export interface MirrorOptions {
  readonly brokers: string;
  readonly registryUrl: string;
  /** Prefix of the topics that are read, and of those that are written. */
  readonly from: string;
  readonly to: string;
}

/** What Debezium has written under one prefix, once more in Avro under another. */
export class AvroMirror {
  private readonly options: MirrorOptions;
  private readonly kafka: Kafka;
  private readonly converter: AvroConverter;
  private added = 0;

  constructor(options: MirrorOptions) {
    this.options = options;
    this.kafka = createKafka(options.brokers);
    this.converter = new AvroConverter(options.registryUrl, options.to);
  }

  /** All topics but Debezium's own history. */
  async copyAll(): Promise<void> {
    const { from } = this.options;
    const admin = this.kafka.admin();
    await admin.connect();
    const names = (await admin.listTopics()).filter((name) => name === from || name.startsWith(`${from}.`));
    const read = names.filter((name) => name !== schemaHistoryTopic(from));
    await admin.createTopics({ topics: read.map((name) => ({ topic: this.renamed(name), numPartitions: 1 })) });
    await admin.disconnect();
    for (const { value } of await readTopic(this.kafka, from)) if (value !== null) this.converter.learn(value);
    for (const name of read) await this.write(name, await readTopic(this.kafka, name));
  }

  /** Behind the copy, the END of one more transaction that changed nothing captured: Connect cannot have promised anything of it. */
  async emptyTransaction(): Promise<void> {
    const { from } = this.options;
    const topic = transactionTopic(from);
    const ends = (await readTopic(this.kafka, topic)).filter(({ value }) => value?.includes('"END"'));
    const end = JSON.parse(ends.at(-1)?.value?.toString() ?? '') as { id: string };
    this.added += 1;
    const id = end.id.replace(/\d+$/, (number) => String(Number(number) + this.added));
    const value = Buffer.from(JSON.stringify({ ...end, id, event_count: 0, data_collections: [] }));
    await this.write(topic, [{ key: Buffer.from(JSON.stringify({ id })), value, timestamp: String(Date.now()) }]);
  }

  private async write(topic: string, given: readonly Given[]): Promise<void> {
    const messages = [];
    for (const { key, value, timestamp } of given)
      messages.push({ ...(await this.converter.convert({ topic: this.renamed(topic), key, value })), timestamp });
    if (messages.length === 0) return;
    const producer = this.kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    await producer.send({ topic: this.renamed(topic), messages });
    await producer.disconnect();
  }

  private renamed(name: string): string {
    const { from, to } = this.options;
    return to + name.slice(from.length);
  }
}
