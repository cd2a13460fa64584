// One socket from its first byte to its end: login, then the session, one message after the other.

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { StopReason } from './turn.ts';
import { SqlFailure, toSqlFailure } from './failures.ts';
import { FrameCutter, type Frame } from './frames.ts';
import { checkDatabase, Login, readFirstPacket, type Account, type AccountFinder, type FirstPacket } from './login.ts';
import { backendKey, errorResponse, MessageBuffer, parameterStatus } from './messages.ts';
import type { Session } from './session.ts';
import { SessionSettings } from './session-settings.ts';
import type { WireTls } from './tls.ts';

const LOGIN_TIMEOUT_MS = 30_000;
const LOOPBACK = /^(::ffff:)?127\.|^::1$/;
/** Bytes received but not yet worked on; above it the socket waits. */
const RECEIVED_BYTES_MAX = 32 * 1024 * 1024;

export interface ClientDeps {
  readonly socket: Socket;
  readonly find: AccountFinder;
  /** None: the client is told that the connection stays as it is. */
  readonly tls: WireTls | undefined;
  readonly processId: number;
  readonly secret: number;
  readonly openSession: (socket: Socket, account: Account, settings: SessionSettings) => Session;
  readonly cancel: (processId: number, secret: number) => void;
  readonly idleInTransactionMs: number;
  readonly idleMs: number;
}

type StartupPacket = Extract<FirstPacket, { kind: 'startup' }>;

export class Client {
  readonly #deps: ClientDeps;
  readonly #cutter = new FrameCutter();
  /** The bare socket, or the TLS one over it. */
  #socket: Socket;
  #login: Login | undefined;
  #startup: StartupPacket | undefined;
  #session: Session | undefined;
  #pumping: Promise<void> | undefined;
  #timer: NodeJS.Timeout;
  #ended = false;

  constructor(deps: ClientDeps) {
    this.#deps = deps;
    this.#socket = deps.socket;
    deps.socket.setNoDelay(true);
    this.#listen();
    this.#timer = setTimeout(() => this.end(new SqlFailure('08006', 'login took too long', { fatal: true })), LOGIN_TIMEOUT_MS);
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('data', (bytes) => this.#received(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#session?.stop('closed'));
  }

  /** The user of a client that has logged in. */
  get user(): string | undefined {
    return this.#session === undefined ? undefined : this.#login?.account.user;
  }

  /** Stops the running statement, as a cancel request of another connection asks. */
  stop(reason: StopReason): void {
    this.#session?.stop(reason);
  }

  /** Sends a last error and closes. */
  end(failure: SqlFailure): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    const out = new MessageBuffer();
    errorResponse(out, failure);
    this.#socket.end(out.take());
  }

