// One replay from beginning to end: a store of its own beside the live one, filled from the published lake, compared with it.

import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import { cacheFolder } from '../../infra/native/obtain/cache.ts';
import { findDucklake } from '../../infra/native/obtain/ducklake.ts';
import { readPartsLock } from '../../infra/native/obtain/lock-file.ts';
import { writeFileAtomic } from '../../infra/runtime/atomic-file.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { loadModels } from '../../lake/gold/model.ts';
import { LAKE_CHAIN } from '../../lake/publish/verify-chain.ts';
import { replaySchema } from '../../lake/replay/book.ts';
import { compareWithLake, differencesTable, type Compared, type ComparedTable } from '../../lake/replay/compare.ts';
import { openStore, type StoreHandle } from '../../lake/store/open.ts';
import { readSchemas } from '../../lake/store/state.ts';
import { ReplayRun, type EndedReread, type ReplayParts } from '../../stream/replay/replay-run.ts';
import { planSchema, type ReplayPlan } from '../lake/replay-plan.ts';
import { replayFiles } from './replay-files.ts';

export const replayStateSchema = z.object({
  plan: planSchema,
  /** silver: bronze is being taken; gold: being built; compared: done. */
  step: z.enum(['silver', 'gold', 'compared']),
  deltas: replaySchema.shape.deltas,
  /** Models that could not be built, checks that failed. */
  failures: z.array(z.string()),
  seconds: z.number(),
});
export type ReplayState = z.infer<typeof replayStateSchema>;

export interface ReplayInput {
  readonly config: Config;
  readonly plan: ReplayPlan;
  readonly rereads: readonly EndedReread[];
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

export async function readReplayState(config: Config, id: string): Promise<ReplayState | null> {
  const { plan } = replayFiles(config.home, id);
  return existsSync(plan) ? replayStateSchema.parse(JSON.parse(await readFile(plan, 'utf8'))) : null;
}

/** A replay that is done is not done again; one that was broken off goes on. @throws LedgerflowError LF_REPLAY_STUCK, LF_ABORTED */
export async function runReplay(input: ReplayInput): Promise<ReplayState> {
  const { config, plan } = input;
  const known = await readReplayState(config, plan.id);
  if (known?.step === 'compared') return known;
  const files = replayFiles(config.home, plan.id);
  if (known === null) await rm(files.folder, { recursive: true, force: true });
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  const started = performance.now();
  const note = async (step: ReplayState['step'], found: Pick<ReplayState, 'deltas' | 'failures'>): Promise<ReplayState> => {
    const state = { plan, step, ...found, seconds: (known?.seconds ?? 0) + (performance.now() - started) / 1_000 };
    await writeFileAtomic(files.plan, `${JSON.stringify(state, null, 2)}\n`);
    return state;
  };
  const nothing = { deltas: [], failures: [] };
  if (known === null) await note('silver', nothing);
  await using store = await openStore({
    ...{ storeFolder: path.dirname(files.store), lakeDataFolder: files.lakeData },
    ...{ memoryMb: config.storeMemoryMb, threads: config.storeThreads },
  });
  await attachLakeAt(store, config, plan.lakeSnapshot);
  const run = await ReplayRun.open({
    ...{ store, database: config.mysqlDatabase, topicPrefix: config.topicPrefix, excludeTables: config.excludeTables },
    ...{ feed: { ...LAKE_CHAIN, lastCommit: plan.toCommit }, rereads: input.rereads, log: pino({ level: 'silent' }) },
    onProgress: progressOf(input.onProgress),
  });
  await run.run(input.signal);
  if (known?.step !== 'gold') await note('gold', nothing);
  input.onProgress('building gold');
  const gold = await run.gold();
  input.onProgress('comparing');
  const deltas = await compareAll(store, plan);
  await writeDifferences(store, deltas, files.differences);
  const compared = await note('compared', { deltas, failures: [...gold.held, ...gold.failures] });
  faultPoint('replay.compared');
  return compared;
}

async function attachLakeAt(store: StoreHandle, config: Config, snapshot: number): Promise<void> {
  const extension = findDucklake(cacheFolder(config.cache), readPartsLock(), config.ducklakeExtensionPath);
  if (extension === undefined) throw new LedgerflowError('LF_USAGE', 'the DuckLake extension is not in the cache');
  const catalog = path.join(config.home, 'lake', 'ledgerflow.ducklake');
  await store.writer.run(
    `LOAD ${literal(extension)}; ATTACH ${literal(`ducklake:${catalog}`)} AS lake (READ_ONLY, SNAPSHOT_VERSION ${snapshot})`,
  );
}

function progressOf(tell: (text: string) => void): ReplayParts['onProgress'] {
  const started = performance.now();
  let toldAt = started;
  return ({ rows, of }) => {
    const now = performance.now();
    if (now - toldAt < 2_000) return;
    toldAt = now;
    const rate = rows / ((now - started) / 1_000);
    tell(`${rows} of ${of} messages, ${Math.round(rate)} messages/s, ${Math.ceil((of - rows) / Math.max(1, rate))}s left`);
  };
}

async function compareAll(store: StoreHandle, plan: ReplayPlan): Promise<Compared[]> {
  const wanted = (names: readonly string[] | null, name: string): boolean => names === null || names.includes(name);
  const schemas = await readSchemas(store.writer);
  const silver: ComparedTable[] = [...schemas.values()].map(({ table, keyColumns }) => ({ layer: 'silver', table, keys: keyColumns }));
  const models = loadModels().filter(({ published }) => published);
  const gold: ComparedTable[] = models.map(({ name, key }) => ({ layer: 'gold', table: name, keys: key }));
  const behind = plan.goldCommit === plan.toCommit ? {} : { remark: `gold was published at commit ${plan.goldCommit}` };
  const found: Compared[] = [];
  for (const table of silver) if (wanted(plan.tables, table.table)) found.push(await compareWithLake(store.writer, table, plan.fromSeq));
  for (const table of gold) if (wanted(plan.models, table.table)) found.push(await compareWithLake(store.writer, { ...table, ...behind }));
  return found;
}

async function writeDifferences(store: StoreHandle, deltas: readonly Compared[], file: string): Promise<void> {
  const parts = deltas
    .filter(({ added, gone, changed }) => added + gone + changed > 0)
    .map(
      (delta) =>
        `SELECT ${literal(delta.layer)} AS layer, ${literal(delta.table)} AS "table", kind, live, replayed FROM ${differencesTable(delta)}`,
    );
  if (parts.length === 0) await writeFileAtomic(file, '');
  else await store.writer.run(`COPY (${parts.join(' UNION ALL ')}) TO ${literal(file)} (FORMAT json)`);
}
