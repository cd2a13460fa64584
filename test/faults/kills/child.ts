// A processor without servers: the real store, pipeline, gold and publisher over recorded messages, until the end of the recording
// or until its fault point kills it. Says on standard output, one JSON object a line, what it found when it opened and at the end.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { DuckDBConnection } from '@duckdb/node-api';
import { BENCH_TABLES, BENCH_UUID } from '../../../bench/world/tables.ts';
import { TOPIC_PREFIX } from '../../../bench/world/produce.ts';
import { armFaultPoint } from '../../../infra/runtime/fault-point.ts';
import { GoldRefresher } from '../../../lake/gold/refresh.ts';
import { GoldTurns } from '../../../lake/gold/turn.ts';
import { Publisher } from '../../../lake/publish/publisher.ts';
import { Committer } from '../../../lake/store/commit.ts';
import { Housekeeping } from '../../../lake/store/housekeeping.ts';
import { openStore, type StoreHandle } from '../../../lake/store/open.ts';
import { Page } from '../../../cdc/envelope/page.ts';
import { fetchedMessage } from '../../../stream/processor/fetch/kafka-message.ts';
import { PageMaker, type FetchedMessage } from '../../../stream/processor/fetch/page-maker.ts';
import { Staging } from '../../../stream/processor/cut/staging.ts';
import type { PartitionLog } from '../../../stream/processor/cut/partition-log.ts';
import { GoldLoop } from '../../../stream/processor/gold-loop.ts';
import { Intake } from '../../../stream/processor/intake.ts';
import { Pipeline } from '../../../stream/processor/pipeline.ts';
import { Rereads } from '../../../stream/processor/rereads.ts';
import { SchemaPlanner } from '../../../stream/processor/schema-planner.ts';
import { readFindings } from '../../../stream/processor/store-findings.ts';
import { TopicCatalog, TopicNames } from '../../../stream/processor/topic-catalog.ts';
import { Wakeup } from '../../../stream/processor/wakeup.ts';
import { alwaysViolations, contentDigest, publishedViolations, readerViolations } from './judge.ts';
import { KILL_TOPICS, recordedMessages, type RecordedMessage } from './world.ts';

export interface ChildInput {
  readonly home: string;
  /** Source transactions of the recording. */
  readonly transactions: number;
  /** Messages handed over between two commits. */
  readonly chunkRows: number;
  /** File of the DuckLake extension. */
  readonly extension: string;
  readonly faultPoint?: string;
}

export interface Opened {
  readonly event: 'opened';
  readonly violations: string[];
  readonly publication: { readonly id: number; readonly commitId: number } | null;
}

export interface Ended {
  readonly event: 'ended';
  readonly violations: string[];
  readonly content: Record<string, string>;
}

const LIMITS = { foldRowsMax: 400, segmentRowsMax: 700, walBytesMax: 1 << 20, walCommitsMax: 7 };
/** A killed maintenance leaves readers the catalog before it: files must outlive that, as the real grace of two hours lets them. */
const LAKE_LIMITS = { retentionHours: 0, fileGraceMinutes: 1, filesPerTableMax: 5 };
const GOLD_DEADLINE_MS = 60_000;
const log = pino({ level: 'silent' });

function tell(line: Opened | Ended): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Hands the recording over piece by piece, from what the store has not committed on. */
class Recording {
  private readonly messages: readonly RecordedMessage[];
  private readonly logs: ReadonlyMap<string, PartitionLog>;
  private readonly intake: Intake;
  private readonly maker = new PageMaker(BENCH_UUID);
  private at = 0;

  constructor(messages: readonly RecordedMessage[], logs: ReadonlyMap<string, PartitionLog>, intake: Intake) {
    this.messages = messages;
    this.logs = logs;
    this.intake = intake;
  }

  get ended(): boolean {
    return this.at === this.messages.length;
  }

  feed(count: number): void {
    const perTopic = new Map<string, FetchedMessage[]>();
    for (let fed = 0; fed < count && !this.ended; this.at += 1) {
      const message = this.messages[this.at]!;
      if (message.offset < this.logs.get(message.topic)!.expectedOffset) continue;
      const { key, value } = message;
      const fetched = fetchedMessage({
        key,
        value,
        offset: String(message.offset),
        timestamp: '1795243773000',
        attributes: 0,
        headers: {},
      });
      perTopic.set(message.topic, [...(perTopic.get(message.topic) ?? []), fetched]);
      fed += 1;
    }
    for (const [topic, messages] of perTopic) {
      const log = this.logs.get(topic)!;
      this.intake.take(log, new Page(this.maker.make({ topic, partition: 0, role: log.role }, messages)));
    }
  }
}

interface Wired {
  readonly pipeline: Pipeline;
  readonly housekeeping: Housekeeping;
  readonly committer: Committer;
  readonly drained: () => boolean;
}

