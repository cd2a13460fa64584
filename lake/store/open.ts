// Opens the working store: one DuckDB instance, its connections, its tables, its fence.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { isDiskFull } from '../../infra/runtime/disk-full.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { STORE_DDL } from './layout.ts';
import { readState, type StoreState } from './state.ts';
import { removeOrphanSegments } from './segments.ts';
import { createStagingTables, type StagingUse } from './staging-table.ts';
import { literal } from '../../infra/runtime/sql-text.ts';

export interface StoreOptions {
  /** Folder of the working store's file. */
  readonly storeFolder: string;
  /** Folder of the published lake's Parquet files; bronze segments are written to its bronze/ folder. */
  readonly lakeDataFolder: string;
  readonly memoryMb: number;
  readonly threads: number;
}

/** The open working store. Each member connection has one user, because a connection runs one statement at a time. */
export interface StoreHandle extends AsyncDisposable {
  readonly instance: DuckDBInstance;
  /** Commits. */
  readonly writer: DuckDBConnection;
  readonly staging: StagingUse;
  /** Fills the staging table of the next commit while the writer works. */
  readonly stager: DuckDBConnection;
  /** Writes bronze segments. */
  readonly segmenter: DuckDBConnection;
  /** Folds superseded versions and checkpoints. */
  readonly folder: DuckDBConnection;
  readonly lakeDataFolder: string;
  readonly bronzeFolder: string;
  readonly file: string;
  /** State found at open, with this process's fencing epoch. */
  readonly state: StoreState;
  connect(): Promise<DuckDBConnection>;
}

export const STORE_CATALOG = 'ledgerflow';

/**
 * Opens or creates the store and takes its fence: the epoch grows by one, and a commit of an older epoch is refused.
 * @throws LedgerflowError LF_STORE_LOCKED when another process has the file open.
 */
export async function openStore(options: StoreOptions): Promise<StoreHandle> {
  const bronzeFolder = path.join(options.lakeDataFolder, 'bronze');
  const spill = path.join(options.storeFolder, 'spill');
  for (const folder of [options.storeFolder, bronzeFolder, spill]) mkdirSync(folder, { recursive: true });
  const file = path.join(options.storeFolder, `${STORE_CATALOG}.duckdb`);
  const instance = await openInstance(file, options, spill);
  const [writer, stager, segmenter, folder] = [
    await instance.connect(),
    await instance.connect(),
    await instance.connect(),
    await instance.connect(),
  ];
  const { state, staging } = await prepare(writer, file);
  faultPoint('open.fenced');
  await removeOrphanSegments(writer, bronzeFolder, state.commitId);
  faultPoint('open.swept');
  return {
    instance,
    writer,
    staging,
    stager,
    segmenter,
    folder,
    lakeDataFolder: options.lakeDataFolder,
    bronzeFolder,
    file,
    state,
    connect: () => instance.connect(),
    async [Symbol.asyncDispose]() {
      await writer.run('CHECKPOINT').catch(() => undefined); // best effort: the WAL is replayed at the next open
      for (const connection of [writer, stager, segmenter, folder]) connection.closeSync();
      instance.closeSync();
    },
  };
}

async function openInstance(file: string, options: StoreOptions, spill: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(file, {
      threads: String(options.threads),
      memory_limit: `${options.memoryMb}MB`,
      temp_directory: spill,
      preserve_insertion_order: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      // Kept plans would go on using the statistics of the rows they were planned on: wrong results (kept-statements.ts).
      disabled_optimizers: 'statistics_propagation,compressed_materialization',
      checkpoint_threshold: '1GB', // checkpoints are ours: by WAL bytes and by commits (docs/adr/0004)
    });
  } catch (error) {
    const message = messageOf(error);
    if (/lock/i.test(message))
      throw new LedgerflowError('LF_STORE_LOCKED', 'another process has the working store open', { where: file, cause: error });
    throw new LedgerflowError('LF_STORE_OPEN', `the working store cannot be opened: ${message}`, { where: file, cause: error });
  }
}

/** Tables and fence. A full disk is told by its name: whoever started this process starts it again. */
async function prepare(writer: DuckDBConnection, file: string): Promise<{ state: StoreState; staging: StagingUse }> {
  try {
    // A crash in the middle of a checkpoint leaves its marker in the write-ahead log. A second such crash, with commits beside it, makes
    // DuckDB refuse the store (duckdb#24260, checkpoint-crash.int.test.ts): so the log is emptied here, where nothing runs beside it.
    await writer.run('CHECKPOINT');
    await writer.run(STORE_DDL);
    const staging = await createStagingTables(writer);
    return { state: await takeFence(writer), staging };
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    throw new LedgerflowError('LF_DISK_FULL', `the store cannot be opened: ${messageOf(error)}`, { where: file, cause: error });
  }
}

async function takeFence(writer: DuckDBConnection): Promise<StoreState> {
  const found = await readState(writer);
  if (found === null) {
    await writer.run(`INSERT INTO ops.state VALUES (1, 0, -1, NULL, NULL, NULL, NULL, ${literal('')}, 'bootstrap', NULL)`);
  } else {
    await writer.run('UPDATE ops.state SET epoch = epoch + 1');
  }
  const state = await readState(writer);
  if (state === null) throw new LedgerflowError('LF_STORE_OPEN', 'the working store lost its state row while opening');
  return state;
}
