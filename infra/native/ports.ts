// Chooses a port on loopback: the one used before, the preferred one, or the next free one; and keeps it from other homes while its part
// does not listen yet, or not at the moment.

import net from 'node:net';
import { LedgerflowError } from '../runtime/errors.ts';

const PORTS_TRIED_MAX = 200;

/** True when nothing listens there, so that a server could. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** True when something answers there. */
export function isPortOpen(port: number, host = '127.0.0.1', timeoutMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host, timeout: timeoutMs });
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

/** Hands out free ports, none twice: neither to this home nor, until it is disposed, to another one on this machine. */
export class PortChooser implements AsyncDisposable {
  readonly #taken = new Map<number, AsyncDisposable>();

  /**
   * @param previous the port used in the last run: clients may have kept it
   * @throws LedgerflowError LF_PORT_TAKEN when 200 ports from `preferred` on are in use
   */
  async choose(name: string, preferred: number, previous?: number | null): Promise<number> {
    const candidates = [...(previous === undefined || previous === null ? [] : [previous]), ...range(preferred)];
    for (const port of candidates) {
      if (this.#taken.has(port)) continue;
      const reserved = await reserve(port);
      if (reserved === null) continue;
      if (await isPortFree(port)) {
        this.#taken.set(port, reserved);
        return port;
      }
      await reserved[Symbol.asyncDispose]();
    }
    throw new LedgerflowError('LF_PORT_TAKEN', `no free port for ${name} from ${preferred} to ${preferred + PORTS_TRIED_MAX - 1}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const reserved of this.#taken.values()) await reserved[Symbol.asyncDispose]();
    this.#taken.clear();
  }
}

/**
 * A start needs half a minute from the choice of its ports to the last part that listens on one. An abstract socket named after the port says
 * meanwhile that it is spoken for: it is seen where the port is (the same network namespace), and the kernel drops it with this process.
 * @returns null when another home has it
 */
function reserve(port: number): Promise<AsyncDisposable | null> {
  if (process.platform !== 'linux') return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() }); // no such sockets elsewhere
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => socket.destroy()).unref();
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    const given = (): Promise<void> => new Promise((done) => server.close(() => done()));
    server.listen({ path: `\0ledgerflow-port-${port}` }, () => resolve({ [Symbol.asyncDispose]: given }));
  });
}

function range(first: number): number[] {
  return Array.from({ length: PORTS_TRIED_MAX }, (_, index) => first + index).filter((port) => port <= 65_535);
}
