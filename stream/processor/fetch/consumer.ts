// Fetches with kafkajs and makes pages, in a thread of its own. The group is only kafkajs's way of fetching: every start uses a group of
// its own and reads on from the offsets that were told or handed over last.

import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { parseFault } from '../../../cdc/codec/fault.ts';
import { MessageDecoder } from '../../../cdc/codec/message-decoder.ts';
import { PolicyDoor } from '../../../cdc/privacy/policy-door.ts';
import type { PageData } from '../../../cdc/envelope/page.ts';
import type { KafkaLog } from '../../../cdc/kafka/client.ts';
import { rawRecordsOf } from '../../../cdc/kafka/raw-records.ts';
import type { RawRecords } from '../../../cdc/kafka/record-cursor.ts';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import type { PartitionRole } from '../cut/record.ts';
import { fetchedMessage } from './kafka-message.ts';
import { messagesOf, PageMaker, wholeBatches, type FetchedLane, type FetchedMessage } from './page-maker.ts';
import { packError, pageKib, type FetchPosition, type FetchSettings, type FetchTopic } from './protocol.ts';

export interface FetchPort {
  page(page: PageData): void;
  failed(error: unknown): void;
  /** Why reading pauses until something outside is mended; null when it goes on. */
  paused(reason: string | null): void;
  readonly log: KafkaLog;
}

const SESSION_TIMEOUT_MS = 30_000;
const DISCONNECT_DEADLINE_MS = 3_000;
/** How often a full hand-over is looked at again. */
const ROOM_INTERVAL_MS = 1;
/** A page ends behind the record batch that reaches this. */
const PAGE_BYTES = 1_048_576;

/** A consumer that crashes for good is started again; only what cannot be mended by that is reported. */
export class FetchConsumer {
  private readonly kafka: Kafka;
  private readonly settings: FetchSettings;
  private readonly port: FetchPort;
  private readonly maker: PageMaker;
  private readonly roles = new Map<string, PartitionRole>();
  /** Offset to read next, by `topic/partition`. */
  private readonly next = new Map<string, number>();
  private readonly paused = new Map<string, { topic: string; partition: number }>();
  private readonly decoder: MessageDecoder;
  /** Nothing of a table with a column policy goes on but through it. */
  private readonly door: PolicyDoor | null;
  private toldPaused: string | null = null;
  private consumer: Consumer | null = null;
  private closed = false;
  private restarting: Promise<void> = Promise.resolve();

  constructor(kafka: Kafka, settings: FetchSettings, port: FetchPort) {
    this.kafka = kafka;
    this.settings = settings;
    this.port = port;
    this.maker = new PageMaker(settings.serverUuid);
    this.decoder = MessageDecoder.for(settings.registryUrl, port.log);
    const { privacy } = settings;
    this.door = privacy === null ? null : new PolicyDoor(privacy.policies, privacy.scheme, privacy.home);
  }

  /** Starts fetching these topics, or starts again with a larger set. What was handed over already goes before the positions. */
  subscribe(topics: readonly FetchTopic[], positions: readonly FetchPosition[]): Promise<void> {
    for (const { topic, role } of topics) this.roles.set(topic, role);
    for (const { topic, partition, offset } of positions) {
      const key = `${topic}/${partition}`;
      if (!this.next.has(key)) this.next.set(key, offset);
    }
    return this.restart();
  }

  pause(topic: string, partition: number): void {
    this.paused.set(`${topic}/${partition}`, { topic, partition });
    this.consumer?.pause([{ topic, partitions: [partition] }]);
  }

  resume(topic: string, partition: number): void {
    this.paused.delete(`${topic}/${partition}`);
    this.consumer?.resume([{ topic, partitions: [partition] }]);
  }

