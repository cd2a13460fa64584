// The topic numbers as the store keeps them: stream/processor/topic-catalog.ts over the store in memory.

import { TopicNames, type CatalogTopic } from '../../stream/processor/topic-catalog.ts';
import type { Owner } from './gates.ts';
import { DATABASE, PREFIX } from './messages.ts';
import type { TopicEntry } from './store-state.ts';
import type { Surroundings } from './surroundings.ts';

export class SimCatalog {
  private readonly world: Surroundings;
  private readonly owner: Owner;
  private readonly names = new TopicNames(PREFIX, DATABASE);

  constructor(world: Surroundings, owner: Owner) {
    this.world = world;
    this.owner = owner;
  }

  private get topics(): TopicEntry[] {
    return this.world.state.topics;
  }

  register(present: readonly string[]): Promise<CatalogTopic[]> {
    return this.world.gates.pass(this.owner, 'register topics', () => {
      const added: CatalogTopic[] = [];
      for (const topic of [...present].sort()) {
        const found = this.names.roleOf(topic);
        if (found === null || this.topics.some((entry) => entry.topic === topic)) continue;
        const entry = { topicId: this.topics.length, topic, ...found };
        this.topics.push(entry);
        added.push(entry);
      }
      return added;
    });
  }

  get(topic: string): CatalogTopic | undefined {
    return this.all().find((entry) => entry.topic === topic);
  }

  all(): CatalogTopic[] {
    return this.topics.flatMap((entry) => {
      const found = this.names.roleOf(entry.topic);
      return found === null ? [] : [{ ...entry, ...found }];
    });
  }

  nameOf(topicId: number): string {
    return this.topics.find((entry) => entry.topicId === topicId)?.topic ?? '';
  }

  tableOf(topicId: number): string | undefined {
    return this.topics.find((entry) => entry.topicId === topicId)?.table ?? undefined;
  }
}
