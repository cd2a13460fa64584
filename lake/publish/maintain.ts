// Keeps the lake small and quick to read: compacts tables with many files, forgets old snapshots, deletes files that no
// snapshot and no reader needs. Runs between publications on the publisher's connection, never beside one.

import { readdir, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { throwIfAborted } from '../../infra/runtime/sleep.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import type { DurableFiles } from './durable.ts';
import { CATALOG, LAKE, type LakePaths } from './lake-catalog.ts';
import { inTransaction, rowsOf } from './sql.ts';

export interface MaintenanceLimits {
  /** Snapshots older than this are forgotten: how far back AT (VERSION => n) reaches. */
  readonly retentionHours: number;
  /** A file that left the lake stays on disk for this long: how long a reader may keep a catalog attached. */
  readonly fileGraceMinutes: number;
  /** Data and delete files of one table before it is compacted. */
  readonly filesPerTableMax: number;
}

export interface MaintenanceReport {
  readonly compacted: readonly string[];
  readonly snapshotsExpired: number;
  readonly filesDeleted: number;
  readonly orphansDeleted: number;
}

export interface MaintenanceContext {
  readonly connection: DuckDBConnection;
  readonly durable: DurableFiles;
  readonly paths: LakePaths;
  readonly limits: MaintenanceLimits;
  /** Folder inside the lake's data that holds the store's own segments: the lake does not know them and must not judge them. */
  readonly bronzeFolder: string;
}

/** First step of a merge takes files below this only, so that large files are not written again for every small one. */
const SMALL_FILE_BYTES = 16 << 20;
/** A rewrite at any share of deleted rows, for tables whose delete files have become many. */
const ANY_DELETES = 0.0001;

/** One round. `signal` ends it between two steps. */
export async function maintain(context: MaintenanceContext, signal?: AbortSignal): Promise<MaintenanceReport> {
  const compacted: string[] = [];
  for (const table of await tableFiles(context.connection)) {
    throwIfAborted(signal);
    if (table.dataFiles + table.deleteFiles <= context.limits.filesPerTableMax) continue;
    await compactTable(context, table);
    compacted.push(`${table.schema}.${table.name}`);
  }
  throwIfAborted(signal);
  const { connection, limits } = context;
  const expired = await rowsOf(
    connection,
    `CALL ducklake_expire_snapshots('${LAKE}', older_than => now() - INTERVAL ${limits.retentionHours} HOUR)`,
  );
  faultPoint('maintain.expired');
  const cleaned = await rowsOf(
    connection,
    `CALL ducklake_cleanup_old_files('${LAKE}', older_than => now() - INTERVAL ${limits.fileGraceMinutes} MINUTE)`,
  );
  faultPoint('maintain.cleaned');
  const orphans = await removeOrphans(context);
  return { compacted, snapshotsExpired: expired.length, filesDeleted: cleaned.length, orphansDeleted: orphans };
}

export interface TableFiles {
  readonly schema: string;
  readonly name: string;
  readonly dataFiles: number;
  readonly deleteFiles: number;
}

/** Live files per table, most first. */
export async function tableFiles(connection: DuckDBConnection): Promise<TableFiles[]> {
  // A delete file keeps no end of its own when its data file ends: it counts only beside a live one.
  const found = await rowsOf(
    connection,
    `SELECT s.schema_name, t.table_name, count(DISTINCT d.data_file_id), count(DISTINCT x.delete_file_id) FROM ${CATALOG}.ducklake_table t
     JOIN ${CATALOG}.ducklake_schema s ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL
     LEFT JOIN ${CATALOG}.ducklake_data_file d ON d.table_id = t.table_id AND d.end_snapshot IS NULL
     LEFT JOIN ${CATALOG}.ducklake_delete_file x ON x.data_file_id = d.data_file_id AND x.end_snapshot IS NULL
     WHERE t.end_snapshot IS NULL GROUP BY 1, 2 ORDER BY count(DISTINCT d.data_file_id) + count(DISTINCT x.delete_file_id) DESC`,
  );
  return found.map(([schema, name, dataFiles, deleteFiles]) => ({
    schema: schema as string,
    name: name as string,
    dataFiles: Number(dataFiles),
    deleteFiles: Number(deleteFiles),
  }));
}

async function compactTable(context: MaintenanceContext, table: TableFiles): Promise<void> {
  const target = `'${LAKE}', ${literal(table.name)}, schema => ${literal(table.schema)}`;
  // Files with deletes are not merged: apply the deletes first, all of them when they are what makes the files many.
  const many = table.deleteFiles * 2 > context.limits.filesPerTableMax;
  if (table.deleteFiles > 0)
    await step(context, `CALL ducklake_rewrite_data_files(${target}${many ? `, delete_threshold => ${ANY_DELETES}` : ''})`);
  await step(context, `CALL ducklake_merge_adjacent_files(${target}, max_file_size => ${SMALL_FILE_BYTES})`);
  const after = (await tableFiles(context.connection)).find((each) => each.schema === table.schema && each.name === table.name);
  if ((after?.dataFiles ?? 0) * 2 > context.limits.filesPerTableMax) await step(context, `CALL ducklake_merge_adjacent_files(${target})`);
}

/** Files written by a compaction are made durable before its commit names them, like those of a publication. */
async function step(context: MaintenanceContext, call: string): Promise<void> {
  await inTransaction(context.connection, async () => {
    faultPoint('compact.begun');
    await context.connection.run(call);
    faultPoint('compact.written');
    await context.connection.run(`CALL ${LAKE}.set_commit_message('ledgerflow', 'compaction')`);
    await context.durable.syncNew();
    faultPoint('compact.synced');
  });
  faultPoint('compact.done');
}

/**
 * Deletes files of attempts that never committed. DuckLake's own removal would also take the store's unpublished
 * segments, which lie below the same folder, so it only lists.
 */
async function removeOrphans(context: MaintenanceContext): Promise<number> {
  const { connection, limits } = context;
  const segments = path.resolve(context.bronzeFolder);
  const sql = `CALL ducklake_delete_orphaned_files('${LAKE}', dry_run => true, older_than => now() - INTERVAL ${limits.fileGraceMinutes} MINUTE)`;
  let removed = 0;
  for (const [found] of await rowsOf(connection, sql)) {
    const file = path.resolve(found as string);
    if (path.dirname(file) === segments || !file.startsWith(`${context.paths.data}${path.sep}`)) continue;
    await unlink(file);
    removed += 1;
  }
  return removed;
}

/** Files and bytes below the lake's data folder, for status and tests. */
export async function diskUse(paths: LakePaths): Promise<{ files: number; bytes: number }> {
  const entries = await readdir(paths.data, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map((entry) => stat(path.join(entry.parentPath, entry.name)).catch(() => null)));
  return { files: files.length, bytes: sizes.reduce((sum, each) => sum + (each?.size ?? 0), 0) };
}
