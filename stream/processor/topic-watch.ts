// Keeps the set of topics that are read equal to the topics there are: tables come and go while the pipeline runs.

import type { Logger } from 'pino';
import { SIGNAL_TABLE } from '../../cdc/connector/config.ts';
import { topicPart } from '../../cdc/connector/topic-names.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import type { PartitionProgress } from '../../lake/store/batch.ts';
import type { PartitionLog } from './cut/partition-log.ts';
import type { Staging } from './cut/staging.ts';
import type { RecordSource } from './source.ts';
import type { TopicCatalog } from './topic-catalog.ts';

const CALM_INTERVAL_MS = 5_000;
const URGENT_INTERVAL_MS = 300;

export interface TopicWatchParts {
  readonly staging: Staging;
  readonly source: RecordSource;
  readonly catalog: Pick<TopicCatalog, 'register' | 'get' | 'all'>;
  /** `bank`: END records name tables `bank.accounts`; characters that topics cannot have are replaced in both. */
  readonly database: string;
  /** Connect's offset topic: read, but not staged. */
  readonly offsetsTopic: string;
  readonly progress: readonly PartitionProgress[];
  /** Records parked as unreadable at a partition's mark: `topic/partition@seq` → count. */
  readonly unreadableAt: ReadonlyMap<string, number>;
  /** Whether the shape of the table is known that this part of a topic's name stands for. */
  readonly schemaKnown: (topicTable: string) => boolean;
  /** A fault that reading on would hide. */
  readonly onFault: (error: LedgerflowError) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly log: Logger;
}

/** Partitions by topic and number, and the subscription that feeds them. */
export class TopicWatch {
  private readonly parts: TopicWatchParts;
  private readonly logs = new Map<string, PartitionLog>();
  private readonly progress = new Map<string, PartitionProgress>();
  private subscribed = new Set<string>();
  private lastCheckAt = 0;
  private checking: Promise<void> | null = null;

  constructor(parts: TopicWatchParts) {
    this.parts = parts;
    for (const entry of parts.progress) this.progress.set(`${entry.topicId}/${entry.partition}`, entry);
  }

  partition(topic: string, partition: number): PartitionLog | undefined {
    return this.logs.get(`${topic}/${partition}`);
  }

  /** Offsets to read next, where they are known. */
  positions(): { topic: string; partition: number; offset: number }[] {
    return [...this.logs].flatMap(([name, log]) =>
      log.expectedOffset < 0 ? [] : [{ topic: name.slice(0, name.lastIndexOf('/')), partition: log.partition, offset: log.expectedOffset }],
    );
  }

  /** Looks for new topics when it is time to; `urgent` when a transaction waits for one. Does not wait for the answer. */
  check(urgent: boolean): void {
    const interval = urgent ? URGENT_INTERVAL_MS : CALM_INTERVAL_MS;
    if (this.checking !== null || this.parts.now() - this.lastCheckAt < interval) return;
    this.checking = this.refresh()
      .then(() => undefined)
      .catch((error: unknown) => {
        if (error instanceof LedgerflowError && error.kind === 'fatal') this.parts.onFault(error);
        else this.parts.log.debug({ error: messageOf(error) }, 'topics could not be listed');
      })
      .finally(() => {
        this.lastCheckAt = this.parts.now();
        this.checking = null;
      });
  }

  /** Registers new topics and their partitions, then reads them too. Returns true when there were any. */
  async refresh(): Promise<boolean> {
    const { source, catalog, offsetsTopic } = this.parts;
    const present = await source.listTopics();
    await catalog.register(present);
    const wanted = catalog.all().filter(({ topic }) => present.includes(topic) && !this.subscribed.has(topic));
    const needsOffsets = present.includes(offsetsTopic) && !this.subscribed.has(offsetsTopic);
    if (wanted.length === 0 && !needsOffsets) return false;
    for (const bounds of await source.endOffsets(wanted.map(({ topic }) => topic))) this.addPartition(bounds);
    const topics = new Set([...this.subscribed, ...wanted.map(({ topic }) => topic), ...(needsOffsets ? [offsetsTopic] : [])]);
    await source.subscribe([...topics]);
    this.subscribed = topics;
    this.parts.log.info({ topics: wanted.map(({ topic }) => topic) }, 'reading topics');
    return true;
  }

  private addPartition({ topic, partition, low, end }: PartitionBounds): void {
    const { catalog, staging, database, schemaKnown } = this.parts;
    const entry = catalog.get(topic);
    if (entry === undefined || this.logs.has(`${topic}/${partition}`)) return;
    const known = this.progress.get(`${entry.topicId}/${partition}`);
    refuseLostMessages({ topic, partition, low, end }, known?.nextOffset ?? 0n);
    const log = staging.addPartition({
      topicId: entry.topicId,
      partition,
      role: entry.role,
      collection: entry.table === null ? null : topicPart(`${database}.${entry.table}`),
      nextOffset: known?.nextOffset ?? low,
      markSeq: known?.markSeq ?? -1,
      markOrd: known?.markOrd ?? -1,
      signals: entry.table === SIGNAL_TABLE,
      unreadableAtMark: this.parts.unreadableAt.get(`${topic}/${partition}@${known?.markSeq ?? -1}`) ?? 0,
    });
    this.logs.set(`${topic}/${partition}`, log);
    if (entry.table !== null && schemaKnown(entry.table)) staging.setReady(topicPart(`${database}.${entry.table}`));
  }
}

type PartitionBounds = Awaited<ReturnType<RecordSource['endOffsets']>>[number];

/** The self-check of a start: what the store wants to read next must still be in the partition, or be the next to come. */
export function refuseLostMessages({ topic, partition, low, end }: PartitionBounds, next: bigint): void {
  const where = `${topic}/${partition}`;
  if (next < low)
    throw new LedgerflowError('LF_OFFSET_HOLE', `offsets ${next} to ${low - 1n} are gone from Kafka before they were read`, { where });
  if (next > end)
    throw new LedgerflowError('LF_OFFSET_HOLE', `the store has read up to offset ${next}, the topic ends at ${end}: it was made anew`, {
      where,
    });
}
