// Cuts the byte stream of a PostgreSQL client into messages. Knows lengths, nothing of their meaning.

import { SqlFailure } from './failures.ts';

/** A message longer than this is refused: no statement or parameter needs more. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
const STARTUP_BYTES_MAX = 10_000;

export interface Frame {
  /** The message's type letter; empty for the untyped packets at start. */
  readonly type: string;
  readonly body: Buffer;
}

/** Bytes in, whole messages out. The first packets of a connection have no type letter: `typed` is set once start-up is over. */
export class FrameCutter {
  typed = false;
  #pending: Buffer = Buffer.alloc(0);

  get pendingBytes(): number {
    return this.#pending.length;
  }

  push(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
  }

  /** The next whole message, or undefined while it is incomplete. */
  next(): Frame | undefined {
    const head = this.typed ? 1 : 0;
    if (this.#pending.length < head + 4) return undefined;
    const length = this.#pending.readInt32BE(head);
    const longest = this.typed ? MESSAGE_BYTES_MAX : STARTUP_BYTES_MAX;
    if (length < 4 || length > longest) throw new SqlFailure('08P01', `invalid message length ${length}`, { fatal: true });
    const end = head + length;
    if (this.#pending.length < end) return undefined;
    const type = this.typed ? String.fromCharCode(this.#pending[0] ?? 0) : '';
    const body = this.#pending.subarray(head + 4, end);
    this.#pending = this.#pending.subarray(end);
    return { type, body };
  }
}

/** Reads the fields of one message's body in order. */
export class BodyReader {
  readonly #body: Buffer;
  #at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  int16(): number {
    this.#need(2);
    this.#at += 2;
    return this.#body.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#need(4);
    this.#at += 4;
    return this.#body.readInt32BE(this.#at - 4);
  }

  byte(): string {
    return this.bytes(1).toString('latin1');
  }

  bytes(length: number): Buffer {
    this.#need(length);
    this.#at += length;
    return this.#body.subarray(this.#at - length, this.#at);
  }

  text(): string {
    const end = this.#body.indexOf(0, this.#at);
    if (end < 0) throw new SqlFailure('08P01', 'a text in the message does not end', { fatal: true });
    const text = this.#body.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  rest(): Buffer {
    return this.bytes(this.#body.length - this.#at);
  }

  #need(length: number): void {
    if (length < 0 || this.#at + length > this.#body.length)
      throw new SqlFailure('08P01', 'the message is shorter than it says', { fatal: true });
  }
}
