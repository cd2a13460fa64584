// One client after login: reads its messages in order and answers each. Simple queries here, the extended protocol in extended.ts.

import type { StopReason } from './turn.ts';
import { CommandRunner } from './commands.ts';
import { Extended } from './extended.ts';
import { SqlFailure, toSqlFailure } from './failures.ts';
import { BodyReader, type Frame } from './frames.ts';
import { splitStatements } from './lexer.ts';
import { empty, errorResponse, ready } from './messages.ts';
import { Outlet } from './outlet.ts';
import type { SessionDeps } from './session-deps.ts';

export class Session {
  readonly out: Outlet;
  readonly #deps: SessionDeps;
  readonly #runner: CommandRunner;
  readonly #extended: Extended;
  /** After an error in the extended protocol everything up to Sync is skipped. */
  #skipping = false;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.out = new Outlet(deps.socket);
    this.#runner = new CommandRunner(deps, this.out);
    this.#extended = new Extended(this.#runner, this.out);
  }

  get inTransaction(): boolean {
    return this.#deps.backend.inTransaction;
  }

  /** Answers one message. False when the client said goodbye. */
  async answer(frame: Frame): Promise<boolean> {
    if (frame.type === 'X') return false;
    if (frame.type === 'Q') await this.#simple(new BodyReader(frame.body).text());
    else if (frame.type === 'S') await this.#sync();
    else if (!this.#skipping) await this.#step(frame);
    return true;
  }

  ready(): void {
    ready(this.out.messages, this.#deps.backend.status);
    this.out.flush();
  }

  stop(reason: StopReason): void {
    this.#deps.backend.stop(reason);
  }

  async close(): Promise<void> {
    this.#extended.clear();
    await this.#deps.backend.close();
  }

  async #simple(text: string): Promise<void> {
    this.#skipping = false;
    try {
      this.#extended.closeUnnamed();
      const statements = splitStatements(text);
      if (statements.length === 0) empty(this.out.messages, 'I');
      for (const sql of statements) await this.#runner.runText(sql);
      await this.#deps.backend.endRequest();
    } catch (error) {
      await this.#failed(error);
    }
    this.ready();
  }

  async #step(frame: Frame): Promise<void> {
    try {
      await this.#extended.answer(frame);
    } catch (error) {
      this.#skipping = true;
      await this.#failed(error);
    }
  }

  async #sync(): Promise<void> {
    this.#skipping = false;
    try {
      if (this.#deps.backend.status === 'I') this.#extended.closePortals();
      await this.#deps.backend.endRequest();
    } catch (error) {
      await this.#failed(error);
    }
    this.ready();
  }

  async #failed(error: unknown): Promise<void> {
    const failure = toSqlFailure(error);
    if (failure.sqlstate === 'XX000') this.#deps.log.warn({ err: error }, 'wire statement failed unexpectedly');
    this.#extended.closePortals();
    errorResponse(this.out.messages, failure);
    await this.#deps.backend.fail();
    if (failure.fatal) {
      this.out.flush();
      throw new SqlFailure(failure.sqlstate, failure.message, { fatal: true });
    }
  }
}