  /** Resolves when the client's work has ended and its connection to DuckDB is closed. */
  async closed(): Promise<void> {
    clearTimeout(this.#timer);
    this.#session?.stop('closed');
    await this.#pumping;
    await this.#session?.close();
    this.#session = undefined;
  }

  #received(bytes: Buffer): void {
    this.#cutter.push(bytes);
    if (this.#cutter.pendingBytes > RECEIVED_BYTES_MAX) this.#socket.pause();
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
      this.#socket.resume();
    });
  }

  async #pump(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      for (let frame = this.#cutter.next(); frame !== undefined && !this.#ended; frame = this.#cutter.next()) {
        if (!(await this.#answer(frame))) {
          this.#ended = true;
          this.#socket.end();
          return;
        }
      }
      this.#session?.out.flush();
      this.#watchIdle();
    } catch (error) {
      const failure = toSqlFailure(error);
      if (this.#session === undefined)
        this.end(
          new SqlFailure(failure.sqlstate, failure.message, { fatal: true, ...(failure.hint === undefined ? {} : { hint: failure.hint }) }),
        );
      else this.#socket.destroySoon();
    }
  }

  async #answer(frame: Frame): Promise<boolean> {
    if (this.#session !== undefined) return this.#session.answer(frame);
    if (this.#login === undefined) return this.#first(frame);
    const out = new MessageBuffer();
    const done = this.#login.next(frame, out);
    this.#socket.write(out.take());
    if (done) this.#welcome(this.#login);
    return true;
  }

  #first(frame: Frame): boolean {
    const { find, tls, cancel } = this.#deps;
    const packet = readFirstPacket(frame);
    if (packet.kind === 'encryption') {
      if (packet.tls && tls !== undefined && this.#socket === this.#deps.socket) this.#encrypt(tls);
      else this.#socket.write('N');
      return true;
    }
    if (packet.kind === 'cancel') {
      cancel(packet.processId, packet.secret);
      return false;
    }
    this.#refuseOpen(tls);
    this.#startup = packet;
    this.#cutter.typed = true;
    const out = new MessageBuffer();
    this.#login = new Login(find, packet.parameters, out);
    this.#socket.write(out.take());
    return true;
  }

  /** Goes on over TLS. Bytes sent ahead in the clear would be taken for the client's: they are refused. */
  #encrypt({ context }: WireTls): void {
    if (this.#cutter.pendingBytes > 0) throw new SqlFailure('08P01', 'data before the TLS handshake', { fatal: true });
    const bare = this.#socket;
    bare.removeAllListeners('data');
    bare.write('S');
    this.#socket = new TLSSocket(bare, { isServer: true, secureContext: context });
    this.#listen();
  }

  #refuseOpen(tls: WireTls | undefined): void {
    const { remoteAddress = '' } = this.#deps.socket;
    if (tls?.required !== true || this.#socket !== this.#deps.socket || LOOPBACK.test(remoteAddress)) return;
    throw new SqlFailure('28000', 'this endpoint is reached from other machines over TLS only', {
      fatal: true,
      hint: 'Connect with sslmode=require, or better verify-full.',
    });
  }

  #welcome(login: Login): void {
    const { openSession, processId, secret } = this.#deps;
    const { account } = login;
    const parameters = this.#startup?.parameters ?? new Map<string, string>();
    checkDatabase(account, parameters);
    const settings = new SessionSettings(account.user);
    for (const [name, value] of startupSettings(parameters)) settings.start(name, value);
    const session = openSession(this.#socket, account, settings);
    for (const [name, value] of settings.reported()) parameterStatus(session.out.messages, name, value);
    backendKey(session.out.messages, processId, secret);
    this.#session = session;
    session.ready();
  }

  /** A transaction left open holds back the store's clean-up, so it may idle less long than a connection. */
  #watchIdle(): void {
    if (this.#ended || this.#session === undefined) return;
    const { idleInTransactionMs, idleMs } = this.#deps;
    const [limit, failure] = this.#session.inTransaction
      ? [idleInTransactionMs, new SqlFailure('25P03', 'terminating connection due to idle-in-transaction timeout', { fatal: true })]
      : [idleMs, new SqlFailure('57P05', 'terminating connection due to idle-session timeout', { fatal: true })];
    this.#timer = setTimeout(() => this.end(failure), limit);
  }
}

/** Settings of the startup packet: its own names, and `-c name=value` in `options`. asyncpg sends values in quotes. */
function startupSettings(parameters: ReadonlyMap<string, string>): [string, string][] {
  const own = [...parameters].filter(([name]) => !['user', 'database', 'options', 'replication'].includes(name));
  const options = [...(parameters.get('options') ?? '').matchAll(/(?:-c\s*|--)([\w.]+)=((?:\\.|\S)*)/g)];
  const given = options.map(([, name = '', value = '']): [string, string] => [name, value.replaceAll(/\\(.)/g, '$1')]);
  return [...own, ...given].map(([name, value]) => [name.toLowerCase(), value.replaceAll(/^'|'$/g, '')]);
}
