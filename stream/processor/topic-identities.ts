// Which topics the store has read, by the id that Kafka gave them: one that was made anew under its old name is another topic.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { TopicIdentity } from '../../cdc/kafka/topic-identity.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import type { TopicCatalog } from './topic-catalog.ts';

export interface TopicIdentitiesParts {
  readonly connection: DuckDBConnection;
  readonly catalog: Pick<TopicCatalog, 'all' | 'get'>;
  readonly ask: () => Promise<ReadonlyMap<string, TopicIdentity>>;
  /** A topic that may be gone: its table was dropped. */
  readonly mayBeGone: (table: string) => boolean;
}

interface Known {
  readonly id: string;
  /** Partitions when the topic was first read; those added later are beyond. */
  readonly partitions: number;
}

/** A broker that has just started may not list everything yet. */
const MISSING_CHECKS_MAX = 3;

export class TopicIdentities {
  private readonly parts: TopicIdentitiesParts;
  private readonly known: Map<number, Known>;
  private present: ReadonlyMap<string, TopicIdentity> = new Map();
  private readonly missing = new Map<string, number>();

  private constructor(parts: TopicIdentitiesParts, known: Map<number, Known>) {
    this.parts = parts;
    this.known = known;
  }

  static async open(parts: TopicIdentitiesParts): Promise<TopicIdentities> {
    const reader = await parts.connection.runAndReadAll('SELECT topic_id, kafka_id, partitions FROM ops.topic_identities');
    const known = reader
      .getRows()
      .map(([topicId, id, partitions]): [number, Known] => [Number(topicId), { id: id as string, partitions: Number(partitions) }]);
    return new TopicIdentities(parts, new Map(known));
  }

  /**
   * Notes topics seen for the first time.
   * @throws LedgerflowError LF_TOPIC_RECREATED, LF_TOPIC_MISSING
   */
  async check(): Promise<void> {
    const present = await this.parts.ask();
    this.present = present;
    for (const { topicId, topic, table } of this.parts.catalog.all()) {
      const now = present.get(topic);
      const before = this.known.get(topicId);
      if (now === undefined) {
        if (before !== undefined && !(table !== null && this.parts.mayBeGone(table))) this.countMissing(topic);
        continue;
      }
      this.missing.delete(topic);
      if (before === undefined) await this.note(topicId, now);
      else if (before.id !== now.id)
        throw new LedgerflowError('LF_TOPIC_RECREATED', `the topic that was read had the id ${before.id}, this one has ${now.id}`, {
          where: topic,
        });
    }
  }

  /** Partitions that Kafka says the topic has; 0 while unknown. */
  partitionsOf(topic: string): number {
    return this.present.get(topic)?.partitions ?? 0;
  }

  /** The partition was added to the topic after the store had begun to read it: keys have moved between its partitions. */
  isLate(topic: string, partition: number): boolean {
    const entry = this.parts.catalog.get(topic);
    const known = entry === undefined ? undefined : this.known.get(entry.topicId);
    return known !== undefined && partition >= known.partitions;
  }

  private countMissing(topic: string): void {
    const times = (this.missing.get(topic) ?? 0) + 1;
    this.missing.set(topic, times);
    if (times >= MISSING_CHECKS_MAX) throw new LedgerflowError('LF_TOPIC_MISSING', 'the topic is gone from Kafka', { where: topic });
  }

  private async note(topicId: number, { id, partitions }: TopicIdentity): Promise<void> {
    await this.parts.connection.run(`INSERT INTO ops.topic_identities VALUES (${topicId}, ${literal(id)}, ${partitions})`);
    this.known.set(topicId, { id, partitions });
  }
}
