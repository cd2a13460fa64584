// What a backup holds: the cut it was taken at, every file with its SHA-256, and sums over silver at that cut. Written last: a folder
// without it is no backup.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { ident } from '../../infra/runtime/sql-text.ts';
import { rowsOf } from '../publish/sql.ts';

export const MANIFEST = 'manifest.json';
/** Places in a backup's folder; the store's and the lake's are those of a home folder. */
export const STORE_FILE = 'store/ledgerflow.duckdb';
export const CATALOG_FILE = 'lake/ledgerflow.ducklake';
export const LAKE_DATA = 'lake/data';

const count = z.int().min(0);
const fileSchema = z.object({ path: z.string(), bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) });
export type BackedUpFile = z.infer<typeof fileSchema>;

export const manifestSchema = z.object({
  format: z.literal(1),
  takenAt: z.string(),
  codeVersion: z.string(),
  /** The commit of the store; Kafka is read on from its offsets. */
  commitId: count,
  seq: z.int(),
  gtid: z.string().nullable(),
  serverUuid: z.string().nullable(),
  chain: z.string(),
  /** Next offset of every partition. */
  offsets: z.array(z.object({ topic: z.string(), partition: count, next: z.string() })),
  /** Rows and sum of hashes of every table of silver and of its history. */
  content: z.record(z.string(), z.object({ rows: z.string(), digest: z.string() })),
  files: z.array(fileSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** @throws LedgerflowError LF_BACKUP_BROKEN when there is none, or it is none */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = path.join(folder, MANIFEST);
  try {
    return manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new LedgerflowError('LF_BACKUP_BROKEN', `this is no complete backup: ${messageOf(error)}`, { where: file, cause: error });
  }
}

export async function sha256Of(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Compares every file with the manifest. @throws LedgerflowError LF_BACKUP_BROKEN naming the first that differs */
export async function checkFiles(folder: string, { files }: Manifest): Promise<void> {
  for (const { path: name, bytes, sha256 } of files) {
    const file = path.join(folder, name);
    const found = await sha256Of(file).catch((error: unknown) => {
      throw new LedgerflowError('LF_BACKUP_BROKEN', `a file cannot be read: ${messageOf(error)}`, { where: file, cause: error });
    });
    if (found.bytes !== bytes || found.sha256 !== sha256)
      throw new LedgerflowError('LF_BACKUP_BROKEN', `the file is not what was written: ${found.bytes} of ${bytes} bytes`, { where: file });
  }
}

/** Rows and sum of hashes of silver and its history as the connection sees them; the same in every copy of the store. */
export async function silverContent(connection: DuckDBConnection): Promise<Manifest['content']> {
  const views = await rowsOf(
    connection,
    `SELECT view_name FROM duckdb_views() WHERE database_name = current_database() AND schema_name = 'silver' AND NOT internal ORDER BY 1`,
  );
  const content: Manifest['content'] = {};
  for (const [view] of views) {
    const sql = `SELECT count(*)::VARCHAR, coalesce(sum(hash(t)::HUGEINT), 0)::VARCHAR FROM silver.${ident(view as string)} t`;
    const [row] = await rowsOf(connection, sql);
    content[view as string] = { rows: row?.[0] as string, digest: row?.[1] as string };
  }
  return content;
}
