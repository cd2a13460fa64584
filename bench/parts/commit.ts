// One commit and gold's refresh behind it, and commits that gold joins, again and again, in this process without Kafka and MySQL: wall clock and processor time of each.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { PageWriter } from '../../cdc/envelope/page-writer.ts';
import { Page } from '../../cdc/envelope/page.ts';
import { GoldRefresher } from '../../lake/gold/refresh.ts';
import { APPLIED, CONTROL, type CommitRequest } from '../../lake/store/batch.ts';
import { Committer } from '../../lake/store/commit.ts';
import { Housekeeping } from '../../lake/store/housekeeping.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { ParkedBook } from '../../lake/store/parked-book.ts';
import { RecordBatch, type PageRun } from '../../lake/store/record-batch.ts';
import { readState } from '../../lake/store/state.ts';
import type { BenchOptions } from '../support/options.ts';
import { percentiles, round } from '../support/stats.ts';
import { ChangeWorld, type ChangeTopic } from '../world/changes.ts';
import { preload } from '../world/preload.ts';
import type { BenchMessage } from '../world/rows.ts';
import { openBenchStore, benchConfig } from '../world/store.ts';
import { BENCH_TABLES, BENCH_UUID, benchSchema, type BenchTable } from '../world/tables.ts';

const TRANSACTIONS = 1_000_000;
const TRANSACTIONS_QUICK = 100_000;
const PER_COMMIT = [1, 5, 50];
const ROUNDS = 120;
const WARM_UP_ROUNDS = 30;
const NEVER = 1e9;
const TOPICS: readonly ChangeTopic[] = [...BENCH_TABLES, 'transaction'];

export interface CommitRow {
  readonly step: 'commit' | 'gold' | 'commit that gold joins';
  readonly bankTransactions: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly cpuMs: number;
}

interface Emitted {
  readonly topic: ChangeTopic;
  readonly message: BenchMessage;
  readonly seq: number;
  readonly ord: number;
}

/** Batches of purchases (three creates and one update each), as the cut would hand them over. */
class Batches {
  private emitted: Emitted[] = [];
  private readonly world: ChangeWorld;
  private readonly offsets = new Array<number>(TOPICS.length).fill(0);
  private ord = 0;

  constructor(sizes: ConstructorParameters<typeof ChangeWorld>[0]) {
    this.world = new ChangeWorld(sizes, (topic, message) => {
      this.ord = topic === 'transaction' ? 0 : this.ord + 1;
      this.emitted.push({ topic, message, seq: this.world.lastSeq, ord: this.ord });
    });
  }

  next(purchases: number): CommitRequest {
    this.emitted = [];
    for (let count = 0; count < purchases; count += 1) this.world.step('p');
    const runs = TOPICS.flatMap((topic, topicId) => this.run(topic, topicId));
    const seq = this.world.lastSeq;
    return {
      records: new RecordBatch(runs),
      tableOf: (topicId) => BENCH_TABLES[topicId],
      controls: [],
      unreadable: [],
      progress: runs.map(({ topicId }) => ({
        ...{ topicId, partition: 0, nextOffset: BigInt(this.offsets[topicId] ?? 0), markSeq: seq, markOrd: 4 },
      })),
      seq,
      gtid: `${BENCH_UUID}:${seq}`,
      serverUuid: BENCH_UUID,
      phase: 'streaming',
    };
  }

  private run(topic: ChangeTopic, topicId: number): PageRun[] {
    const own = this.emitted.filter((each) => each.topic === topic);
    if (own.length === 0) return [];
    const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));
    const payloadBytes = own.reduce((sum, { message }) => sum + message.key.length + (message.value?.length ?? 0), 0);
    const writer = new PageWriter(topic, 0, { count: own.length, payloadBytes });
    const first = this.offsets[topicId] ?? 0;
    own.forEach(({ message, seq, ord }, index) => {
      const op = topic === 'transaction' ? 0 : (topic === 'accounts' ? 'u' : 'c').charCodeAt(0);
      const [key, value] = [bytes(message.key), bytes(message.value)];
      writer.add({ offset: first + index, timestampMs: Date.now(), key, value, headers: null }, { kind: 'event', seq, ord, op });
    });
    this.offsets[topicId] = first + own.length;
    const page = new Page(writer.finish());
    page.disposition.fill(topic === 'transaction' ? CONTROL : APPLIED);
    return [{ topicId, page, from: 0, count: page.count }];
  }
}

