// Transaction ids are taken before the rows are written, so that ids follow from the plan and not from which connection is faster.

import type { Connection, ResultSetHeader } from 'mysql2/promise';
import type { WorldIds } from './population-rows.ts';

/** Ids left free for clients that insert between the two steps below. */
const MARGIN = 1_000n;

/**
 * Takes `count` consecutive transaction ids for this process: InnoDB never takes back an auto-increment value, so a row that is rolled
 * back moves the counter. Answers the first one.
 */
export async function reserveTransactionIds(connection: Connection, ids: WorldIds, count: number): Promise<bigint> {
  const probe = async (id: bigint | null): Promise<bigint> => {
    await connection.query('BEGIN');
    const [result] = await connection.query<ResultSetHeader>(
      `INSERT INTO transactions (transaction_id, account_id, customer_id, amount, currency, status, event_ts, created_at, type, direction,
         counter_account_id, effective_at)
       SELECT ?, account_id, customer_id, 1, currency, 'failed', NOW(6), NOW(6), 'ADJUSTMENT', 'CREDIT', 801, NOW(6)
       FROM accounts WHERE account_id = ?`,
      [id, ids.accounts[0]!],
    );
    await connection.query('ROLLBACK');
    return BigInt(result.insertId);
  };
  const first = (await probe(null)) + MARGIN;
  await probe(first + BigInt(count));
  return first;
}