async function wire(store: StoreHandle, input: ChildInput, gold: () => GoldLoop): Promise<Wired> {
  const catalog = await TopicCatalog.open(new TopicNames(TOPIC_PREFIX, 'bank'), store.writer);
  await catalog.register(KILL_TOPICS);
  const found = await readFindings(store, []);
  const progress = new Map(found.progress.map((entry) => [entry.topicId, entry]));
  const staging = new Staging(store.state.seq, 'streaming');
  const logs = new Map<string, PartitionLog>();
  for (const { topicId, topic, role, table } of catalog.all()) {
    const known = progress.get(topicId);
    const place = { nextOffset: known?.nextOffset ?? 0n, markSeq: known?.markSeq ?? -1, markOrd: known?.markOrd ?? -1 };
    const registration = { topicId, partition: 0, role, collection: table === null ? null : `bank.${table}`, ...place };
    logs.set(topic, staging.addPartition(registration));
  }
  for (const table of BENCH_TABLES) staging.setReady(`bank.${table}`);
  const intake = new Intake(staging, BENCH_UUID);
  const recording = new Recording(recordedMessages(input.transactions), logs, intake);
  const housekeeping = new Housekeeping(store, LIMITS, log, found.pending);
  const committer = new Committer(store, housekeeping, {
    schemas: found.schemas,
    parked: found.parked,
    topicName: (id) => catalog.byTopicId(id).topic,
    log,
  });
  const pipeline = new Pipeline(
    {
      ...{ staging, intake, committer, housekeeping, wakeup: new Wakeup(), now: () => performance.now(), database: 'bank', log },
      topicTable: (id) => catalog.byTopicId(id).table ?? undefined,
      names: found.names,
      generations: found.snapshots,
      holds: found.holds,
      rereads: new Rereads('bank', found.holds),
      heads: () => new Map(),
      planner: new SchemaPlanner({ database: 'bank', names: found.names, holds: found.holds, store: committer, log }),
      deadLetters: { admits: () => true, unknown: { tables: new Map(), known: () => undefined } },
      release: () => undefined,
      phase: () => 'streaming',
      turn: () => gold().turn(),
      between: () => {
        recording.feed(input.chunkRows);
        return Promise.resolve();
      },
      committed: (report) => gold().committed(report),
    },
    { batchRowsMax: 6_000, commitIntervalMs: 0 },
  );
  return { pipeline, housekeeping, committer, drained: () => recording.ended && staging.partitions.every((each) => each.staged === 0) };
}

async function openPublisher(
  store: StoreHandle,
  wired: Wired,
  parts: { gold: GoldLoop; refresher: GoldRefresher; input: ChildInput },
): Promise<Publisher> {
  const { input } = parts;
  return Publisher.open({
    source: {
      connect: () => store.connect(),
      rollTail: () => wired.housekeeping.roll(wired.committer.commitId),
      withQuietPoint: async (work) => {
        await parts.gold.settled(wired.committer.commitId, 100);
        return wired.pipeline.atQuietPoint(work);
      },
      bronzeFolder: store.bronzeFolder,
      epoch: store.state.epoch,
    },
    lakeFolder: path.join(input.home, 'lake'),
    extensionFile: () => input.extension,
    goldModels: () => parts.refresher.models,
    ...{ codeVersion: 'test', intervalMs: 50, maintainIntervalMs: 200, limits: LAKE_LIMITS, segmentGraceMs: 0 },
    log,
  });
}

/** The copy of the catalog as the killed process left it. */
async function lookAsReader(connection: DuckDBConnection, { home, extension }: ChildInput): Promise<Omit<Opened, 'event'>> {
  const copy = path.join(home, 'lake', 'ledgerflow.ducklake');
  if (!existsSync(copy)) return { violations: [], publication: null };
  await connection.run(`LOAD '${extension}'; ATTACH 'ducklake:${copy}' AS readers (READ_ONLY)`);
  const found = await readerViolations(connection, 'readers');
  await connection.run('DETACH readers');
  return found;
}

async function run(input: ChildInput): Promise<void> {
  armFaultPoint(input.faultPoint);
  await using store = await openStore({
    ...{ storeFolder: path.join(input.home, 'store'), lakeDataFolder: path.join(input.home, 'lake', 'data'), memoryMb: 512, threads: 1 },
  });
  const judge = await store.connect();
  const asReader = await lookAsReader(judge, input);
  await using refresher = await GoldRefresher.open({ gold: await store.connect() }, log);
  const wired = await wire(store, input, () => gold);
  const { commitId, gtid } = store.state;
  const join = await refresher.joining(store.writer);
  wired.committer.follower = join;
  await using turns = new GoldTurns(await store.connect(), refresher.models, log);
  const gold = new GoldLoop(
    {
      refresher,
      join,
      reader: await store.connect(),
      phase: () => 'streaming',
      onOutcome: () => undefined,
      onHeartbeat: () => undefined,
      log,
    },
    ...([commitId, gtid] as const),
  );
  await using publisher = await openPublisher(store, wired, { gold, refresher, input });
  tell({ event: 'opened', ...asReader, violations: [...asReader.violations, ...(await alwaysViolations(judge))] });
  const stop = new AbortController();
  const running = [turns.run(stop.signal, () => undefined), ...[wired.pipeline, gold, publisher].map((loop) => loop.run(stop.signal))];
  const failed = Promise.race(running).then(() => undefined);
  while (!wired.drained()) await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 20))]);
  const last = await wired.pipeline.atQuietPoint(() => Promise.resolve(wired.committer.commitId)); // the last commit may be under way
  await gold.settled(last, GOLD_DEADLINE_MS);
  stop.abort();
  await Promise.all(running);
  while ((await turns.turn()) !== null);
  await publisher.publishOnce();
  await publisher.maintainOnce();
  const violations = [...(await alwaysViolations(judge)), ...(await publishedViolations(judge))];
  const content = await contentDigest(judge);
  await refresher.rebuild();
  const rebuilt = await contentDigest(judge);
  for (const name of Object.keys(content)) if (content[name] !== rebuilt[name]) violations.push(`${name} differs from a full rebuild`);
  judge.closeSync();
  tell({ event: 'ended', violations, content });
}

process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume(); // the test that started this is gone
process.stdin.unref();
await run(JSON.parse(process.argv[2] ?? '{}') as ChildInput);
