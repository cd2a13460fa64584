// Bronze segments: immutable zstd Parquet files, fsynced and renamed before the commit that lists them.

import { readdir, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { fsyncFolder } from '../../infra/runtime/atomic-file.ts';
import { syncFile } from '../publish/durable.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { keepFile } from './keep-file.ts';
import { DISPOSITIONS } from './layout.ts';
import { stagingTable, type Slot } from './staging-table.ts';

export interface Segment {
  readonly file: string;
  readonly firstCommit: number;
  readonly lastCommit: number;
  readonly rows: number;
  readonly bytes: number;
}

/** A row group is built in memory: without a bound of bytes that would be 122,880 messages of any size. */
const PARQUET_OPTIONS = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 20480, ROW_GROUP_SIZE_BYTES '16MB'";
const UNFINISHED = '.tmp';

/** SELECT of a staged batch in bronze's columns. */
export function bronzeSelect(slot: Slot): string {
  const dispositions = `[${DISPOSITIONS.map(literal).join(', ')}]`;
  return `SELECT s.commit_id, t.topic, s.partition, s.kafka_offset, epoch_ms(s.kafka_ts_ms) AS kafka_ts, s.seq, s.ord,
    CASE WHEN s.op = 0 THEN NULL ELSE chr(s.op::INTEGER) END AS op, ${dispositions}[s.disposition + 1] AS disposition, s.key, s.value, s.headers
    FROM ${stagingTable(slot)} s JOIN ops.topics t ON t.topic_id = s.topic_id`;
}

/** Writes the rows of `select` as one durable file. The caller lists it in ops.segments in its commit. */
export async function writeSegment(
  connection: DuckDBConnection,
  folder: string,
  select: string,
  commits: readonly [number, number],
): Promise<Segment> {
  const [firstCommit, lastCommit] = commits;
  const name = `${String(firstCommit).padStart(12, '0')}-${String(lastCommit).padStart(12, '0')}.parquet`;
  const file = path.join(folder, name);
  const reader = await connection.runAndReadAll(`COPY (${select}) TO ${literal(file + UNFINISHED)} (${PARQUET_OPTIONS})`);
  const rows = Number(reader.getRows()[0]?.[0] ?? 0);
  await keepFile({ sync: syncFile, rename, syncFolder: fsyncFolder }, { unfinished: file + UNFINISHED, file, folder });
  return { file: name, firstCommit, lastCommit, rows, bytes: (await stat(file)).size };
}

export function listSegmentSql(segment: Segment): string {
  return `INSERT INTO ops.segments VALUES (${literal(segment.file)}, ${segment.firstCommit}, ${segment.lastCommit}, ${segment.rows}, ${segment.bytes});`;
}

/**
 * Removes files of commits that never happened: not listed in ops.segments and younger than everything published.
 * @returns the names removed
 */
export async function removeOrphanSegments(connection: DuckDBConnection, folder: string, lastCommit: number): Promise<string[]> {
  const listed = new Set((await connection.runAndReadAll('SELECT file FROM ops.segments')).getRows().map((row) => row[0] as string));
  const removed: string[] = [];
  for (const name of await readdir(folder)) {
    const unfinished = name.endsWith(UNFINISHED);
    const beyond = Number(name.slice(13, 25)) > lastCommit;
    if (listed.has(name) || !(unfinished || beyond)) continue;
    await unlink(path.join(folder, name));
    removed.push(name);
  }
  return removed;
}
