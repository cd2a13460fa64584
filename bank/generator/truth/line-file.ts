// A file of JSON objects, one a line, written in blocks: in order, in bounded memory, complete after close().

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';

const BLOCK_CHARACTERS = 65_536;

export class LineFile {
  lines = 0;
  readonly #descriptor: number;
  #waiting = '';

  /** Makes the folder; replaces a file that is there. */
  constructor(file: string) {
    mkdirSync(path.dirname(file), { recursive: true });
    this.#descriptor = openSync(file, 'w');
  }

  /** Writes `value` as one line; a bigint becomes a string of digits. */
  write(value: object): void {
    this.writeText(JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? each.toString() : each)));
  }

  writeText(line: string): void {
    this.#waiting += `${line}\n`;
    this.lines += 1;
    if (this.#waiting.length >= BLOCK_CHARACTERS) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    if (this.#waiting !== '') writeSync(this.#descriptor, this.#waiting);
    this.#waiting = '';
  }
}
