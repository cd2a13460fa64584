// Tells Debezium the shape of a table that its history may not have (one that was moved in from another database, or made without
// a trace in the binlog): the table's own CREATE, with IF NOT EXISTS. MySQL does nothing but write it to the binlog; Debezium takes it
// for a table it does not know, and passes over it for one it knows. docs/adr/0048.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { mysqlIdent } from '../../infra/runtime/sql-text.ts';
import { gtidSetMax, parseGtidSet, type Gtid } from '../position.ts';

/** Somebody's ALTER that waits for the table makes our statement wait too. */
const LOCK_WAIT_S = 5;

/**
 * @param keeper keeps the table's shape as it is, while the connection lives or until its next COMMIT; rows go on changing
 * @param writer a login with the right to create the table
 * @returns a transaction at or behind the statement
 * @throws LedgerflowError LF_BACKFILL_REFUSED with MySQL's words
 */
export async function restateTable(
  { keeper, writer }: { readonly keeper: Connection; readonly writer: Connection },
  { database, table }: { readonly database: string; readonly table: string },
): Promise<Gtid> {
  const name = `${mysqlIdent(database)}.${mysqlIdent(table)}`;
  try {
    await keeper.query('START TRANSACTION');
    await keeper.query(`SELECT 1 FROM ${name} LIMIT 1`);
    const [[shown]] = await keeper.query<RowDataPacket[]>(`SHOW CREATE TABLE ${name}`);
    const text = restatement(String(shown?.['Create Table']));
    await writer.query(`SET SESSION lock_wait_timeout = ${LOCK_WAIT_S}`);
    await writer.query(`USE ${mysqlIdent(database)}`);
    await writer.query(text);
    const [[at]] = await writer.query<RowDataPacket[]>('SELECT @@server_uuid AS uuid, @@GLOBAL.gtid_executed AS gtids');
    const uuid = String(at?.['uuid']);
    return { uuid, tag: null, seq: gtidSetMax(parseGtidSet(String(at?.['gtids'])), uuid) };
  } catch (error) {
    throw new LedgerflowError('LF_BACKFILL_REFUSED', `the shape of ${table} cannot be told to the connector: ${messageOf(error)}`, {
      where: table,
      cause: error,
    });
  }
}

/** Pure: the statement that changes nothing of a table that is there. */
export function restatement(createTable: string): string {
  return createTable.replace(/^CREATE TABLE /, 'CREATE TABLE IF NOT EXISTS ');
}
