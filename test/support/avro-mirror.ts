// A second set of topics: the JSON that a real Debezium wrote, once more in Avro.

import type { Kafka } from 'kafkajs';
import { schemaHistoryTopic } from '../../cdc/connector/topic-names.ts';
import { createKafka } from '../../cdc/kafka/client.ts';
import { AvroConverter } from './avro-converter.ts';
import { readTopic } from './read-topic.ts';

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
  /** Messages copied, by topic. */
  private readonly copied = new Map<string, number>();

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
    await this.copy(read);
  }

  /** What has come to these topics since. */
  async copy(names: readonly string[]): Promise<void> {
    const producer = this.kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    for (const name of names) {
      const there = await readTopic(this.kafka, name);
      const messages = [];
      for (const message of there.slice(this.copied.get(name) ?? 0)) {
        messages.push({ ...(await this.converter.convert({ topic: this.renamed(name), ...message })), timestamp: message.timestamp });
      }
      this.copied.set(name, there.length);
      if (messages.length > 0) await producer.send({ topic: this.renamed(name), messages });
    }
    await producer.disconnect();
  }

  private renamed(name: string): string {
    const { from, to } = this.options;
    return to + name.slice(from.length);
  }
}
