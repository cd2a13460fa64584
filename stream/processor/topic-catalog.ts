// The topics the processor reads, with the small numbers that stand for them in the store.

import type { DuckDBConnection } from '@duckdb/node-api';
import { topicPart } from '../../cdc/connector/topic-names.ts';
import { ident, literal, nullable } from '../../infra/runtime/sql-text.ts';
import { readTopics } from '../../lake/store/state.ts';

export type TopicRole = 'table' | 'transaction' | 'schema';

export interface CatalogTopic {
  readonly topicId: number;
  readonly topic: string;
  readonly role: TopicRole;
  /** What stands for the captured table in the topic's name (table-names.ts has the table); null for the transaction and schema topics. */
  readonly table: string | null;
}

/** Topic names of one connector. */
export class TopicNames {
  readonly prefix: string;
  readonly database: string;

  constructor(prefix: string, database: string) {
    this.prefix = prefix;
    this.database = database;
  }

  get transaction(): string {
    return `${this.prefix}.transaction`;
  }

  /** What a topic is to the processor; null when it is none of ours. */
  roleOf(topic: string): { role: TopicRole; table: string | null } | null {
    if (topic === this.prefix) return { role: 'schema', table: null };
    if (topic === this.transaction) return { role: 'transaction', table: null };
    const tables = topicPart(`${this.prefix}.${this.database}.`);
    return topic.startsWith(tables) ? { role: 'table', table: topic.slice(tables.length) } : null;
  }
}

/** Topics known so far; new ones get the next number and are kept in the store before a message of theirs is. */
export class TopicCatalog {
  private readonly byName = new Map<string, CatalogTopic>();
  private readonly byId = new Map<number, CatalogTopic>();
  private readonly names: TopicNames;
  private readonly connection: DuckDBConnection;

  private constructor(names: TopicNames, connection: DuckDBConnection) {
    this.names = names;
    this.connection = connection;
  }

  static async open(names: TopicNames, connection: DuckDBConnection): Promise<TopicCatalog> {
    const catalog = new TopicCatalog(names, connection);
    for (const row of await readTopics(connection)) catalog.add(row.topicId, row.topic);
    return catalog;
  }

  private add(topicId: number, topic: string): CatalogTopic | null {
    const found = this.names.roleOf(topic);
    if (found === null) return null;
    const entry = { topicId, topic, ...found };
    this.byName.set(topic, entry);
    this.byId.set(topicId, entry);
    return entry;
  }

  /**
   * Registers those of the broker's topics that are ours and new.
   * @returns the new ones
   */
  async register(brokerTopics: readonly string[]): Promise<CatalogTopic[]> {
    const added: CatalogTopic[] = [];
    for (const topic of [...brokerTopics].sort()) {
      if (this.byName.has(topic)) continue;
      const entry = this.add(this.byId.size, topic);
      if (entry !== null) added.push(entry);
    }
    if (added.length === 0) return added;
    const rows = added.map((entry) => `(${entry.topicId}, ${literal(entry.topic)}, ${nullable(entry.table)})`);
    await this.connection.run(
      `INSERT INTO ops.topics (${['topic_id', 'topic', 'table_name'].map(ident).join(', ')}) VALUES ${rows.join(', ')}`,
    );
    return added;
  }

  get(topic: string): CatalogTopic | undefined {
    return this.byName.get(topic);
  }

  byTopicId(topicId: number): CatalogTopic {
    const entry = this.byId.get(topicId);
    if (entry === undefined) throw new Error(`topic ${topicId} is not in the catalog`);
    return entry;
  }

  all(): CatalogTopic[] {
    return [...this.byId.values()];
  }
}
