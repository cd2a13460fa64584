// Counts login attempts by e-mail address, known or not. An attempt is counted before its password is checked, so that many at once
// do not get more guesses than one after the other.

import { createHash } from 'node:crypto';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { inTransaction } from '../store/transaction.ts';
import type { UserStore } from './user-store.ts';

export const ATTEMPTS_MAX = 5;
export const LOCK_SECONDS = 900;
/** Rows of addresses that were tried once and never again are removed, a few at a time. */
const FORGET_ROWS_MAX = 10;

export class Lockout {
  readonly #pool: Pool;

  constructor({ pool }: UserStore) {
    this.#pool = pool;
  }

  /** Takes one of the attempts; answers the seconds left of a lock, or null when the password may be checked. */
  async attempt(email: string): Promise<number | null> {
    const hash = hashOf(email);
    const { value } = await inTransaction(this.#pool, async (connection) => {
      // Not INSERT IGNORE: its shared lock would make attempts at once deadlock.
      await connection.query(
        `INSERT INTO login_attempts (email_hash, attempts, last_at) VALUES (?, 0, UTC_TIMESTAMP(6))
         ON DUPLICATE KEY UPDATE attempts = login_attempts.attempts`,
        [hash],
      );
      const [rows] = await connection.query<RowDataPacket[]>(
        `SELECT attempts, TIMESTAMPDIFF(SECOND, last_at, UTC_TIMESTAMP(6)) AS quiet, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), locked_until) AS locked
         FROM login_attempts WHERE email_hash = ? FOR UPDATE`,
        [hash],
      );
      const { attempts, quiet, locked } = rows[0] as { attempts: number; quiet: number; locked: number | null };
      if (locked !== null && locked > 0) return locked;
      const count = (locked !== null || quiet >= LOCK_SECONDS ? 0 : attempts) + 1;
      const lock = count > ATTEMPTS_MAX;
      await connection.query(
        `UPDATE login_attempts SET attempts = ?, last_at = UTC_TIMESTAMP(6), locked_until = IF(?, UTC_TIMESTAMP(6) + INTERVAL ? SECOND, NULL)
         WHERE email_hash = ?`,
        [count, lock, LOCK_SECONDS, hash],
      );
      return lock ? LOCK_SECONDS : null;
    });
    return value;
  }

  /** After a right password: the count starts anew. */
  async clear(email: string): Promise<void> {
    await this.#pool.query('DELETE FROM login_attempts WHERE email_hash = ?', [hashOf(email)]);
    await this.#pool.query(
      `DELETE FROM login_attempts WHERE last_at < UTC_TIMESTAMP(6) - INTERVAL 1 DAY ORDER BY last_at LIMIT ${FORGET_ROWS_MAX}`,
    );
  }
}

function hashOf(email: string): Buffer {
  return createHash('sha256').update(email).digest();
}
