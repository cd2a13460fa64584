// A bulk read from beginning to end: signal, snapshot, files, hand-over. When this process dies, the snapshot is gone with it; what the
// processor has of it is dropped by `ledgerflow backfill stop`; until then the table's next backfill is refused.

import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Connection } from 'mysql2/promise';
import { collectionPattern } from '../../cdc/connector/signal-row.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { callControl } from '../../infra/runtime/control-client.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { retry, type RetryPolicy } from '../../infra/runtime/retry.ts';
import { notBulkReadable } from '../../lake/store/bulk-rows.ts';
import { bulkFolder } from '../../stream/backfill/bulk-loads.ts';
import { BULK_SIGNAL } from '../../stream/processor/reread-signals.ts';
import { wireOf } from '../support/running.ts';
import { makeKnown, refuseBeside, sourceInput } from './backfill-run.ts';
import { extentOf, onSource, refused, signalId, sourceTable, writeSignal } from './backfill-source.ts';
import { backfillStatuses, type BackfillStatus } from './backfill-status.ts';
import { keyRanges, openBulkSnapshot, readRange, type BulkSnapshot } from './bulk-read.ts';
import { until } from './until.ts';

export interface BulkInput {
  readonly table: string;
  /** Connections that read at a time. */
  readonly readers: number;
  readonly onProgress: (text: string) => void;
}

/** A processor that is started again goes on with the files it has not got; the snapshot is this process's. */
const RESTARTING: RetryPolicy = { attemptsMax: 60, firstDelayMs: 500, delayMaxMs: 2_000 };
const HAND_OVER_AGAIN_MS = 5_000;

/** @throws LedgerflowError LF_BACKFILL_REFUSED, LF_BACKFILL_FAILED, LF_VERIFY_SOURCE_BUSY */
export async function bulkBackfill(input: BulkInput): Promise<BackfillStatus> {
  const source = sourceInput(input.table);
  return await onSource(source, async (connection) => {
    const table = await sourceTable(connection, source);
    const why = notBulkReadable(table.schema);
    if (why !== null) throw refused(input.table, why);
    await refuseBeside(input.table, false);
    await makeKnown(connection, table, input.onProgress);
    const signal = signalId('bulk', input.table);
    const name = collectionPattern(table.schema.database, input.table);
    const estimate = await extentOf(connection, table, null);
    await writeSignal(connection, { id: signal, type: BULK_SIGNAL, data: { 'data-collections': [name], estimate } });
    try {
      await until('the signal to come through', async () => (await backfillStatuses(wireOf(), signal)).length > 0);
      return await readAndHandOver({ ...input, signal, schema: table.schema });
    } catch (error) {
      const stop = { id: signalId('stop', input.table), type: 'stop-snapshot' as const, data: { 'data-collections': [name] } };
      await writeSignal(connection, stop).catch(() => undefined); // the first error is the one to tell
      throw error;
    }
  });
}

interface Reading extends BulkInput {
  readonly signal: string;
  readonly schema: TableSchema;
}

async function readAndHandOver(reading: Reading): Promise<BackfillStatus> {
  const folder = path.join(bulkFolder(loadConfig().home), reading.signal);
  removeLeftOvers(reading.table);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    using snapshot = await openBulkSnapshot(sourceInput(reading.table).mysql, reading.readers);
    const started = performance.now();
    const rows = await readAll(reading, snapshot, folder);
    const seconds = (performance.now() - started) / 1_000;
    reading.onProgress(
      `${reading.table}: ${rows} rows in ${seconds.toFixed(1)} s, ${Math.round(rows / seconds)} rows/s; handing over at ${snapshot.gtid.uuid}:${snapshot.gtid.seq}`,
    );
    return await handOver(reading, snapshot, rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Files of a bulk read of the table whose command was killed: it does not go on any more, or this one would have been refused. */
function removeLeftOvers(table: string): void {
  const folder = bulkFolder(loadConfig().home);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (/^backfill-bulk-\d+-/.test(name) && name.replace(/^backfill-bulk-\d+-/, '') === table)
      rmSync(path.join(folder, name), { recursive: true, force: true });
}

/** @returns rows of the table in the snapshot, by MySQL's count */
async function readAll(
  { signal, schema, table, onProgress }: Reading,
  { readers, gtid, takenMs }: BulkSnapshot,
  folder: string,
): Promise<number> {
  const [first] = readers;
  if (first === undefined) throw new Error('a snapshot without a reader');
  const { ranges, rows } = await keyRanges(first, schema);
  const columns = schema.columns.map(({ name }) => name);
  let [next, loaded, told] = [0, 0, 0];
  const one = async (reader: Connection): Promise<void> => {
    for (let part = next++; part < ranges.length; part = next++) {
      const { file } = await readRange(reader, schema, ranges[part] ?? null, path.join(folder, `${part}.txt`));
      loaded += await load({ signal, part, file, columns, seq: gtid.seq, takenMs });
      rmSync(file);
      if (Math.floor((10 * loaded) / rows) > told) onProgress(`${table}: ${loaded} of ${rows} rows`);
      told = Math.floor((10 * loaded) / rows);
    }
  };
  await Promise.all(readers.map(one));
  return rows;
}

async function load(part: {
  signal: string;
  part: number;
  file: string;
  columns: readonly string[];
  seq: number;
  takenMs: number;
}): Promise<number> {
  const { rows } = (await reaching('backfill/bulk-load', part)) as { rows: number };
  return rows;
}

function reaching(command: string, body: object): Promise<unknown> {
  const { home } = loadConfig();
  return retry(RESTARTING, () => callControl(home, command, body));
}

/** The processor forgets at a restart that everything is loaded, so it is told again while it has not handed over. */
async function handOver({ signal, table }: Reading, { gtid }: BulkSnapshot, rows: number): Promise<BackfillStatus> {
  let toldAt = 0;
  let status: BackfillStatus | undefined;
  await until('the hand-over', async () => {
    [status] = await retry(RESTARTING, () => backfillStatuses(wireOf(), signal));
    if (status === undefined || status.state !== 'running') return true;
    if (Date.now() - toldAt < HAND_OVER_AGAIN_MS) return false;
    await reaching('backfill/bulk-finish', { signal, uuid: gtid.uuid, seq: gtid.seq, rows });
    toldAt = Date.now();
    return false;
  });
  if (status?.state !== 'done')
    throw new LedgerflowError('LF_BACKFILL_FAILED', `${table}: ${status?.state ?? 'unknown'}`, { where: signal });
  return status;
}