  /** Destroys the key of a customer's tokens; what comes of it later has no token of its own. */
  erase(subject: string): { hadKey: boolean; error: unknown } {
    try {
      return { hadKey: this.door?.keys.erase(subject, new Date()) ?? false, error: null };
    } catch (error) {
      return { hadKey: false, error: packError(error) };
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.restarting.catch(() => undefined); // its failure was told to its caller
    await this.stop();
  }

  private restart(): Promise<void> {
    this.restarting = this.restarting.catch(() => undefined).then(() => this.start()); // an earlier failure was told to its caller
    return this.restarting;
  }

  private async start(): Promise<void> {
    if (this.closed) return;
    await this.stop();
    const { maxWaitMs, maxBytes, maxBytesPerPartition } = this.settings;
    const consumer = this.kafka.consumer({
      groupId: `ledgerflow-${process.pid}-${Date.now()}`, // a killed process's member would linger in a shared group
      maxWaitTimeInMs: maxWaitMs,
      minBytes: 1,
      maxBytes,
      maxBytesPerPartition,
      sessionTimeout: SESSION_TIMEOUT_MS,
      retry: {
        ...{ retries: Number.MAX_SAFE_INTEGER, maxRetryTime: 2_000, initialRetryTime: 100 },
        restartOnFailure: () => Promise.resolve(this.consumer === consumer), // else a replaced consumer would come back beside its successor
      },
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.seek(consumer, payload.memberAssignment));
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (this.closed || payload.restart || this.consumer !== consumer) return;
      this.port.log.warn({ error: messageOf(payload.error) }, 'Kafka consumer stopped, starting it again');
      this.restart().catch((error: unknown) => this.port.failed(error));
    });
    this.consumer = consumer;
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.roles.keys()], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async (payload) => {
        if (this.consumer === consumer) await this.take(payload);
      },
    });
  }

  private seek(consumer: Consumer, assignment: Record<string, number[]>): void {
    if (this.consumer !== consumer) return void consumer.disconnect().catch(() => undefined); // replaced while kafkajs restarted it
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const offset = this.next.get(`${topic}/${partition}`);
        if (offset !== undefined) consumer.seek({ topic, partition, offset: String(offset) });
      }
    }
    for (const { topic, partition } of this.paused.values()) consumer.pause([{ topic, partitions: [partition] }]);
  }

  private async take(payload: EachBatchPayload): Promise<void> {
    if (payload.isStale()) return;
    const { topic, partition, messages } = payload.batch;
    const lane = { topic, partition, role: this.roles.get(topic) ?? 'other' };
    try {
      for (const part of partsOf(messages)) {
        const page = await this.pageOf(lane, part, payload);
        if (page === 'unwanted') return;
        if (page !== null) this.handOver(page);
        await this.room(payload);
      }
    } catch (error) {
      this.port.failed(error); // a fault of ours, not of Kafka: retrying the fetch cannot mend it
    }
  }

  /** Null when everything was handed over before; unwanted when the consumer was restarted while the schema registry was waited for. */
  private async pageOf(lane: FetchedLane, part: Part, payload: EachBatchPayload): Promise<PageData | null | 'unwanted'> {
    const from = this.next.get(`${lane.topic}/${lane.partition}`) ?? 0;
    const whole = part.whole.length > 0 ? wholeBatches(part.whole, from) : null;
    const door = this.door?.watches(lane.topic) === true ? this.door : null;
    if (whole?.coded === false && door === null) return whole.size.count === 0 ? null : this.maker.makeWhole(lane, whole);
    const messages = whole !== null ? messagesOf(whole) : part.messages.map(fetchedMessage).filter(({ offset }) => offset >= from);
    const { consumer } = this;
    const decoded = await this.decoder.decode(messages, {
      beat: async () => {
        this.tellPaused();
        await payload.heartbeat();
      },
      stopped: () => this.consumer !== consumer || payload.isStale(),
    });
    this.tellPaused();
    if (decoded === null) return 'unwanted';
    refuseUndecodedControls(lane, decoded);
    return decoded.length === 0 ? null : this.maker.make(lane, door === null ? decoded : door.pass(lane.topic, decoded));
  }

  private tellPaused(): void {
    const { pausedFor } = this.decoder;
    if (pausedFor !== this.toldPaused) this.port.paused(pausedFor);
    this.toldPaused = pausedFor;
  }

  private handOver(page: PageData): void {
    this.next.set(`${page.topic}/${page.partition}`, lastOffset(page) + 1);
    Atomics.add(this.settings.inFlight, 0, pageKib(page));
    this.port.page(page);
  }

  /** Waits while the processor has not looked at what it was handed; it looks at everything, so no cut can wait for what is held here. */
  private async room(payload: EachBatchPayload): Promise<void> {
    const { inFlight, inFlightBytesMax } = this.settings;
    await new Promise(setImmediate); // pauses are heard between two pages
    while (!this.closed && Atomics.load(inFlight, 0) * 1_024 > inFlightBytesMax) {
      await new Promise((resolve) => setTimeout(resolve, ROOM_INTERVAL_MS));
      await payload.heartbeat();
    }
  }

  private async stop(): Promise<void> {
    const { consumer } = this;
    this.consumer = null;
    if (consumer === null) return;
    const ended = consumer
      .disconnect()
      .catch((error: unknown) => this.port.log.debug({ error: messageOf(error) }, 'old consumer did not disconnect cleanly'));
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, DISCONNECT_DEADLINE_MS).unref())]);
  }
}

/** Without the records of transactions and schemas nothing can be applied: parking them would lose them for good. */
export function refuseUndecodedControls({ topic, partition, role }: FetchedLane, messages: readonly FetchedMessage[]): void {
  if (role !== 'transaction' && role !== 'schema') return;
  const unread = messages.find(({ fault }) => fault !== undefined && parseFault(fault)?.code === 'LF_REGISTRY_UNSET');
  if (unread === undefined) return;
  const where = `${topic}/${partition}@${unread.offset}`;
  throw new LedgerflowError('LF_CONTROL_UNREADABLE', `the topic is written in Avro, and LEDGERFLOW_REGISTRY_URL is not set`, { where });
}

/** What becomes one page: whole batches, or ordinary messages. */
interface Part {
  readonly whole: RawRecords[];
  readonly messages: KafkaMessage[];
}

/** Fetched messages in parts of one sort and about a page's size. */
function partsOf(fetched: readonly KafkaMessage[]): Part[] {
  const parts: Part[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of fetched) {
    const raw = rawRecordsOf(message);
    let part = parts.at(-1);
    if (part === undefined || bytes > PAGE_BYTES || part.whole.length > 0 !== (raw !== null)) {
      parts.push((part = { whole: [], messages: [] }));
      bytes = 0;
    }
    if (raw === null) part.messages.push(message);
    else part.whole.push(raw);
    bytes += raw?.bytes.length ?? message.value?.length ?? 0;
  }
  return parts;
}

function lastOffset({ columns, count }: PageData): number {
  return new Float64Array(columns, 0, count)[count - 1]!;
}
