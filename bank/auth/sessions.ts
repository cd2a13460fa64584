// Logins: a session with a chain of refresh tokens, each good for one use. A token used twice ends its session: one of the two was stolen.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Pool, PoolConnection, RowDataPacket } from 'mysql2/promise';
import { inTransaction } from '../store/transaction.ts';
import type { UserStore } from './user-store.ts';

export const SESSION_DAYS = 30;
/** Ended sessions are remembered as long as an access token of theirs could still be valid. */
const REMEMBER_MS = 1_000_000;

export interface SessionUser {
  readonly userId: bigint;
  readonly role: 'customer' | 'operator';
  readonly customerId: bigint | null;
}

export interface Opened extends SessionUser {
  readonly sessionId: string;
  readonly refreshToken: string;
}

export type Refreshed = Opened | 'unknown' | 'reused';

export class Sessions {
  readonly #pool: Pool;
  /** Session id -> until when (ms) it must be refused. */
  readonly #ended = new Map<string, number>();

  constructor({ pool }: UserStore) {
    this.#pool = pool;
  }

  /** Learns which sessions ended lately, here or in another process; call now and then. */
  async learnEnded(now: number): Promise<void> {
    const [rows] = await this.#pool.query<RowDataPacket[]>(
      'SELECT session_id FROM user_sessions WHERE ended_at > UTC_TIMESTAMP(6) - INTERVAL ? SECOND',
      [REMEMBER_MS / 1_000],
    );
    for (const [id, until] of this.#ended) if (until <= now) this.#ended.delete(id);
    for (const row of rows) this.#remember(String(row['session_id']), now);
  }

  hasEnded(sessionId: string): boolean {
    return this.#ended.has(sessionId);
  }

  async open(user: SessionUser): Promise<Opened> {
    const sessionId = randomUUID();
    const refreshToken = newToken();
    await inTransaction(this.#pool, async (connection) => {
      await connection.query(
        `INSERT INTO user_sessions (session_id, user_id, created_at, expires_at)
         VALUES (?, ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) + INTERVAL ${SESSION_DAYS} DAY)`,
        [sessionId, user.userId.toString()],
      );
      await storeToken(connection, sessionId, refreshToken);
    });
    return { ...user, sessionId, refreshToken };
  }

  /** Gives a new refresh token for a good one. */
  async refresh(token: string, now: number): Promise<Refreshed> {
    const { value } = await inTransaction(this.#pool, async (connection): Promise<Refreshed | { readonly ended: string }> => {
      const row = await findToken(connection, token);
      if (row === undefined) return 'unknown';
      const sessionId = String(row['session_id']);
      if (row['used_at'] !== null) {
        await end(connection, sessionId, 'reuse');
        return { ended: sessionId };
      }
      const refreshToken = newToken();
      await connection.query('UPDATE refresh_tokens SET used_at = UTC_TIMESTAMP(6) WHERE token_hash = ?', [hashOf(token)]);
      await storeToken(connection, sessionId, refreshToken);
      return { ...userOf(row), sessionId, refreshToken };
    });
    if (typeof value === 'string' || !('ended' in value)) return value;
    this.#remember(value.ended, now);
    return 'reused';
  }

  async end(sessionId: string, now: number): Promise<void> {
    this.#remember(sessionId, now);
    await end(this.#pool, sessionId, 'logout');
  }

  #remember(sessionId: string, now: number): void {
    this.#ended.set(sessionId, now + REMEMBER_MS);
  }
}

/** A token of a session that goes on and of a user that is not blocked; locked, so that two uses at once follow each other. */
async function findToken(connection: PoolConnection, token: string): Promise<RowDataPacket | undefined> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT t.session_id, t.used_at, u.user_id, u.role, u.customer_id
     FROM refresh_tokens t JOIN user_sessions s ON s.session_id = t.session_id JOIN users u ON u.user_id = s.user_id
     WHERE t.token_hash = ? AND s.ended_at IS NULL AND s.expires_at > UTC_TIMESTAMP(6) AND u.status = 'active' FOR UPDATE OF t, s`,
    [hashOf(token)],
  );
  return rows[0];
}

async function storeToken(connection: PoolConnection, sessionId: string, token: string): Promise<void> {
  await connection.query('INSERT INTO refresh_tokens (token_hash, session_id, issued_at) VALUES (?, ?, UTC_TIMESTAMP(6))', [
    hashOf(token),
    sessionId,
  ]);
}

async function end(connection: Pool | PoolConnection, sessionId: string, by: string): Promise<void> {
  await connection.query('UPDATE user_sessions SET ended_at = UTC_TIMESTAMP(6), ended_by = ? WHERE session_id = ? AND ended_at IS NULL', [
    by,
    sessionId,
  ]);
}

function userOf(row: RowDataPacket): SessionUser {
  const customer = row['customer_id'] as string | number | null;
  return {
    userId: BigInt(row['user_id'] as string | number),
    role: row['role'] as 'customer' | 'operator',
    customerId: customer === null ? null : BigInt(customer),
  };
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
