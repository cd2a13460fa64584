// Reads the lake through the PostgreSQL endpoint: a bounded pool, one snapshot an answer, every value as the text the server sent.

import pg from 'pg';
import type { Login } from '../../../infra/native/run-file.ts';
import { messageOf } from '../../../infra/runtime/errors.ts';
import type { Log } from '../../../infra/runtime/log.ts';
import type { Position } from '../answers/common.ts';
import { ApiProblem } from '../problem.ts';
import { positionOf, POSITION_SQL } from './position.ts';
import { Relations } from './relations.ts';
import { Snapshot } from './snapshot.ts';

const CONNECTIONS_MAX = 6;
/** Answers waiting for a connection; one more is refused. */
const WAITING_MAX = 100;
const CONNECT_DEADLINE_MS = 5_000;
const STATEMENT_DEADLINE_MS = 5_000;
const IDLE_MS = 30_000;

export const AS_TEXT = { getTypeParser: () => (value: string) => value };

export class Store implements AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #relations = new Relations();

  constructor(login: Login, log: Log) {
    this.#pool = new pg.Pool({
      ...login,
      max: CONNECTIONS_MAX,
      types: AS_TEXT,
      connectionTimeoutMillis: CONNECT_DEADLINE_MS,
      idleTimeoutMillis: IDLE_MS,
      statement_timeout: STATEMENT_DEADLINE_MS,
      application_name: 'ledgerflow-dashboards',
    });
    this.#pool.on('error', (error) => log.debug({ err: error }, 'an idle connection to the SQL endpoint was lost'));
  }

  /** Runs `work` on one snapshot of the lake. @throws ApiProblem overloaded, unavailable */
  async read<T extends object>(work: (snapshot: Snapshot) => Promise<T>): Promise<T & { readonly included: Position }> {
    const client = await this.#connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const included = positionOf((await client.query<Record<string, string | null>>(POSITION_SQL)).rows[0]);
      const answer = await work(new Snapshot(client, this.#relations));
      await client.query('COMMIT');
      return { ...answer, included };
    } catch (error) {
      broken = error instanceof Error ? error : new Error(messageOf(error));
      throw asProblem(error);
    } finally {
      client.release(broken);
    }
  }

  /** How far gold is now. @throws ApiProblem */
  async position(): Promise<Position> {
    const client = await this.#connect();
    let broken: Error | undefined;
    try {
      return positionOf((await client.query<Record<string, string | null>>(POSITION_SQL)).rows[0]);
    } catch (error) {
      broken = error instanceof Error ? error : new Error(messageOf(error));
      throw asProblem(error);
    } finally {
      client.release(broken);
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    if (this.#pool.waitingCount >= WAITING_MAX) throw new ApiProblem('overloaded', 'too many requests are waiting: try again in a moment');
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw new ApiProblem('unavailable', `the lake cannot be read: ${messageOf(error)}`, { cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}

/** Failures of the endpoint are not the caller's fault; what the API itself refused stays as it is. */
function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem('unavailable', `the lake cannot be read: ${messageOf(error)}`, { cause: error });
}
