// One socket from its first byte to its end: login, then the session, one message after the other.

import type { Socket } from 'node:net';
import type { StopReason } from './backend.ts';
import { SqlFailure, toSqlFailure } from './failures.ts';
import { FrameCutter, type Frame } from './frames.ts';
import { checkDatabase, Login, readFirstPacket, type Account, type FirstPacket } from './login.ts';
import { backendKey, errorResponse, MessageBuffer, parameterStatus } from './messages.ts';
import type { Session } from './session.ts';
import { SessionSettings } from './session-settings.ts';

const LOGIN_TIMEOUT_MS = 30_000;
/** Bytes received but not yet worked on; above it the socket waits. */
const RECEIVED_BYTES_MAX = 32 * 1024 * 1024;

export interface ClientDeps {
  readonly socket: Socket;
  readonly account: Account;
  readonly processId: number;
  readonly secret: number;
  readonly openSession: (settings: SessionSettings) => Session;
  readonly cancel: (processId: number, secret: number) => void;
  readonly idleInTransactionMs: number;
  readonly idleMs: number;
}

type StartupPacket = Extract<FirstPacket, { kind: 'startup' }>;

export class Client {
  readonly #deps: ClientDeps;
  readonly #cutter = new FrameCutter();
  #login: Login | undefined;
  #startup: StartupPacket | undefined;
  #session: Session | undefined;
  #pumping: Promise<void> | undefined;
  #timer: NodeJS.Timeout;
  #ended = false;

  constructor(deps: ClientDeps) {
    this.#deps = deps;
    const { socket } = deps;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#received(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#session?.stop('closed'));
    this.#timer = setTimeout(() => this.end(new SqlFailure('08006', 'login took too long', { fatal: true })), LOGIN_TIMEOUT_MS);
  }

  get loggedIn(): boolean {
    return this.#session !== undefined;
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
    this.#deps.socket.end(out.take());
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
    if (this.#cutter.pendingBytes > RECEIVED_BYTES_MAX) this.#deps.socket.pause();
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = undefined;
      this.#deps.socket.resume();
    });
  }

  async #pump(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      for (let frame = this.#cutter.next(); frame !== undefined && !this.#ended; frame = this.#cutter.next()) {
        if (!(await this.#answer(frame))) {
          this.#ended = true;
          this.#deps.socket.end();
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
      else this.#deps.socket.destroySoon();
    }
  }

  async #answer(frame: Frame): Promise<boolean> {
    if (this.#session !== undefined) return this.#session.answer(frame);
    if (this.#login === undefined) return this.#first(frame);
    const out = new MessageBuffer();
    const done = this.#login.next(frame, out);
    this.#deps.socket.write(out.take());
    if (done) this.#welcome();
    return true;
  }

  #first(frame: Frame): boolean {
    const { socket, account, cancel } = this.#deps;
    const packet = readFirstPacket(frame);
    if (packet.kind === 'encryption') {
      socket.write('N');
      return true;
    }
    if (packet.kind === 'cancel') {
      cancel(packet.processId, packet.secret);
      return false;
    }
    this.#startup = packet;
    this.#cutter.typed = true;
    const out = new MessageBuffer();
    this.#login = new Login(account, packet.parameters, out);
    socket.write(out.take());
    return true;
  }

  #welcome(): void {
    const { account, openSession, processId, secret } = this.#deps;
    const parameters = this.#startup?.parameters ?? new Map<string, string>();
    checkDatabase(account, parameters);
    const settings = new SessionSettings(account.user);
    for (const [name, value] of startupSettings(parameters)) settings.start(name, value);
    const session = openSession(settings);
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
