// `ledgerflow generate --to`: a labelled world of any size as files, without a database: for evaluation of what reads the lake's tables.

import path from 'node:path';
import { throwIfAborted } from '../../../infra/runtime/sleep.ts';
import { monthsBefore } from '../span.ts';
import { StatementFiles } from '../statements/statement-files.ts';
import { TruthFiles } from '../truth/truth-files.ts';
import { planEvents } from '../world/plan.ts';
import { planPopulation } from '../world/population.ts';
import { settledOf } from '../write/settle.ts';
import { makeParquet } from './parquet.ts';
import { idsInFiles } from './standing.ts';
import type { TableName } from './tables.ts';
import { WorldFiles, type WrittenFile } from './world-files.ts';

export interface WriteWorldOptions {
  readonly directory: string;
  readonly format: 'parquet' | 'csv';
  readonly seed: number;
  readonly customers: number;
  /** Months before `untilMs`. */
  readonly months: number;
  readonly untilMs: number;
  readonly fraudRate: number;
  readonly faultRate: number;
  readonly breakRate: number;
  readonly signal?: AbortSignal | undefined;
  /** Called every 50,000 movements with their number and the share of the span that is done. */
  readonly onProgress?: (progress: { readonly movements: number; readonly share: number }) => void;
}

export interface WrittenWorld {
  readonly seed: number;
  readonly customers: number;
  /** ISO 8601. */
  readonly from: string;
  readonly until: string;
  readonly tables: Readonly<Record<TableName, WrittenFile>>;
  readonly statementFiles: number;
}

const PROGRESS_EVERY = 50_000;

/**
 * Writes `<table>.parquet` or `.csv`, `statements/` and `truth/` into the folder: all of it follows from the options.
 * @throws LedgerflowError LF_ABORTED
 */
export async function writeWorld(options: WriteWorldOptions): Promise<WrittenWorld> {
  const { directory, seed, customers, untilMs, fraudRate, faultRate, breakRate } = options;
  const world = planPopulation(seed, customers);
  const ids = idsInFiles(world);
  const fromMs = monthsBefore(untilMs, options.months);
  const files = new WorldFiles({ directory, world, ids, fromMs, untilMs });
  const truth = new TruthFiles({ directory: path.join(directory, 'truth'), world, ids });
  const statements = new StatementFiles({ directory: path.join(directory, 'statements'), world, breakRate, truth });
  let movements = 0;
  for (const step of settledOf(planEvents(world, { fromMs, untilMs, fraudRate, faultRate }))) {
    if (step.kind === 'device') {
      files.device(step);
      truth.device(step, ids.devices[step.device]!);
      continue;
    }
    files.settled(step);
    const id = BigInt(files.idOf(step.movement.n));
    truth.movement(step, id);
    statements.movement(step, id);
    movements += 1;
    if (movements % PROGRESS_EVERY !== 0) continue;
    throwIfAborted(options.signal);
    options.onProgress?.({ movements, share: (step.movement.at - fromMs) / (untilMs - fromMs) });
  }
  const tables = files.close();
  statements.close(untilMs);
  const about = { seed, customers, from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() };
  const counts = { tables, statementFiles: statements.files };
  truth.close({ ...about, fraudRate, faultRate, breakRate, ...counts });
  if (options.format === 'parquet') await makeParquet(directory);
  return { ...about, ...counts };
}
