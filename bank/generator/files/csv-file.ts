// A table as CSV (RFC 4180, header, nothing between commas for NULL), written in blocks, with a SHA-256 of all of it.

import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { TABLES, type TableName } from './tables.ts';

const LINES_PER_BLOCK = 2_048;

export class CsvFile {
  rows = 0;
  readonly #descriptor: number;
  readonly #hash = createHash('sha256');
  #waiting: string[] = [];

  /** Replaces a file that is there. */
  constructor(file: string, table: TableName) {
    this.#descriptor = openSync(file, 'w');
    this.#waiting = [Object.keys(TABLES[table]).join(',')];
  }

  /** @param line values joined by commas, text that may hold a comma, quote, blank or line end through `quoted` */
  write(line: string): void {
    this.rows += 1;
    if (this.#waiting.push(line) >= LINES_PER_BLOCK) this.#flush();
  }

  /** Writes what is left; answers the SHA-256 in hex. */
  close(): string {
    this.#flush();
    closeSync(this.#descriptor);
    return this.#hash.digest('hex');
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const bytes = Buffer.from(`${this.#waiting.join('\n')}\n`);
    this.#hash.update(bytes);
    for (let from = 0; from < bytes.length;) from += writeSync(this.#descriptor, bytes, from);
    this.#waiting = [];
  }
}

export function quoted(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}
