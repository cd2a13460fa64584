// Where messages come from: the port, and its kafkajs adapter. Offsets live in the store; the consumer group is only kafkajs's
// way of fetching, so every process uses a group of its own and seeks to the store's offsets.

import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import type { MessageDecoder } from '../../cdc/codec/message-decoder.ts';
import { Page } from '../../cdc/envelope/page.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import type { PartitionRole } from './cut/record.ts';
import { fetchedMessage } from './fetch/kafka-message.ts';
import { PageMaker, type FetchedMessage } from './fetch/page-maker.ts';

/** Receives what was fetched; must not block. */
export interface SourceSink {
  /** Pages of a partition come in offset order; the page is the sink's from now on. */
  page(page: Page): void;
  /** Offset to read next, or null to begin at the start of the partition. */
  position(topic: string, partition: number): bigint | null;
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
  endOffsets(topics: readonly string[]): Promise<{ topic: string; partition: number; end: bigint; low: bigint }[]>;
}

export interface KafkaSourceOptions {
  readonly kafka: Kafka;
  readonly sink: SourceSink;
  readonly roleOf: (topic: string) => PartitionRole;
  /** Server of the source as the store knows it; null before the first transaction. */
  readonly serverUuid: string | null;
  readonly log: Logger;
  /** Makes JSON of Avro; without one, messages are handed over as they are. */
  readonly decoder?: MessageDecoder;
  readonly maxWaitMs?: number;
  readonly maxBytes?: number;
  readonly maxBytesPerPartition?: number;
}

const MAX_WAIT_MS = 100;
const MAX_BYTES = 10_485_760;
const MAX_BYTES_PER_PARTITION = 1_048_576;
const SESSION_TIMEOUT_MS = 30_000;
/** After a broker restart the old member of the group would be waited for until its session ends; a new consumer is not. */
const STALLED_AFTER_MS = 5_000;
const WATCH_INTERVAL_MS = 1_000;
const DISCONNECT_DEADLINE_MS = 3_000;

/** A source over kafkajs. A consumer that crashes for good is started again; a stalled one is restarted by the watchdog. */
export class KafkaSource implements RecordSource {
  private readonly options: KafkaSourceOptions;
  private readonly admin;
  private readonly maker: PageMaker;
  private consumer: Consumer | null = null;
  private topics: readonly string[] = [];
  private lastFetchAt = Date.now();
  private closed = false;
  private restarting: Promise<void> = Promise.resolve();

  constructor(options: KafkaSourceOptions) {
    this.options = options;
    this.admin = options.kafka.admin();
    this.maker = new PageMaker(options.serverUuid);
  }

  async connect(): Promise<void> {
    await this.admin.connect();
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

  /** Time since anything was fetched; the watchdog compares it with the end offsets. */
  stalledFor(now: number): number {
    return now - this.lastFetchAt;
  }

  subscribe(topics: readonly string[]): Promise<void> {
    this.topics = topics;
    this.restarting = this.restarting.catch(() => undefined).then(() => this.restart()); // an earlier failure was told to its caller
    return this.restarting;
  }

  private async restart(): Promise<void> {
    if (this.closed) return;
    await this.stopConsumer();
    const { kafka, log, sink } = this.options;
    const consumer = kafka.consumer({
      groupId: `ledgerflow-${process.pid}-${Date.now()}`, // a killed process's member would linger in a shared group
      maxWaitTimeInMs: this.options.maxWaitMs ?? MAX_WAIT_MS,
      minBytes: 1,
      maxBytes: this.options.maxBytes ?? MAX_BYTES,
      maxBytesPerPartition: this.options.maxBytesPerPartition ?? MAX_BYTES_PER_PARTITION,
      sessionTimeout: SESSION_TIMEOUT_MS,
      retry: { retries: Number.MAX_SAFE_INTEGER, maxRetryTime: 2_000, initialRetryTime: 100 },
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.seek(consumer, payload.memberAssignment));
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (this.closed || payload.restart) return;
      log.warn({ err: payload.error }, 'Kafka consumer stopped, starting it again');
      void this.subscribe(this.topics).catch((error: unknown) => sink.failed(error));
    });
    this.consumer = consumer;
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
    this.lastFetchAt = Date.now();
    await consumer.run({
      autoCommit: false,
      eachBatch: async (payload) => {
        if (this.consumer === consumer) await this.take(payload);
      },
    });
  }

  private seek(consumer: Consumer, assignment: Record<string, number[]>): void {
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const offset = this.options.sink.position(topic, partition);
        if (offset !== null) consumer.seek({ topic, partition, offset: String(offset) });
      }
    }
  }

  private async take(payload: EachBatchPayload): Promise<void> {
    this.lastFetchAt = Date.now();
    if (payload.isStale()) return;
    const { batch } = payload;
    try {
      const role = this.options.roleOf(batch.topic);
      const messages = await this.decoded(payload);
      if (messages === null) return;
      this.options.sink.page(new Page(this.maker.make({ topic: batch.topic, partition: batch.partition, role, messages })));
    } catch (error) {
      this.options.sink.failed(error); // a fault of the cut, not of Kafka: retrying the fetch cannot mend it
    }
    await new Promise(setImmediate);
  }

  /** Null when the consumer was restarted while the schema registry was waited for: the messages are fetched again. */
  private async decoded(payload: EachBatchPayload): Promise<readonly FetchedMessage[] | null> {
    const { decoder } = this.options;
    const messages = payload.batch.messages.map(fetchedMessage);
    if (decoder === undefined) return messages;
    const { consumer } = this;
    return await decoder.decode(messages, {
      beat: () => payload.heartbeat(),
      stopped: () => this.consumer !== consumer || payload.isStale(),
    });
  }

  pause(topic: string, partition: number): void {
    this.consumer?.pause([{ topic, partitions: [partition] }]);
  }

  resume(topic: string, partition: number): void {
    this.consumer?.resume([{ topic, partitions: [partition] }]);
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

  private async stopConsumer(): Promise<void> {
    const consumer = this.consumer;
    this.consumer = null;
    if (consumer === null) return;
    const ended = consumer
      .disconnect()
      .catch((error: unknown) => this.options.log.debug({ error: messageOf(error) }, 'old consumer did not disconnect cleanly'));
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, DISCONNECT_DEADLINE_MS).unref())]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
    await this.restarting.catch(() => undefined); // its failure was reported to the sink
    await this.stopConsumer();
    await this.admin.disconnect();
  }
}

/** The error of a source that cannot be reached at all. */
export function brokerUnreachable(brokers: string, error: unknown): LedgerflowError {
  return new LedgerflowError('LF_KAFKA_UNREACHABLE', `no Kafka broker answers: ${messageOf(error)}`, { where: brokers, cause: error });
}
