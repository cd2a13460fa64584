// Chooses a port on loopback: the one used before, the preferred one, or the next free one.

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

/** Hands out free ports, none twice. */
export class PortChooser {
  readonly #taken = new Set<number>();

  /**
   * @param previous the port used in the last run: clients may have kept it
   * @throws LedgerflowError LF_PORT_TAKEN when 200 ports from `preferred` on are in use
   */
  async choose(name: string, preferred: number, previous?: number | null): Promise<number> {
    const candidates = [...(previous === undefined || previous === null ? [] : [previous]), ...range(preferred)];
    for (const port of candidates) {
      if (this.#taken.has(port) || !(await isPortFree(port))) continue;
      this.#taken.add(port);
      return port;
    }
    throw new LedgerflowError('LF_PORT_TAKEN', `no free port for ${name} from ${preferred} to ${preferred + PORTS_TRIED_MAX - 1}`);
  }
}

function range(first: number): number[] {
  return Array.from({ length: PORTS_TRIED_MAX }, (_, index) => first + index).filter((port) => port <= 65_535);
}
