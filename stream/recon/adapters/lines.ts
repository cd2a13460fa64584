// Text in chunks as numbered lines, whichever way they end: CR LF, LF, CR, or the end of the file.

import { notOfFormat } from './problem.ts';

export interface TextLine {
  readonly line: number;
  readonly text: string;
}

/** A line of more characters is no line of a statement. */
const LINE_CHARS_MAX = 1_048_576;

/** Batches of lines, without their ends. */
export async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<TextLine[]> {
  let rest = '';
  let line = 0;
  for await (const chunk of chunks) {
    const text = rest + chunk;
    // A CR at the end may be half of a CR LF.
    const held = text.endsWith('\r') ? 1 : 0;
    const pieces = text.slice(0, text.length - held).split(/\r\n|\n|\r/);
    rest = pieces.pop()! + text.slice(text.length - held);
    if (rest.length > LINE_CHARS_MAX) throw notOfFormat(line + 1, `a line has more than ${LINE_CHARS_MAX} characters`);
    if (pieces.length > 0) yield pieces.map((piece) => ({ line: (line += 1), text: piece }));
  }
  if (rest.endsWith('\r')) rest = rest.slice(0, -1);
  if (rest !== '') yield [{ line: line + 1, text: rest }];
}
