// Builds the messages of the PostgreSQL protocol (version 3.0) that a server sends, into one growing buffer.

import type { SqlFailure } from './failures.ts';
import type { PgColumn } from './types.ts';

export type TransactionStatus = 'I' | 'T' | 'E';

const FIRST_BYTES = 16 * 1024;
const NULL_LENGTH = -1;

/** A growing buffer of outgoing messages; `take()` hands the bytes over and starts anew. */
export class MessageBuffer {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #end = 0;
  #start = 0;
  #unfinished = false;

  get length(): number {
    return this.#end;
  }

  take(): Buffer {
    const out = this.#bytes.subarray(0, this.#end);
    this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
    this.#end = 0;
    return out;
  }

  /** Begins a message. One that an error left unfinished is taken back. */
  begin(type: string): this {
    if (this.#unfinished) this.#end = this.#start - 1;
    this.#unfinished = true;
    this.#room(5);
    this.#bytes[this.#end] = type.charCodeAt(0);
    this.#start = this.#end + 1;
    this.#end += 5;
    return this;
  }

  end(): this {
    this.#bytes.writeInt32BE(this.#end - this.#start, this.#start);
    this.#unfinished = false;
    return this;
  }

  int16(value: number): this {
    this.#room(2);
    this.#end = this.#bytes.writeInt16BE(value, this.#end);
    return this;
  }

  int32(value: number): this {
    this.#room(4);
    this.#end = this.#bytes.writeInt32BE(value, this.#end);
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
    return this;
  }

  /** Text ended by a zero byte. */
  text(value: string): this {
    return this.utf8(value).raw(ZERO);
  }

  /** Text without an end mark. */
  utf8(value: string): this {
    this.#room(value.length * 3);
    this.#end += this.#bytes.write(value, this.#end, 'utf8');
    return this;
  }

  /** One value of a row: its length, then its bytes; null has length -1. */
  value(value: string | Uint8Array | null): this {
    if (value === null) return this.int32(NULL_LENGTH);
    if (typeof value !== 'string') return this.int32(value.length).raw(value);
    this.#room(4 + value.length * 3);
    const written = this.#bytes.write(value, this.#end + 4, 'utf8');
    this.#bytes.writeInt32BE(written, this.#end);
    this.#end += 4 + written;
    return this;
  }

  #room(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + bytes));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

const ZERO = new Uint8Array(1);

export function empty(out: MessageBuffer, type: string): void {
  out.begin(type).end();
}

export function authentication(out: MessageBuffer, kind: number, payload: string | null = null): void {
  out.begin('R').int32(kind);
  if (payload !== null) out.utf8(payload);
  out.end();
}

export function parameterStatus(out: MessageBuffer, name: string, value: string): void {
  out.begin('S').text(name).text(value).end();
}

export function backendKey(out: MessageBuffer, processId: number, secret: number): void {
  out.begin('K').int32(processId).int32(secret).end();
}

export function ready(out: MessageBuffer, status: TransactionStatus): void {
  out.begin('Z').utf8(status).end();
}

export function commandComplete(out: MessageBuffer, tag: string): void {
  out.begin('C').text(tag).end();
}

export function rowDescription(out: MessageBuffer, columns: readonly PgColumn[], formats: readonly number[]): void {
  out.begin('T').int16(columns.length);
  for (const [index, { name, type }] of columns.entries()) {
    out
      .text(name)
      .int32(0)
      .int16(0)
      .int32(type.oid)
      .int16(type.size)
      .int32(type.modifier)
      .int16(formats[index] ?? 0);
  }
  out.end();
}

export function parameterDescription(out: MessageBuffer, oids: readonly number[]): void {
  out.begin('t').int16(oids.length);
  for (const oid of oids) out.int32(oid);
  out.end();
}

/** CopyOutResponse, all columns in text. */
export function copyOut(out: MessageBuffer, columns: number): void {
  out.begin('H').raw(ZERO).int16(columns);
  for (let index = 0; index < columns; index += 1) out.int16(0);
  out.end();
}

export function copyData(out: MessageBuffer, line: string): void {
  out.begin('d').utf8(line).end();
}

export function notice(out: MessageBuffer, sqlstate: string, message: string): void {
  out.begin('N');
  for (const field of [`SWARNING`, `VWARNING`, `C${sqlstate}`, `M${message}`]) out.text(field);
  out.raw(ZERO).end();
}

export function errorResponse(out: MessageBuffer, failure: SqlFailure): void {
  const severity = failure.fatal ? 'FATAL' : 'ERROR';
  out
    .begin('E')
    .text(`S${severity}`)
    .text(`V${severity}`)
    .text(`C${failure.sqlstate}`)
    .text(`M${failure.message.replaceAll('\0', '')}`);
  if (failure.detail !== undefined) out.text(`D${failure.detail}`);
  if (failure.hint !== undefined) out.text(`H${failure.hint}`);
  if (failure.position !== undefined) out.text(`P${failure.position}`);
  out.raw(ZERO).end();
}
