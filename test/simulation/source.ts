// The consumer: fetches what the schedule lets it, truncated anywhere, sometimes a little before where it was; joins again and seeks.

import { Page } from '../../cdc/envelope/page.ts';
import type { PageMaker, FetchedMessage } from '../../stream/processor/fetch/page-maker.ts';
import type { PartitionRole } from '../../stream/processor/cut/record.ts';
import type { RecordSource, SourceSink } from '../../stream/processor/source.ts';
import type { Gates, Owner } from './gates.ts';
import type { LogRecord, Partition, SimKafka } from './kafka.ts';

const EPOCH_MS = 1_795_243_773_389;

export interface SimSourceParts {
  readonly kafka: SimKafka;
  readonly gates: Gates;
  readonly owner: Owner;
  readonly sink: SourceSink;
  readonly maker: PageMaker;
  readonly roleOf: (topic: string) => PartitionRole;
}

export class SimSource implements RecordSource {
  private readonly parts: SimSourceParts;
  private topics: readonly string[] = [];
  private positions = new Map<Partition, number>();
  private readonly paused = new Set<Partition>();

  constructor(parts: SimSourceParts) {
    this.parts = parts;
  }

  listTopics(): Promise<string[]> {
    const { gates, owner, kafka } = this.parts;
    return gates.pass(owner, 'list topics', () => kafka.topics());
  }

  subscribe(topics: readonly string[]): Promise<void> {
    const { gates, owner } = this.parts;
    return gates.pass(owner, 'subscribe', () => {
      this.topics = topics;
      this.rebalance();
    });
  }

  endOffsets(topics: readonly string[]): Promise<{ topic: string; partition: number; end: bigint; low: bigint }[]> {
    const { gates, owner, kafka } = this.parts;
    return gates.pass(owner, 'end offsets', () =>
      topics.flatMap((topic) => kafka.of(topic).map(({ partition, log }) => ({ topic, partition, end: BigInt(log.length), low: 0n }))),
    );
  }

  pause(topic: string, partition: number): void {
    this.paused.add(this.parts.kafka.of(topic)[partition]!);
  }

  resume(topic: string, partition: number): void {
    this.paused.delete(this.parts.kafka.of(topic)[partition]!);
  }

  rebalance(): void {
    this.positions = new Map();
    const told = new Map(this.parts.sink.positions().map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]));
    for (const topic of this.topics) {
      for (const partition of this.parts.kafka.of(topic)) this.positions.set(partition, told.get(`${topic}/${partition.partition}`) ?? 0);
    }
  }

  /** Hands over up to `count` messages of the n-th partition that has some; returns what was fetched, for the trace. */
  fetch(n: number, count: number): string | null {
    const ready = [...this.positions].filter(([partition, at]) => at < partition.log.length && !this.paused.has(partition));
    const found = ready[n % Math.max(1, ready.length)];
    if (found === undefined) return null;
    const [partition, at] = found;
    const from = n % 11 === 0 ? Math.max(0, at - 2) : at; // Kafka may deliver the same offset again
    const to = Math.min(partition.log.length, at + count);
    this.positions.set(partition, to);
    this.deliver(partition, from, to);
    return `${partition.topic}/${partition.partition} ${from}..${to - 1}`;
  }

  private deliver({ topic, partition, log }: Partition, from: number, to: number): void {
    const { sink, maker, roleOf } = this.parts;
    try {
      const messages = log.slice(from, to).map((record, i) => fetched(record, from + i));
      sink.page(new Page(maker.make({ topic, partition, role: roleOf(topic) }, messages)));
    } catch (error) {
      sink.failed(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.topics = [];
  }
}

function fetched({ key, value }: LogRecord, offset: number): FetchedMessage {
  return { key, value, offset, timestampMs: EPOCH_MS, headers: null };
}
