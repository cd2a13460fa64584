// The way out to one client: messages gather in a buffer and leave in pieces, and a full socket holds the sender back.

import type { Socket } from 'node:net';
import { SqlFailure } from './failures.ts';
import { MessageBuffer } from './messages.ts';

const PIECE_BYTES = 64 * 1024;
/** Unsent bytes in the socket above which rows wait. */
const UNSENT_BYTES_MAX = 1024 * 1024;

export class Outlet {
  readonly messages = new MessageBuffer();
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Hands what has gathered to the socket. */
  flush(): void {
    if (this.messages.length > 0 && this.#socket.writable) this.#socket.write(this.messages.take());
  }

  /** Flushes when enough has gathered; true when the client does not keep up and `drained` must be awaited. */
  pushed(): boolean {
    if (this.messages.length < PIECE_BYTES) return false;
    this.flush();
    return this.#socket.writableLength > UNSENT_BYTES_MAX;
  }

  /** Resolves when the socket has room again. @throws SqlFailure 08006 when it closes, 57014 when `signal` aborts (the caller's check names why). */
  async drained(signal: AbortSignal): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed) throw new SqlFailure('08006', 'the client has gone', { fatal: true });
    if (!socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        socket.off('drain', done).off('close', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      socket.on('drain', done).on('close', done);
      signal.addEventListener('abort', done);
    });
    if (socket.destroyed) throw new SqlFailure('08006', 'the client has gone', { fatal: true });
  }
}
