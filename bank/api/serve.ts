// Listens until told to stop: opens the pools, builds the application, drains on the way out.

import type { FastifyInstance } from 'fastify';
import { createPool } from 'mysql2/promise';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import type { Log } from '../../infra/runtime/log.ts';
import type { BankLogin } from '../generator/connect.ts';
import { buildApp } from './app.ts';

export interface ServeOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly auth: 'on' | 'off';
  readonly login: BankLogin;
  readonly version: string;
  readonly log: Log;
}

export interface BankServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

const READ_CONNECTIONS_MAX = 8;
const READ_QUEUE_MAX = 4_096;

/** @throws LedgerflowError LF_PORT_TAKEN, LF_BANK_START */
export async function startBank(options: ServeOptions): Promise<BankServer> {
  const { login, auth, version, log } = options;
  const reads = createPool({
    ...login,
    connectionLimit: READ_CONNECTIONS_MAX,
    queueLimit: READ_QUEUE_MAX,
    ...{ supportBigNumbers: true, bigNumberStrings: true, decimalNumbers: false, dateStrings: true, timezone: 'Z' },
  });
  const app = await buildApp({ auth, version, log, ping: () => reads.query('SELECT 1') });
  app.addHook('onClose', () => reads.end());
  const port = await listen(app, options);
  const host = options.host === '0.0.0.0' || options.host === '::' ? '127.0.0.1' : options.host;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, port, [Symbol.asyncDispose]: () => app.close() };
}

async function listen(app: FastifyInstance, { host, port }: ServeOptions): Promise<number> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const place = `${host}:${port}`;
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new LedgerflowError('LF_PORT_TAKEN', `the port of the bank API is taken: ${place}`, { cause: error });
    throw new LedgerflowError('LF_BANK_START', `cannot listen on ${place}: ${messageOf(error)}`, { cause: error });
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
