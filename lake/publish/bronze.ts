// Bronze changes hands here: segments of the store become files of the lake. A segment is hard-linked into the lake's
// own folder before it is adopted, so that each side removes only its own name: the lake may merge and delete its files
// while readers of the store still scan the segment, and the folder of segments holds little more than what is unpublished.

import { copyFile, link, mkdir, readdir, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { fsyncFolder } from '../../infra/runtime/atomic-file.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { syncFile } from './durable.ts';
import { BRONZE_CHANGES, LAKE, type LakePaths } from './lake-catalog.ts';
import { rowsOf } from './sql.ts';

const COLUMNS = 'commit_id, topic, partition, kafka_offset, kafka_ts, seq, ord, op, disposition, key, value, headers';
/** Always in the segments' folder, without rows, so that reading the folder never finds nothing. */
const EMPTY_SEGMENT = `${'0'.repeat(12)}-${'0'.repeat(12)}.parquet`;
/** Statements run at most 30 s by default; a segment's file outlives its listing by far more. */
export const SEGMENT_GRACE_MS = 10 * 60_000;

export interface BronzeViewInput {
  readonly bronzeFolder: string;
  readonly lakeAttached: boolean;
  /** The commit of the store's last publication; 0 before the first. */
  readonly publishedCommit: number;
}

/**
 * The readers' view of all bronze: the lake's part, the segments not published yet, and the tail.
 *
 * Right at every instant, without ever being replaced: the store's transaction of a statement begins before the lake's
 * (the view itself is looked up in the store), so the lake can be ahead of the store's last publication but never
 * behind it; what the lake has beyond it is cut off by commit, and is still listed in the store's segments.
 */
export function bronzeViewSql(input: BronzeViewInput): string {
  const folder = path.resolve(input.bronzeFolder);
  const parts = [
    `SELECT ${COLUMNS} FROM _bronze.tail`,
    `SELECT ${COLUMNS} FROM read_parquet(${literal(`${folder}/*.parquet`)}, filename = true) WHERE filename IN (SELECT ${literal(`${folder}/`)} || file FROM ops.segments)`,
  ];
  if (input.lakeAttached) {
    parts.push(`SELECT ${COLUMNS} FROM ${BRONZE_CHANGES} WHERE commit_id <= (SELECT coalesce(max(commit_id), 0) FROM ops.publications)`);
  } else if (input.publishedCommit > 0) {
    const text = `bronze up to commit ${input.publishedCommit} is in the published lake, which cannot be read without the DuckLake extension`;
    parts.push(`SELECT ${COLUMNS} FROM _bronze.tail WHERE error(${literal(text)})`);
  }
  return `CREATE OR REPLACE VIEW bronze.changes AS ${parts.join('\nUNION ALL ')}`;
}

/** Makes the file without rows that the view needs. */
export async function writeEmptySegment(connection: DuckDBConnection, bronzeFolder: string): Promise<void> {
  await mkdir(bronzeFolder, { recursive: true });
  const file = path.join(path.resolve(bronzeFolder), EMPTY_SEGMENT);
  await connection.run(`COPY (SELECT ${COLUMNS} FROM _bronze.tail LIMIT 0) TO ${literal(file)} (FORMAT parquet)`);
}

/** Unpublished segments, oldest first: file name and rows. */
export async function unpublishedSegments(connection: DuckDBConnection): Promise<{ file: string; rows: number }[]> {
  const found = await rowsOf(connection, 'SELECT file, rows FROM ops.segments ORDER BY first_commit, last_commit');
  return found.map(([file, rows]) => ({ file: file as string, rows: Number(rows) }));
}

/** Hands the segments to the lake within the open transaction. */
export async function adoptSegments(
  connection: DuckDBConnection,
  bronzeFolder: string,
  paths: LakePaths,
  files: readonly string[],
): Promise<void> {
  if (files.length === 0) return;
  const folder = path.join(paths.data, 'bronze', 'changes');
  await mkdir(folder, { recursive: true });
  const linked: string[] = [];
  for (const file of files) {
    const target = path.join(folder, file);
    await linkOrCopy(path.join(bronzeFolder, file), target);
    linked.push(literal(target));
  }
  faultPoint('publish.linked');
  await fsyncFolder(folder);
  await connection.run(`CALL ducklake_add_data_files('${LAKE}', 'changes', [${linked.join(', ')}], schema => 'bronze')`);
}

/** A name left by a publication that failed before its commit is replaced: no catalog knows it. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target).catch(async (error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
      await unlink(target);
      await link(source, target);
    });
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes(codeOf(error) ?? '')) throw error;
    await copyFile(source, target); // file systems without hard links
    await syncFile(target);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/**
 * Removes the store's names of segments that are published and older than the grace.
 * @returns the names removed
 */
export async function retireSegments(
  connection: DuckDBConnection,
  bronzeFolder: string,
  limits: { publishedCommit: number; nowMs: number; graceMs: number },
): Promise<string[]> {
  const listed = new Set((await unpublishedSegments(connection)).map((segment) => segment.file));
  const removed: string[] = [];
  for (const name of await readdir(bronzeFolder)) {
    const lastCommit = /^\d{12}-(\d{12})\.parquet$/.exec(name)?.[1];
    if (lastCommit === undefined || name === EMPTY_SEGMENT || listed.has(name) || Number(lastCommit) > limits.publishedCommit) continue;
    const file = path.join(bronzeFolder, name);
    if (limits.nowMs - (await stat(file)).ctimeMs < limits.graceMs) continue; // linking set the change time
    await unlink(file);
    faultPoint('publish.retired');
    removed.push(name);
  }
  return removed;
}
