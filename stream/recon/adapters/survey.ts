// A first look at a whole file, in one pass and bounded memory: its checksum, and the encoding that all of it is valid in.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { notOfFormat } from './problem.ts';

export interface FileSurvey {
  readonly sha256: string;
  readonly bytes: number;
  /** As TextDecoder names it. */
  readonly encoding: string;
  /** How the encoding is known. */
  readonly encodingBy: 'setting' | 'byte order mark' | 'zero bytes' | 'all of it is valid' | 'not valid UTF-8';
}

const CHUNK_BYTES = 262_144;

/** @throws LedgerflowError LF_STATEMENT_INPUT when it cannot be read, LF_STATEMENT_FORMAT when it is no text */
export async function surveyFile(file: string, encoding: string): Promise<FileSurvey> {
  const hash = createHash('sha256');
  const look = new EncodingLook();
  let bytes = 0;
  for await (const chunk of bytesOf(file)) {
    hash.update(chunk);
    look.see(chunk);
    bytes += chunk.length;
  }
  const found = encoding === 'auto' ? look.verdict() : ({ encoding, encodingBy: 'setting' } as const);
  return { sha256: hash.digest('hex'), bytes, ...found };
}

/** The file's bytes in chunks. */
export async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw new LedgerflowError('LF_STATEMENT_INPUT', messageOf(error), { where: file, cause: error });
  }
}

/** The file's text in chunks, without a byte order mark. @throws LedgerflowError LF_STATEMENT_FORMAT for bytes that are no text in the encoding */
export async function* textOf(file: string, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let offset = 0;
  const decode = (chunk?: Buffer): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (error) {
      throw notOfFormat(1, `bytes ${offset} to ${offset + (chunk?.length ?? 0)} hold what is no ${encoding}`, error);
    }
  };
  for await (const chunk of bytesOf(file)) {
    const text = decode(chunk);
    offset += chunk.length;
    if (text !== '') yield text;
  }
  const rest = decode();
  if (rest !== '') yield rest;
}

class EncodingLook {
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  #isUtf8 = true;
  #mark: string | null = null;
  #seen = 0;
  /** Zero bytes at even and odd places: one half of UTF-16 text in Latin letters. */
  readonly #zeros = [0, 0];

  see(chunk: Buffer): void {
    if (this.#seen === 0) this.#mark = markOf(chunk);
    for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, at + 1)) this.#zeros[(this.#seen + at) % 2]! += 1;
    this.#seen += chunk.length;
    if (!this.#isUtf8) return;
    try {
      this.#utf8.decode(chunk, { stream: true });
    } catch {
      this.#isUtf8 = false;
    }
  }

  verdict(): Pick<FileSurvey, 'encoding' | 'encodingBy'> {
    if (this.#mark !== null) return { encoding: this.#mark, encodingBy: 'byte order mark' };
    const [even = 0, odd = 0] = this.#zeros;
    if (even + odd > 0) {
      const most = Math.max(even, odd);
      if (most < this.#seen / 8 || most < 20 * Math.min(even, odd)) throw notOfFormat(1, 'the file holds zero bytes: it is no text');
      return { encoding: odd > even ? 'utf-16le' : 'utf-16be', encodingBy: 'zero bytes' };
    }
    try {
      if (this.#isUtf8) this.#utf8.decode();
    } catch {
      this.#isUtf8 = false;
    }
    return this.#isUtf8
      ? { encoding: 'utf-8', encodingBy: 'all of it is valid' }
      : { encoding: 'windows-1252', encodingBy: 'not valid UTF-8' };
  }
}

function markOf(start: Buffer): string | null {
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return 'utf-8';
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : null;
}
