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
  /** Connect's offsets and Debezium's notifications: read from their beginning, but not staged. */
  readonly sideTopics: readonly string[];
  readonly progress: readonly PartitionProgress[];
  /** Records parked as unreadable at a partition's mark: `topic/partition@seq` → count. */
  readonly unreadableAt: ReadonlyMap<string, number>;
  /** Whether the shape of the table is known that this part of a topic's name stands for. */
  readonly schemaKnown: (topicTable: string) => boolean;
  /** A fault that reading on would hide. */
  readonly onFault: (error: LedgerflowError) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Tells topics that were made anew, and partitions that were added; absent where there is no real broker. */
  readonly identities?: { check(): Promise<void>; isLate(topic: string, partition: number): boolean; partitionsOf(topic: string): number };
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

  /** Offsets below which nothing is staged any more, by partition of the table's topic. */
  heads(table: string): ReadonlyMap<string, number> {
    const topic = this.parts.catalog.all().find((entry) => entry.table === topicPart(table))?.topic ?? '';
    const own = [...this.logs].filter(([name]) => name.slice(0, name.lastIndexOf('/')) === topic);
    return new Map(own.map(([name, log]) => [name, Math.max(0, log.headOffset)]));
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

  /**
   * Registers new topics and new partitions, then reads them too. Returns true when there were any.
   * @throws LedgerflowError LF_TOPIC_RECREATED, LF_TOPIC_MISSING, LF_TOPIC_TRUNCATED, LF_OFFSET_HOLE: what was read is no longer there
   */
  async refresh(): Promise<boolean> {
    const { staging } = this.parts;
    const listing = staging.listingBegins();
    const added = await this.addWhatIsNew();
    staging.listingEnds(listing);
    return added;
  }

  private async addWhatIsNew(): Promise<boolean> {
    const { source, catalog, sideTopics, identities } = this.parts;
    const present = await source.listTopics();
    await catalog.register(present);
    await identities?.check();
    const there = catalog.all().filter(({ topic }) => present.includes(topic));
    const aside = sideTopics.filter((topic) => present.includes(topic) && !this.subscribed.has(topic));
    const readTo = new Map([...this.logs].map(([place, log]) => [place, BigInt(Math.max(0, log.expectedOffset))]));
    const added: string[] = [];
    if (there.some(({ topic }) => this.knows(topic) && !this.logs.has(`${topic}/${(identities?.partitionsOf(topic) ?? 1) - 1}`)))
      await source.refreshMetadata?.();
    const asked = identities === undefined ? there.filter(({ topic }) => !this.subscribed.has(topic)) : there;
    if (asked.length === 0 && aside.length === 0) return false;
    for (const bounds of await source.endOffsets(asked.map(({ topic }) => topic))) {
      const place = `${bounds.topic}/${bounds.partition}`;
      const next = readTo.get(place);
      if (next !== undefined) refuseLostMessages(bounds, next);
      else if (this.addPartition(bounds)) added.push(place);
    }
    const all = there.every(({ topic }) => this.subscribed.has(topic)); // a subscription that failed is tried again
    if (all && added.length === 0 && aside.length === 0) return false;
    const topics = new Set([...this.subscribed, ...there.map(({ topic }) => topic), ...aside]);
    await source.subscribe([...topics]);
    this.subscribed = topics;
    this.parts.log.info({ partitions: added }, 'reading topics');
    return true;
  }

  private knows(topic: string): boolean {
    return this.logs.has(`${topic}/0`);
  }

  /** A hole in the offsets or in a transaction may be a topic that was made anew or cut off: that is the name to tell. */
  async explain(failure: unknown): Promise<Error> {
    if (!(failure instanceof LedgerflowError)) return failure instanceof Error ? failure : new Error(messageOf(failure));
    if (failure.code !== 'LF_OFFSET_HOLE' && failure.code !== 'LF_CUT_HOLE') return failure;
    return await this.refresh().then(
      () => failure,
      (found: unknown) => (found instanceof LedgerflowError ? found : failure),
    );
  }

  private addPartition({ topic, partition, low, end }: PartitionBounds): boolean {
    const { catalog, staging, database, schemaKnown } = this.parts;
    const entry = catalog.get(topic);
    if (entry === undefined || this.logs.has(`${topic}/${partition}`)) return false; // another look was quicker
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
      late: entry.role === 'table' && this.parts.identities?.isLate(topic, partition) === true,
      unreadableAtMark: this.parts.unreadableAt.get(`${topic}/${partition}@${known?.markSeq ?? -1}`) ?? 0,
    });
    this.logs.set(`${topic}/${partition}`, log);
    if (entry.table !== null && schemaKnown(entry.table)) staging.setReady(topicPart(`${database}.${entry.table}`));
    return true;
  }
}

type PartitionBounds = Awaited<ReturnType<RecordSource['endOffsets']>>[number];

/** What is to be read next must still be in the partition, or be the next to come. */
export function refuseLostMessages({ topic, partition, low, end }: PartitionBounds, next: bigint): void {
  const where = `${topic}/${partition}`;
  if (next < low)
    throw new LedgerflowError('LF_TOPIC_TRUNCATED', `offsets ${next} to ${low - 1n} are gone from Kafka before they were read`, { where });
  if (next > end)
    throw new LedgerflowError('LF_TOPIC_RECREATED', `offsets up to ${next} have been read, the topic ends at ${end}: it was made anew`, {
      where,
    });
}
