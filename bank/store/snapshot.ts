// One instant of the bank for whoever reads more than one statement.

import type { Connection } from 'mysql2/promise';

/** Begins a consistent snapshot, read only, that lasts until ROLLBACK or the end of the connection. */
export async function beginSnapshot(connection: Pick<Connection, 'query'>): Promise<void> {
  await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
}
