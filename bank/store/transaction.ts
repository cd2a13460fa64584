// One database transaction on a pooled connection, and the GTID of its commit.

import type { Pool, PoolConnection, ResultSetHeader } from 'mysql2/promise';
import { backoffMs, type RetryPolicy } from '../../infra/runtime/retry.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { commitGtids } from './commit-gtids.ts';

export interface Committed<T> {
  readonly value: T;
  /** GTID of the commit; null when it wrote nothing. */
  readonly gtid: string | null;
}

const CONFLICTS = new Set(['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT']);
const CONFLICT_RETRIES: RetryPolicy = { attemptsMax: 5, firstDelayMs: 5, delayMaxMs: 100 };

/**
 * Runs `work` between BEGIN and COMMIT; rolls back and rethrows when it throws. A transaction that lost against another one (MySQL 1213
 * and 1205) is run again as a whole, a bounded number of times: `work` may run more than once.
 */
export async function inTransaction<T>(pool: Pool, work: (connection: PoolConnection) => Promise<T>): Promise<Committed<T>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(pool, work);
    } catch (error) {
      if (attempt >= CONFLICT_RETRIES.attemptsMax || !CONFLICTS.has((error as { code?: string }).code ?? '')) throw error;
      await sleep(backoffMs(CONFLICT_RETRIES, attempt, Math.random));
    }
  }
}

async function once<T>(pool: Pool, work: (connection: PoolConnection) => Promise<T>): Promise<Committed<T>> {
  const connection = await pool.getConnection();
  try {
    await connection.query('SET SESSION session_track_gtids = OWN_GTID');
    await connection.query('START TRANSACTION');
    const value = await work(connection);
    const [result] = await connection.query<ResultSetHeader>('COMMIT');
    connection.release();
    return { value, gtid: commitGtids(result).at(-1) ?? null };
  } catch (error) {
    // A connection that cannot roll back is of no use to the next caller.
    await connection.query('ROLLBACK').then(
      () => connection.release(),
      () => connection.destroy(),
    );
    throw error;
  }
}

export function isDuplicate(error: unknown): boolean {
  return (error as { code?: string }).code === 'ER_DUP_ENTRY';
}

/** A row names another that does not exist. */
export function isUnknownReference(error: unknown): boolean {
  return (error as { code?: string }).code === 'ER_NO_REFERENCED_ROW_2';
}
