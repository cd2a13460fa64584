// Listening, with the address in words: the same for every HTTP server of the product.

import type { FastifyInstance } from 'fastify';
import type { ErrorCode } from './error-codes.ts';
import { LedgerflowError, messageOf } from './errors.ts';

export interface ListenPlace {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Whose port it is, for the message when it is taken. */
  readonly what: string;
  /** Code of every other failure. */
  readonly failure: ErrorCode;
}

/**
 * Listens; closes the application when that fails.
 * @returns the port, and the URL by which this machine reaches it
 * @throws LedgerflowError LF_PORT_TAKEN when the port is taken, `failure` for anything else
 */
export async function listen(app: FastifyInstance, { host, port, what, failure }: ListenPlace): Promise<{ port: number; url: string }> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const place = `${host}:${port}`;
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new LedgerflowError('LF_PORT_TAKEN', `the port of ${what} is taken: ${place}`, { cause: error });
    throw new LedgerflowError(failure, `cannot listen on ${place}: ${messageOf(error)}`, { cause: error });
  }
  const address = app.server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  return { port: taken, url: `http://${hostInUrl(host)}:${taken}` };
}

/** Where a server that listens on `host` is reached from this machine. */
export function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
