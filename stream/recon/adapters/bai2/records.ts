// BAI2 lines as records: a code, fields between commas, a slash at the end, and 88 records that go on.

import { notOfFormat } from '../problem.ts';
import type { TextLine } from '../lines.ts';

export interface BaiRecord {
  readonly code: string;
  readonly line: number;
  /** Physical lines, continuations among them: trailers count them. */
  readonly lines: number;
  readonly fields: readonly string[];
  readonly raw: string;
}

const LINES_MAX = 100_000;

/** Gathers lines into records; the last one is only known to be whole at the next. */
export class RecordReader {
  #texts: string[] = [];
  #code = '';
  #line = 0;

  take({ line, text: written }: TextLine): BaiRecord[] {
    const text = written.trimEnd();
    if (text === '') return [];
    const code = /^(\d\d)(?:,|\/|$)/.exec(text)?.[1];
    if (code === undefined) throw notOfFormat(line, `"${text.slice(0, 40)}" begins with no record code: this is no BAI2 file`);
    if (code === '88') {
      if (this.#texts.length === 0) throw notOfFormat(line, 'a record 88 goes on from none');
      if (this.#texts.length >= LINES_MAX) throw notOfFormat(line, `a record has more than ${LINES_MAX} lines`);
      this.#texts.push(text.slice(3));
      return [];
    }
    const done = this.end();
    this.#code = code;
    this.#line = line;
    this.#texts = [text.slice(3)];
    return done;
  }

  end(): BaiRecord[] {
    const texts = this.#texts;
    if (texts.length === 0) return [];
    this.#texts = [];
    // The slash ends the fields of a line; the text of a 16 may have none, and slashes in it.
    const joined = texts.map((text) => text.replace(/\/$/, '')).join(',');
    const raw = texts.map((text, index) => `${index === 0 ? this.#code : '88'},${text}`).join('\n');
    return [{ code: this.#code, line: this.#line, lines: texts.length, fields: joined.split(','), raw }];
  }
}
