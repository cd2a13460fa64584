// SWIFT lines as fields: a tag at the begin of a line, and the lines that go on until the next tag or the end of the message.

import { LineProblem, notOfFormat } from '../problem.ts';
import type { TextLine } from '../lines.ts';

export interface Field {
  readonly tag: string;
  readonly line: number;
  /** The first line is what stands behind the tag. */
  readonly lines: readonly string[];
}

export type FieldStep = Field | { readonly tag: 'end'; readonly line: number; readonly lines: readonly [] };

const TAG = /^:(\d{2}[A-Z]?|NS):/;
/** A tag of a statement inside a line: the line break before it was lost. */
const LOST_BREAK = /.:(?:20|25P?|28C?|60[FM]|61|62[FM]|64|65|86):/;
const LINES_MAX = 10_000;

/** Gathers lines into fields. */
export class FieldReader {
  #tag: string | null = null;
  #line = 0;
  #lines: string[] = [];

  take({ line, text: written }: TextLine): FieldStep[] {
    const text = written.replace(/^\u0001/, '').trimEnd();
    // Blocks 1 to 3 of a message of the network, with or without the begin of block 4 behind them.
    const body = text.replace(/^(?:\{[1235]:(?:[^{}]|\{[^{}]*\})*\})+/, '').replace(/^\{4:/, '');
    if (body === '' && text !== body) return this.#flush();
    if (/^-(?:\}|$)/.test(body) || body === '\u0003') return [...this.#flush(), { tag: 'end', line, lines: [] }];
    const tag = TAG.exec(body)?.[1];
    if (tag !== undefined) {
      const done = this.#flush();
      this.#tag = tag;
      this.#line = line;
      this.#lines = [body.slice(tag.length + 2)];
      return done;
    }
    if (this.#tag === null) {
      if (body.trim() !== '') throw notOfFormat(line, `"${body.slice(0, 40)}" stands before the first tag: this is no SWIFT statement`);
      return [];
    }
    if (this.#lines.length >= LINES_MAX) throw notOfFormat(line, `a field has more than ${LINES_MAX} lines`);
    this.#lines.push(body);
    return [];
  }

  end(line: number): FieldStep[] {
    return [...this.#flush(), { tag: 'end', line, lines: [] }];
  }

  #flush(): Field[] {
    if (this.#tag === null) return [];
    const field = { tag: this.#tag, line: this.#line, lines: this.#lines };
    this.#tag = null;
    return [field];
  }
}

/** @throws LineProblem when another field hides in this one */
export function refuseLostBreak({ lines }: Field): void {
  const found = lines.map((text) => LOST_BREAK.exec(text)?.[0]).find((it) => it !== undefined);
  if (found !== undefined) throw new LineProblem(`the tag ${found.slice(1)} stands inside a line: a line break is missing before it`);
}
