// Tests only: what fetches, cuts, stores and spills, over messages handed in as kafkajs hands them; and the search through a home folder.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { pino, type Logger } from 'pino';
import { Page, type PageData } from '../../cdc/envelope/page.ts';
import type { PartitionLog } from '../processor/cut/partition-log.ts';
import { readPolicies } from '../../cdc/privacy/policy-file.ts';
import { ident, literal } from '../../infra/runtime/sql-text.ts';
import { Committer } from '../../lake/store/commit.ts';
import { Housekeeping } from '../../lake/store/housekeeping.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { TEST_UUID } from '../../test/support/envelopes.ts';
import { Staging } from '../processor/cut/staging.ts';
import { FetchConsumer } from '../processor/fetch/consumer.ts';
import { Intake } from '../processor/intake.ts';
import { Pipeline } from '../processor/pipeline.ts';
import { Rereads } from '../processor/rereads.ts';
import { SchemaPlanner } from '../processor/schema-planner.ts';
import { PageSpill } from '../processor/spill/page-spill.ts';
import { readFindings } from '../processor/store-findings.ts';
import { TopicCatalog, TopicNames } from '../processor/topic-catalog.ts';
import { Wakeup } from '../processor/wakeup.ts';
import { PrivacyDesk } from './desk.ts';

export const TEST_CONFIG = { topicPrefix: 'bank_server', mysqlDatabase: 'bank', excludeTables: [] };
const TOPICS = ['bank_server', 'bank_server.transaction', 'bank_server.bank.customers', 'bank_server.bank.ledger_entries'];
const LIMITS = { foldRowsMax: 1_000_000, segmentRowsMax: 1_000_000, walBytesMax: 1 << 30, walCommitsMax: 1_000_000 };

export interface PolicyRun extends AsyncDisposable {
  /** Hands messages over as kafkajs does. */
  feed(topic: string, messages: readonly { key: string | null; value: Buffer | null }[]): Promise<void>;
  /** Waits for the commit of a transaction. */
  committed(seq: number): Promise<void>;
  erase(subject: string): boolean;
  readonly desk: PrivacyDesk;
  /** Bytes that were in spill files at once. */
  spilled(): number;
  rollTail(): Promise<void>;
}

interface Cutting {
  readonly pipeline: Pipeline;
  readonly housekeeping: Housekeeping;
  readonly committer: Committer;
  readonly spill: PageSpill;
  readonly catalog: TopicCatalog;
  readonly take: (data: PageData) => void;
  readonly seq: () => number;
}

/** Everything behind the fetching; each page is spilled. */
async function cutting(store: StoreHandle, home: string, log: Logger): Promise<Cutting> {
  const catalog = await TopicCatalog.open(new TopicNames('bank_server', 'bank'), await store.connect());
  await catalog.register(TOPICS);
  const found = await readFindings(store, []);
  const staging = new Staging(0, 'streaming');
  const lanes = new Map<string, PartitionLog>();
  for (const { topicId, topic, role, table } of catalog.all()) {
    const place = { partition: 0, nextOffset: 0n, markSeq: -1, markOrd: -1 };
    lanes.set(topic, staging.addPartition({ topicId, role, collection: table === null ? null : `bank.${table}`, ...place }));
  }
  const [intake, wakeup] = [new Intake(staging, TEST_UUID), new Wakeup()];
  const spill = new PageSpill(path.join(home, 'store', 'staged'), { memoryBytesMax: 1 });
  const housekeeping = new Housekeeping(store, LIMITS, log, found.pending);
  const topicName = (id: number): string => catalog.byTopicId(id).topic;
  const committer = new Committer(store, housekeeping, { schemas: found.schemas, parked: found.parked, topicName, log });
  let seq = 0;
  const pipeline = new Pipeline(
    {
      ...{ staging, intake, committer, housekeeping, wakeup, now: () => performance.now(), database: 'bank', log },
      topicTable: (id) => catalog.byTopicId(id).table ?? undefined,
      ...{ names: found.names, generations: found.snapshots, holds: found.holds, rereads: new Rereads('bank', found.holds) },
      ...{ heads: () => new Map(), phase: () => 'streaming' as const, turn: () => Promise.resolve(), between: () => Promise.resolve() },
      planner: new SchemaPlanner({ database: 'bank', names: found.names, holds: found.holds, store: committer, log }),
      deadLetters: { admits: () => true, unknown: { tables: new Map(), known: () => undefined } },
      release: (page) => spill.release(page),
      committed: (report) => (seq = report.seq),
    },
    { batchRowsMax: 6_000, commitIntervalMs: 0 },
  );
  const take = (data: PageData): void => {
    const page = new Page(data);
    const lane = lanes.get(page.topic)!;
    intake.take(lane, page);
    spill.relieve(lane, staging.partitions);
    wakeup.wake();
  };
  return { pipeline, housekeeping, committer, spill, catalog, take, seq: () => seq };
}

