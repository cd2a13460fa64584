// parts.lock.json: which versions are pinned and the SHA-256 of each file; refuses what differs.

import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { LedgerflowError } from '../../runtime/errors.ts';

const sums = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));
const jars = { version: z.string(), sizeMb: z.number(), sha256: sums };
const packages = z.array(z.string());

const schema = z.object({
  maven: z.object({ dependencyPlugin: z.string() }),
  kafka: z.object({ ...jars, pom: z.string() }),
  debezium: z.object({ ...jars, artifact: z.string() }),
  registry: z.object({ ...jars, artifact: z.string() }),
  ducklake: z.object({
    version: z.string(),
    package: z.string(),
    sizeMb: z.number(),
    platforms: z.record(z.string(), z.object({ pipPlatform: z.string(), wheelSha256: z.string(), fileSha256: z.string() })),
  }),
  mysql: z.object({ minimum: z.string(), sizeMb: z.number(), packages }),
  java: z.object({ minimum: z.number(), sizeMb: z.number(), packages }),
  mavenClient: z.object({ packages }),
});

export type PartsLock = z.output<typeof schema>;

export const PARTS_LOCK_FILE = fileURLToPath(new URL('../parts.lock.json', import.meta.url));

export function readPartsLock(): PartsLock {
  return schema.parse(JSON.parse(readFileSync(PARTS_LOCK_FILE, 'utf8')));
}

/** Hex SHA-256 of a file of any size. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** @throws LedgerflowError LF_PART_CHECKSUM when `file` is not the pinned one. */
export async function verifyFile(file: string, expected: string): Promise<void> {
  const found = await sha256Of(file);
  if (found === expected) return;
  throw new LedgerflowError('LF_PART_CHECKSUM', `${path.basename(file)} has SHA-256 ${found}, expected ${expected}`, { where: file });
}

/** Every pinned file is in `folder` with its checksum, and no other. @throws LedgerflowError LF_PART_CHECKSUM */
export async function verifyFolder(folder: string, expected: Readonly<Record<string, string>>): Promise<void> {
  const found = new Set(await readdir(folder));
  const missing = Object.keys(expected).filter((name) => !found.has(name));
  const extra = [...found].filter((name) => !(name in expected));
  if (missing.length + extra.length > 0) {
    const what = `missing: ${missing.join(', ') || 'none'}; not expected: ${extra.join(', ') || 'none'}`;
    throw new LedgerflowError('LF_PART_CHECKSUM', `the set of downloaded files differs (${what})`, { where: folder });
  }
  for (const [name, sum] of Object.entries(expected)) await verifyFile(path.join(folder, name), sum);
}

/** A short name for a set of pinned files: a folder named after it holds exactly these. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
