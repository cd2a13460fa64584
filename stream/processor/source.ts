// Where messages come from: the port, and its kafkajs adapter, whose fetching and decoding runs in a thread of its own (docs/adr/0009).
// Offsets live in the store; the consumer group is only kafkajs's way of fetching.

import type { Admin } from 'kafkajs';
import type { Logger } from 'pino';
import type { Page } from '../../cdc/envelope/page.ts';
import { createKafka } from '../../cdc/kafka/client.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import type { PartitionRole } from './cut/record.ts';
import { FetchThread } from './fetch/fetch-thread.ts';
import type { PrivacySettings } from './fetch/protocol.ts';

/** Receives what was fetched; must not block. */
export interface SourceSink {
  /** Pages of a partition come in offset order; the page is the sink's from now on. */
  page(page: Page): void;
  /** Offsets to read next, of the partitions that are known; others are read from their beginning. */
  positions(): { readonly topic: string; readonly partition: number; readonly offset: number }[];
  failed(error: unknown): void;
}

export interface RecordSource extends AsyncDisposable {
  /** Topics on the broker now. */
  listTopics(): Promise<string[]>;
  /** Starts fetching these topics, or starts again with a larger set. */
  subscribe(topics: readonly string[]): Promise<void>;
  pause(topic: string, partition: number): void;
  resume(topic: string, partition: number): void;
  /** Next offset to be written, per partition: everything visible now is below it. */
  /** The next answer is not to come from what was learnt earlier: partitions were added. */
  refreshMetadata?(): Promise<void>;
  endOffsets(topics: readonly string[]): Promise<{ topic: string; partition: number; end: bigint; low: bigint }[]>;
}

export interface KafkaSourceOptions {
  /** host:port,host:port */
  readonly brokers: string;
  readonly sink: SourceSink;
  readonly roleOf: (topic: string) => PartitionRole;
  /** Server of the source as the store knows it; null before the first transaction. */
  readonly serverUuid: string | null;
  /** Schema registry that makes JSON of Avro. */
  readonly registryUrl: string | undefined;
  /** Column policies; null without any. */
  readonly privacy: PrivacySettings | null;
  readonly log: Logger;
}

const MAX_WAIT_MS = 100;
const MAX_BYTES = 10_485_760;
const MAX_BYTES_PER_PARTITION = 1_048_576;
/** Pages on their way from the thread that fetches. */
const IN_FLIGHT_BYTES_MAX = 32 * 1_024 * 1_024;
/** After a broker restart the old member of the group would be waited for until its session ends; a new consumer is not. */
const STALLED_AFTER_MS = 5_000;
const WATCH_INTERVAL_MS = 1_000;
/** Questions about topics and offsets, which the watchdog waits for. */
const REQUEST_TIMEOUT_MS = 15_000;

/** A source over kafkajs, which runs in a thread of its own (fetch/). A stalled consumer is restarted by the watchdog. */
export class KafkaSource implements RecordSource {
  private readonly options: KafkaSourceOptions;
  private admin: Admin;
  private readonly thread: FetchThread;
  private topics: readonly string[] = [];
  private lastFetchAt = Date.now();

  constructor(options: KafkaSourceOptions) {
    this.options = options;
    this.admin = createKafka(options.brokers, { log: options.log, requestTimeoutMs: REQUEST_TIMEOUT_MS }).admin();
    const settings = {
      brokers: options.brokers,
      serverUuid: options.serverUuid,
      registryUrl: options.registryUrl,
      privacy: options.privacy,
      maxWaitMs: MAX_WAIT_MS,
      maxBytes: MAX_BYTES,
      maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
      inFlightBytesMax: IN_FLIGHT_BYTES_MAX,
    };
    const { sink, log } = options;
    this.thread = new FetchThread(settings, { page: (page) => this.take(page), failed: (error) => sink.failed(error), log });
  }

  async connect(): Promise<void> {
    await this.admin.connect();
  }

  /** kafkajs keeps what it knows of a topic's partitions for five minutes; a new client knows nothing. */
  async refreshMetadata(): Promise<void> {
    const before = this.admin;
    const fresh = createKafka(this.options.brokers, { log: this.options.log, requestTimeoutMs: REQUEST_TIMEOUT_MS }).admin();
    await fresh.connect();
    this.admin = fresh;
    await before.disconnect();
  }

  /** Destroys the key of a customer's tokens. @returns whether there was one */
  erase(subject: string): Promise<boolean> {
    return this.thread.erase(subject);
  }

  listTopics(): Promise<string[]> {
    return this.admin.listTopics();
  }

  async endOffsets(topics: readonly string[]): Promise<{ topic: string; partition: number; end: bigint; low: bigint }[]> {
    const perTopic = await Promise.all(
      topics.map(async (topic) =>
        (await this.admin.fetchTopicOffsets(topic)).map((entry) => ({
          topic,
          partition: entry.partition,
          end: BigInt(entry.high),
          low: BigInt(entry.low),
        })),
      ),
    );
    return perTopic.flat();
  }

  /** Why reading pauses until something outside is mended; null while it does not. */
  get pausedFor(): string | null {
    return this.thread.pausedFor;
  }

  /** Time since anything was fetched; the watchdog compares it with the end offsets. */
  stalledFor(now: number): number {
    return now - this.lastFetchAt;
  }

  async subscribe(topics: readonly string[]): Promise<void> {
    this.topics = topics;
    const { roleOf, sink } = this.options;
    await this.thread.subscribe(
      topics.map((topic) => ({ topic, role: roleOf(topic) })),
      sink.positions(),
    );
    this.lastFetchAt = Date.now();
  }

  private take(page: Page): void {
    this.lastFetchAt = Date.now();
    try {
      this.options.sink.page(page);
    } catch (error) {
      this.options.sink.failed(error);
    }
  }

  pause(topic: string, partition: number): void {
    this.thread.send({ kind: 'pause', topic, partition });
  }

  resume(topic: string, partition: number): void {
    this.thread.send({ kind: 'resume', topic, partition });
  }

  /** Restarts a consumer that fetched nothing for a while although there is something to fetch. */
  async watch(signal: AbortSignal, behind: () => Promise<boolean>): Promise<void> {
    while (!signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, WATCH_INTERVAL_MS).unref());
      if (signal.aborted || this.stalledFor(Date.now()) < STALLED_AFTER_MS) continue;
      try {
        if (!(await behind())) continue;
        this.options.log.warn(
          { stalledMs: this.stalledFor(Date.now()) },
          'nothing fetched although the topics move, restarting the consumer',
        );
        await this.subscribe(this.topics);
      } catch (error) {
        this.options.log.debug({ err: error }, 'watchdog could not reach the broker');
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thread.close();
    await this.admin.disconnect();
  }
}

/** The error of a source that cannot be reached at all. */
export function brokerUnreachable(brokers: string, error: unknown): LedgerflowError {
  return new LedgerflowError('LF_KAFKA_UNREACHABLE', `no Kafka broker answers: ${messageOf(error)}`, { where: brokers, cause: error });
}
