// The bank API as a running server: opens the ledger and the pool, builds the application, listens, drains on the way out.

import type { FastifyInstance } from 'fastify';
import { createPool, type Pool } from 'mysql2/promise';
import { createBankMetrics, type BankMetrics } from '../../infra/runtime/bank-metrics.ts';
import { listen } from '../../infra/runtime/listen.ts';
import type { Log } from '../../infra/runtime/log.ts';
import { Authenticator } from '../auth/authenticator.ts';
import { loadSigningKeys } from '../auth/key-file.ts';
import { Lockout } from '../auth/lockout.ts';
import { ServiceKeys } from '../auth/service-keys.ts';
import { Sessions } from '../auth/sessions.ts';
import { Tokens } from '../auth/tokens.ts';
import { openUserStore } from '../auth/user-store.ts';
import type { BankLogin } from '../generator/connect.ts';
import { startLedger } from '../service/executor.ts';
import { runExpiry } from '../service/expiry.ts';
import { readHold, readOwner } from '../store/reads.ts';
import { buildApp } from './app.ts';
import type { BankApi } from './context.ts';
import { Guard } from './guard.ts';

export interface ServeOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly auth: 'on' | 'off';
  readonly execution: 'grouped' | 'single';
  /** Where the signing keys are. */
  readonly home: string;
  /** The login of the service (ledgerflow_service). */
  readonly login: BankLogin;
  readonly version: string;
  readonly log: Log;
  /** Milliseconds since 1970; the system's clock when not given. */
  readonly now?: () => number;
  /** Shared with the jobs beside the API; its own when not given. */
  readonly metrics?: BankMetrics;
}

export interface BankServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly app: FastifyInstance;
}

const READ_CONNECTIONS_MAX = 8;
const READ_QUEUE_MAX = 4_096;
/** How soon a logout in another process is known here. */
const ENDED_SESSIONS_INTERVAL_MS = 5_000;

/** @throws LedgerflowError LF_PORT_TAKEN, LF_BANK_START, LF_MYSQL_LOGIN, LF_MYSQL_UNREACHABLE, LF_RUN_FILE */
export async function startBank(options: ServeOptions): Promise<BankServer> {
  const { login, auth, version, log, execution, metrics = createBankMetrics() } = options;
  const tokens = await Tokens.create(await loadSigningKeys(options.home));
  const service = await startLedger({ login, execution, log, metrics });
  const ending = new AbortController();
  const expiry = runExpiry({ login, log, ledger: service }, ending.signal);
  const pool = openPool(login);
  const users = openUserStore({ ...login, connectionLimit: READ_CONNECTIONS_MAX, queueLimit: READ_QUEUE_MAX });
  const sessions = new Sessions(users);
  const keys = new ServiceKeys(users);
  const api: BankApi = {
    ...{ service, pool, users, tokens, sessions, keys },
    auth: new Authenticator({ mode: auth, tokens, sessions, keys }),
    guard: new Guard({
      ownerOf: (accountId) => readOwner(pool, accountId),
      accountOfHold: async (holdId) => (await readHold(pool, holdId))?.accountId,
    }),
    lockout: new Lockout(users),
    now: options.now ?? Date.now,
  };
  const app = await buildApp({ api, auth, version, log, metrics });
  const learnEnded = endedLogins(api, log);
  const watching = setInterval(learnEnded, ENDED_SESSIONS_INTERVAL_MS).unref();
  app.addHook('onClose', async () => {
    clearInterval(watching);
    ending.abort();
    await expiry;
    await service.close();
    await Promise.all([pool.end(), users.pool.end()]);
  });
  const { host, port } = options;
  const address = await listen(app, { host, port, what: 'the bank API', failure: 'LF_BANK_START' });
  learnEnded();
  return { ...address, app, [Symbol.asyncDispose]: () => app.close() };
}

function openPool(login: BankLogin): Pool {
  return createPool({
    ...login,
    connectionLimit: READ_CONNECTIONS_MAX,
    queueLimit: READ_QUEUE_MAX,
    ...{ supportBigNumbers: true, bigNumberStrings: true, decimalNumbers: false, dateStrings: true, timezone: 'Z' },
  });
}

function endedLogins({ sessions, now }: BankApi, log: Log): () => void {
  return () => {
    sessions.learnEnded(now()).catch((error: unknown) => log.warn({ err: error }, 'ended logins could not be read'));
  };
}