/** Runs with the policies of the home folder; its log is a file there. */
export async function startPolicyRun(store: StoreHandle, home: string): Promise<PolicyRun> {
  const log = pino({ level: 'trace' }, pino.destination({ dest: path.join(home, 'logs', 'processor.log'), sync: true }));
  const desk = await PrivacyDesk.open(await store.connect(), { home, ...TEST_CONFIG }, new Map());
  const { pipeline, housekeeping, committer, spill, catalog, take, seq } = await cutting(store, home, log);
  const consumer = fakeConsumer();
  const fetching = new FetchConsumer(
    { consumer: () => consumer } as unknown as Kafka,
    {
      ...{ brokers: '', serverUuid: TEST_UUID, registryUrl: undefined, maxWaitMs: 1, maxBytes: 1, maxBytesPerPartition: 1 },
      ...{ inFlightBytesMax: 1 << 30, inFlight: new Int32Array(new SharedArrayBuffer(4)) },
      privacy: { policies: readPolicies(home)!, scheme: { prefix: 'bank_server', database: 'bank' }, home },
    },
    { page: take, failed: (error) => log.error({ error }, 'failed'), paused: () => undefined, log },
  );
  const topics = TOPICS.map((topic) => ({ topic, role: catalog.get(topic)?.role ?? ('other' as const) }));
  await fetching.subscribe(topics, []);
  const stop = new AbortController();
  const running = pipeline.run(stop.signal);
  const offsets = new Map<string, number>();
  let spilled = 0;
  return {
    desk,
    spilled: () => spilled,
    rollTail: () => housekeeping.roll(committer.commitId),
    erase: (subject) => fetching.erase(subject).hadKey,
    feed: async (topic, given) => {
      const first = offsets.get(topic) ?? 0;
      offsets.set(topic, first + given.length);
      const messages = given.map(({ key, value }, index): Partial<KafkaMessage> => {
        return { key: key === null ? null : Buffer.from(key), value, offset: String(first + index), timestamp: '1795243773000' };
      });
      await consumer.hand({ topic, partition: 0, messages });
      spilled = Math.max(spilled, spill.spilledBytes);
    },
    committed: async (wanted) => {
      const failed = running.then(() => Promise.reject(new Error('the pipeline ended')));
      failed.catch(() => undefined);
      while (seq() < wanted) await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 20))]);
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
      await housekeeping.settled();
      spill[Symbol.dispose]();
    },
  };
}

/** What FetchConsumer uses of kafkajs. */
function fakeConsumer(): { hand(batch: object): Promise<void> } {
  let eachBatch: (payload: EachBatchPayload) => Promise<void> = () => Promise.resolve();
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    ...{ events: {}, on: () => undefined, connect: nothing, subscribe: nothing, disconnect: nothing },
    run: (options: { eachBatch: typeof eachBatch }) => {
      ({ eachBatch } = options);
      return Promise.resolve();
    },
    hand: (batch: object) => eachBatch({ batch, isStale: () => false, heartbeat: nothing } as unknown as EachBatchPayload),
  } as { hand(batch: object): Promise<void> };
}

async function said(store: StoreHandle, sql: string): Promise<unknown[][]> {
  return (await store.folder.runAndReadAll(sql)).getRowsJson();
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name)); // prettier-ignore
}

/** Files of the home that hold the text in their bytes; Parquet files and tables that hold it in what they say. */
export async function whereIs(
  text: string,
  home: string,
  store: StoreHandle,
): Promise<{ bytes: string[]; parquet: string[]; tables: string[] }> {
  const files = filesOf(home);
  const bytes = files.filter((file) => readFileSync(file).includes(text));
  const instance = await DuckDBInstance.create(':memory:');
  const reader = await instance.connect();
  const parquet: string[] = [];
  for (const file of files.filter((each) => each.endsWith('.parquet'))) {
    const found = await reader.runAndReadAll(
      `SELECT count(*) FROM read_parquet(${literal(file)}) AS t WHERE contains(CAST(t AS VARCHAR), ${literal(text)})`,
    );
    if (Number(found.getRows()[0]?.[0]) > 0) parquet.push(path.relative(home, file));
  }
  reader.closeSync();
  instance.closeSync();
  const tables: string[] = [];
  for (const [schema, table] of await said(
    store,
    `SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()`,
  )) {
    const relation = `${ident(String(schema))}.${ident(String(table))}`;
    const [[count] = []] = await said(
      store,
      `SELECT count(*)::INT FROM ${relation} AS t WHERE contains(CAST(t AS VARCHAR), ${literal(text)})`,
    );
    if (Number(count) > 0) tables.push(relation);
  }
  return { bytes: bytes.map((file) => path.relative(home, file)), parquet, tables };
}
