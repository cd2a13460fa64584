// How far reading is behind what Kafka holds.

import type { PartitionLog } from './cut/partition-log.ts';
import type { RecordSource } from './source.ts';
import type { TopicCatalog } from './topic-catalog.ts';

export interface LagParts {
  readonly source: Pick<RecordSource, 'endOffsets'>;
  readonly catalog: Pick<TopicCatalog, 'all'>;
  readonly partition: (topic: string, partition: number) => PartitionLog | undefined;
}

/** Is there something that has not been fetched? @throws when the broker does not answer */
export async function isBehind({ source, catalog, partition }: LagParts): Promise<boolean> {
  const ends = await source.endOffsets(catalog.all().map(({ topic }) => topic));
  return ends.some((place) => Number(place.end) > Math.max(0, partition(place.topic, place.partition)?.expectedOffset ?? Infinity));
}

/** Messages in Kafka that no commit has taken yet, by topic. @throws when the broker does not answer */
export async function lagPerTopic({ source, catalog, partition }: LagParts): Promise<Map<string, number>> {
  const ends = await source.endOffsets(catalog.all().map(({ topic }) => topic));
  const lags = new Map<string, number>();
  for (const place of ends) {
    const log = partition(place.topic, place.partition);
    if (log !== undefined)
      lags.set(place.topic, (lags.get(place.topic) ?? 0) + Math.max(0, Number(place.end) - Math.max(0, log.headOffset)));
  }
  return lags;
}
