// OFX text as tags: SGML of version 1, whose values have no closing tags, and XML of version 2, read by the same rules.

import { notOfFormat } from '../problem.ts';

export type TagStep =
  | { readonly kind: 'open' | 'close'; readonly name: string; readonly line: number }
  | { readonly kind: 'value'; readonly name: string; readonly text: string; readonly line: number };

/** A value longer than this is none of OFX. */
const HELD_CHARS_MAX = 262_144;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', nbsp: ' ', quot: '"', apos: "'" };

/** Steps in batches, one for each chunk of text. An element with a value is told once; its closing tag, if any, is left out. */
export async function* ofxTags(chunks: AsyncIterable<string>): AsyncGenerator<TagStep[]> {
  const splitter = new TagSplitter();
  for await (const chunk of chunks) {
    const steps = splitter.take(chunk);
    if (steps.length > 0) yield steps;
  }
  yield splitter.end();
}

class TagSplitter {
  #held = '';
  #line = 1;
  #name: string | null = null;
  #nameLine = 1;
  #isBegun = false;

  /** What stands before the last `<` is whole. */
  take(chunk: string): TagStep[] {
    const text = this.#held + chunk;
    const end = text.lastIndexOf('<');
    this.#held = end < 0 ? text : text.slice(end);
    if (this.#held.length > HELD_CHARS_MAX) throw notOfFormat(this.#line, 'no tag of OFX for a long way');
    return end < 0 ? [] : this.#split(text.slice(0, end));
  }

  end(): TagStep[] {
    const steps = this.#split(this.#held);
    if (!this.#isBegun) throw notOfFormat(1, 'there is no <OFX>: this is no OFX file');
    return [...steps, ...this.#flush('')];
  }

  #split(text: string): TagStep[] {
    const steps: TagStep[] = [];
    for (const piece of text.split(/(?=<)/)) {
      const tag = /^<(\/?)([A-Za-z0-9_.-]+)\s*(\/?)>([^]*)$/.exec(piece);
      if (tag === null) {
        if (/^<[?!]/.test(piece) || !this.#isBegun)
          this.#line += breaksIn(piece); // declarations, and the head of version 1
        else if (this.#name !== null || piece.trim() !== '') throw notOfFormat(this.#line, `"${piece.slice(0, 40)}" is no tag`);
        continue;
      }
      this.#tag(tag, steps);
    }
    return steps;
  }

  #tag([piece, slash, written = '', , behind = '']: RegExpExecArray, steps: TagStep[]): void {
    const name = written.toUpperCase();
    const line = this.#line;
    if (name === 'OFX') this.#isBegun = true;
    else if (!this.#isBegun) throw notOfFormat(line, `<${written}> stands before <OFX>`);
    steps.push(...this.#flush(slash === '/' ? name : ''));
    const text = behind.trim();
    if (slash === '/') {
      if (this.#closes !== name) steps.push({ kind: 'close', name, line });
      this.#closes = null;
    } else if (text === '') {
      this.#name = name;
      this.#nameLine = line;
    } else {
      steps.push({ kind: 'value', name, text: decoded(text), line });
      this.#closes = name;
    }
    this.#line += breaksIn(piece);
  }

  /** A value was told under this name: the closing tag that may follow belongs to it. */
  #closes: string | null = null;

  /** A tag without a value is an aggregate, unless its own closing tag comes at once: then it is an empty value. */
  #flush(closing: string): TagStep[] {
    const name = this.#name;
    if (name === null) return [];
    this.#name = null;
    if (closing === name) {
      this.#closes = name;
      return [{ kind: 'value', name, text: '', line: this.#nameLine }];
    }
    return [{ kind: 'open', name, line: this.#nameLine }];
  }
}

function breaksIn(text: string): number {
  return text.split(/\r\n|\n|\r/).length - 1;
}

function decoded(text: string): string {
  return text
    .replace(/^<!\[CDATA\[([^]*)\]\]>$/, '$1')
    .replaceAll(
      /&(?:#(\d{1,6})|#x([0-9a-fA-F]{1,6})|([a-z]{2,5}));/g,
      (whole, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
        const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : null;
        if (code !== null) return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
        return ENTITIES[name ?? ''] ?? whole;
      },
    );
}
