// The PostgreSQL endpoint: listens, admits clients, counts. The one door through which everything outside the processor reads.

import { randomInt } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Logger } from 'pino';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { Accounts, type UserAccount, type WireUser } from './accounts.ts';
import { Backend } from './backend.ts';
import { installCatalog } from './catalog.ts';
import { Client } from './client.ts';
import { SqlFailure } from './failures.ts';
import { Gate } from './gate.ts';
import { Planner } from './planner.ts';
import { Reading } from './reading.ts';
import { Session } from './session.ts';
import type { QueryObservation } from './session-deps.ts';
import type { SessionSettings } from './session-settings.ts';
import type { WireTls } from './tls.ts';

/** Statements in line for each one that runs; more are refused. */
const WAITING_PER_RUNNING = 16;
const IDLE_IN_TRANSACTION_MS = 60_000;
const IDLE_MS = 3_600_000;
/** Sockets beyond the connections allowed: logins under way, cancel requests, refusals. */
const LOGGING_IN_MAX = 64;
const STOP_GRACE_MS = 2_000;

export interface WireOptions {
  readonly host: string;
  /** Tried in order; 0 stands for any free port. */
  readonly port: number | readonly number[];
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** A new connection to the working store's DuckDB instance. */
  readonly connect: () => Promise<DuckDBConnection>;
  readonly statementTimeoutMs: number;
  /** How long `SET ledgerflow.min_gtid` waits at most. */
  readonly minGtidTimeoutMs: number;
  readonly rowsMax: number;
  readonly concurrencyMax: number;
  readonly connectionsMax: number;
  /** Further users with limits of their own, never wider than the endpoint's. */
  readonly users?: readonly WireUser[];
  readonly tls?: WireTls | undefined;
  readonly log: Logger;
  readonly onQuery?: (observation: QueryObservation) => void;
  readonly idleInTransactionMs?: number;
}

export interface WireCounters {
  readonly connections: number;
  readonly running: number;
  readonly waiting: number;
  readonly statements: number;
  readonly failures: number;
  readonly rows: number;
  readonly refusedConnections: number;
}

export interface WireServer extends AsyncDisposable {
  readonly port: number;
  readonly counters: WireCounters;
}

/** Starts the endpoint. @throws LedgerflowError LF_WIRE_PORT_TAKEN when none of the ports is free. */
export async function startWire(options: WireOptions): Promise<WireServer> {
  const connection = await options.connect();
  await installCatalog(connection);
  const wire = new Wire(options, new Planner(connection, options.database), connection);
  try {
    await wire.listen();
  } catch (error) {
    connection.closeSync();
    throw error;
  }
  return wire;
}

class Wire implements WireServer {
  readonly #options: WireOptions;
  readonly #planner: Planner;
  readonly #planning: DuckDBConnection;
  readonly #gate: Gate;
  readonly #accounts: Accounts;
  readonly #server: Server;
  readonly #clients = new Map<number, { client: Client; secret: number; socket: Socket }>();
  readonly #counts = { statements: 0, failures: 0, rows: 0, refusedConnections: 0 };
  #nextProcessId = 1;

  constructor(options: WireOptions, planner: Planner, planning: DuckDBConnection) {
    this.#options = options;
    this.#planner = planner;
    this.#planning = planning;
    this.#gate = new Gate({ running: options.concurrencyMax, waiting: options.concurrencyMax * WAITING_PER_RUNNING });
    this.#accounts = new Accounts(options, this.#gate);
    this.#server = createServer((socket) => this.#admit(socket));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get counters(): WireCounters {
    return { ...this.#counts, connections: this.#clients.size, running: this.#gate.running, waiting: this.#gate.waiting };
  }

  async listen(): Promise<void> {
    const ports = typeof this.#options.port === 'number' ? [this.#options.port] : this.#options.port;
    let last: unknown;
    for (const port of ports) {
      try {
        await this.#listenOn(port);
        return;
      } catch (error) {
        last = error;
      }
    }
    throw new LedgerflowError('LF_WIRE_PORT_TAKEN', `cannot listen on ${this.#options.host}: ${messageOf(last)}`, {
      where: ports.join(', '),
      cause: last,
    });
  }

  #listenOn(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host: this.#options.host, port }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.#options.log.error({ err: error }, 'wire endpoint'));
        resolve();
      });
    });
  }

  #admit(socket: Socket): void {
    if (this.#clients.size >= this.#options.connectionsMax + LOGGING_IN_MAX) {
      this.#counts.refusedConnections += 1;
      socket.destroy();
      return;
    }
    const processId = this.#nextProcessId;
    this.#nextProcessId = (processId % 0x7ffffffe) + 1;
    const secret = randomInt(1, 0x7fffffff);
    const client = new Client({
      socket,
      find: (user) => this.#accounts.find(user),
      tls: this.#options.tls,
      processId,
      secret,
      openSession: (secured, account, settings) => this.#openSession(secured, this.#accounts.find(account.user), settings),
      cancel: (id, key) => this.#cancel(id, key),
      idleInTransactionMs: this.#options.idleInTransactionMs ?? IDLE_IN_TRANSACTION_MS,
      idleMs: IDLE_MS,
    });
    this.#clients.set(processId, { client, secret, socket });
    socket.on('close', () => {
      void client
        .closed()
        .catch((error: unknown) => this.#options.log.warn({ err: error }, 'wire client did not close cleanly'))
        .finally(() => this.#clients.delete(processId));
    });
  }

  #openSession(socket: Socket, account: UserAccount, settings: SessionSettings): Session {
    const { connect, database, minGtidTimeoutMs, log } = this.#options;
    const { gate, rowsMax, statementTimeoutMs } = account;
    this.#refuseTooMany(account);
    const backend = new Backend({ connect, gate, statementTimeoutMs, searchPath: settings.get('search_path') ?? '' });
    return new Session({
      socket,
      backend,
      planner: this.#planner,
      settings,
      reading: new Reading({ backend, settings, minGtidTimeoutMs }),
      database,
      rowsMax,
      log,
      observe: (observation) => this.#observe(observation),
    });
  }

  #refuseTooMany({ user, connectionsMax }: UserAccount): void {
    const open = [...this.#clients.values()].map(({ client }) => client.user).filter((name) => name !== undefined);
    const own = open.filter((name) => name === user).length;
    if (open.length < this.#options.connectionsMax && own < connectionsMax) return;
    this.#counts.refusedConnections += 1;
    const what =
      own >= connectionsMax ? `too many connections for user "${user}": ${own}` : `sorry, too many clients already: ${open.length}`;
    throw new SqlFailure('53300', what, {
      fatal: true,
      hint: 'Close connections, or raise LEDGERFLOW_WIRE_CONNECTIONS_MAX or the connectionsMax of the user.',
    });
  }

  #observe(observation: QueryObservation): void {
    this.#counts.statements += 1;
    this.#counts.rows += observation.rows;
    if (observation.sqlstate !== undefined) this.#counts.failures += 1;
    this.#options.onQuery?.(observation);
  }

  #cancel(processId: number, secret: number): void {
    const target = this.#clients.get(processId);
    if (target?.secret === secret) target.client.stop('cancel');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    const open = [...this.#clients.values()];
    for (const { client } of open) {
      client.stop('shutdown');
      client.end(new SqlFailure('57P01', 'terminating connection: the endpoint is stopping', { fatal: true }));
    }
    const grace = setTimeout(() => open.forEach(({ socket }) => socket.destroy()), STOP_GRACE_MS);
    while (this.#clients.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    clearTimeout(grace);
    this.#planning.closeSync();
  }
}
