// DuckDB does not fsync the Parquet files it writes. Everything new below the lake's data folder is made durable before
// the catalog's commit names it, otherwise a power cut could leave a catalog that points at empty files.

import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fsyncFolder } from '../../infra/runtime/atomic-file.ts';

/** A folder whose modification time is this much older than the last look has nothing new (file system clocks are coarse). */
const CLOCK_SLACK_MS = 2_000;
/** Files synced at once. */
const SYNCS_MAX = 8;

export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Remembers which files of <data>/<schema>/<table>/ are durable and syncs the others. */
export class DurableFiles {
  private readonly data: string;
  private readonly known = new Map<string, { seenMs: number; names: Set<string> }>();

  constructor(data: string) {
    this.data = data;
  }

  /** Takes what is there now as durable: files of earlier commits, or of attempts that never commit. */
  async takeStock(): Promise<void> {
    for (const folder of await this.tableFolders()) await this.newFiles(folder);
  }

  /** Syncs files and folders that are new since the last call. @returns files synced */
  async syncNew(): Promise<number> {
    let synced = 0;
    for (const folder of await this.tableFolders()) {
      const fresh = !this.known.has(folder);
      const files = await this.newFiles(folder);
      for (let at = 0; at < files.length; at += SYNCS_MAX) await Promise.all(files.slice(at, at + SYNCS_MAX).map(syncFile));
      if (files.length > 0) await fsyncFolder(folder);
      if (fresh) await Promise.all([fsyncFolder(path.dirname(folder)), fsyncFolder(this.data)]);
      synced += files.length;
    }
    return synced;
  }

  private async newFiles(folder: string): Promise<string[]> {
    const startedMs = Date.now();
    const before = this.known.get(folder);
    if (before !== undefined && (await stat(folder)).mtimeMs < before.seenMs - CLOCK_SLACK_MS) return [];
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const names = new Set(entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name)));
    this.known.set(folder, { seenMs: startedMs, names });
    return [...names].filter((name) => before?.names.has(name) !== true);
  }

  private async tableFolders(): Promise<string[]> {
    const folders: string[] = [];
    for (const schema of await readdir(this.data, { withFileTypes: true })) {
      if (!schema.isDirectory()) continue;
      for (const table of await readdir(path.join(this.data, schema.name), { withFileTypes: true })) {
        if (table.isDirectory()) folders.push(path.join(this.data, schema.name, table.name));
      }
    }
    return folders;
  }
}