/** Preloads a store, then commits batches of several sizes, each with gold's refresh behind it. */
export async function commit(options: BenchOptions): Promise<{ transactionsBefore: number; rows: CommitRow[] }> {
  const transactions = options.quick ? TRANSACTIONS_QUICK : TRANSACTIONS;
  const home = mkdtempSync(path.join(tmpdir(), 'ledgerflow-bench-'));
  const log = pino({ level: 'warn' });
  try {
    await using store = await openBenchStore(benchConfig({ home, brokers: 'unused:9092', settings: options.settings }));
    const accounts = transactions / 10;
    const sizes = { transactions, ledgerEntries: transactions * 5, accounts, customers: accounts / 2, merchants: accounts / 2 };
    await preload(store, sizes, log);
    options.tell(`${transactions} transactions preloaded`);
    await using gold = await GoldRefresher.open({ gold: await store.connect() }, log);
    const committer = await openCommitter(store);
    const batches = new Batches(sizes);
    const rows: CommitRow[] = [];
    for (const size of PER_COMMIT) rows.push(...(await measure({ committer, gold, batches }, size)));
    committer.follower = await gold.joining(store.writer);
    for (const size of PER_COMMIT) rows.push(...(await measure({ committer, gold, batches }, size)));
    return { transactionsBefore: transactions, rows };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function openCommitter(store: StoreHandle): Promise<Committer> {
  const log = pino({ level: 'warn' });
  const limits = { foldRowsMax: NEVER, segmentRowsMax: NEVER, walBytesMax: NEVER, walCommitsMax: NEVER };
  const housekeeping = new Housekeeping(store, limits, log, { marks: 0, tailRows: 0 });
  const schemas = new Map(BENCH_TABLES.map((table: BenchTable) => [table as string, benchSchema(table)]));
  const state = (await readState(store.writer)) ?? store.state;
  const topicName = (topicId: number): string => `bank_server.bank.${TOPICS[topicId] ?? ''}`;
  return new Committer({ ...store, state }, housekeeping, { schemas, parked: new ParkedBook(), topicName, log });
}

interface Measured {
  readonly committer: Committer;
  readonly gold: GoldRefresher;
  readonly batches: Batches;
}

async function measure({ committer, gold, batches }: Measured, size: number): Promise<CommitRow[]> {
  const steps = { commit: [] as number[], gold: [] as number[] };
  const cpu = { commit: 0, gold: 0 };
  const timed = async <T>(step: 'commit' | 'gold', counted: boolean, work: () => Promise<T>): Promise<T> => {
    const [started, before] = [performance.now(), process.cpuUsage()];
    const result = await work();
    const { user, system } = process.cpuUsage(before);
    if (counted) steps[step].push(performance.now() - started);
    if (counted) cpu[step] += (user + system) / 1_000;
    return result;
  };
  for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round += 1) {
    const counted = round >= WARM_UP_ROUNDS;
    const request = batches.next(size);
    const slot = round % 2 === 0 ? 0 : 1;
    const report = await timed('commit', counted, async () => committer.commit(await committer.stage(request, slot)));
    const { commitId, gtid, told } = report;
    if (report.joined && gold.settlingDue) await gold.settle();
    if (report.joined) continue;
    const outcome = await timed('gold', counted, () => gold.refresh({ commitId, gtid, told, phase: 'streaming' }));
    if (outcome.status !== 'refreshed' || outcome.rebuilt.length > 0) throw new Error(`the refresh was ${outcome.status}`);
    if (gold.settlingDue) await gold.settle();
  }
  return (['commit', 'gold'] as const).flatMap((step) => {
    if (steps[step].length === 0) return []; // gold has joined every commit
    const { p50, p95 } = percentiles(steps[step]);
    return [
      {
        step: step === 'commit' && committer.follower !== null ? ('commit that gold joins' as const) : step,
        bankTransactions: size,
        p50Ms: p50,
        p95Ms: p95,
        cpuMs: round(cpu[step] / ROUNDS, 1),
      },
    ];
  });
}
