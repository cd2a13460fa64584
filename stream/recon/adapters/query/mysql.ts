// A query of a MySQL server, read only and streamed: every value is the text that the server sends.

import { createConnection } from 'mysql2';
import { LedgerflowError, messageOf } from '../../../../infra/runtime/errors.ts';
import type { Query, TextRow } from '../port.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const BATCH_ROWS = 1_000;

/** @param url mysql://user:password@host:port/database; it is in no message */
export function mysqlQuery(url: string): Query {
  return async function* ({ sql, date, nextDate, signal }) {
    const target = new URL(url);
    const where = `mysql ${target.host}${target.pathname}`;
    const connection = createConnection({
      uri: url,
      connectTimeout: CONNECT_TIMEOUT_MS,
      timezone: 'Z',
      namedPlaceholders: true,
      typeCast: (field) => field.string('utf8'),
    });
    connection.on('error', () => undefined); // told by the query
    const stop = (): void => connection.destroy();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await connection.promise().query('SET SESSION TRANSACTION READ ONLY');
      await connection.promise().query('START TRANSACTION READ ONLY');
      let batch: TextRow[] = [];
      for await (const row of connection.query(sql, { date, next_date: nextDate }).stream() as AsyncIterable<TextRow>) {
        batch.push({ ...row });
        if (batch.length < BATCH_ROWS) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    } catch (error) {
      if (signal?.aborted === true) throw new LedgerflowError('LF_ABORTED', 'the query was cancelled', { cause: error });
      throw new LedgerflowError('LF_STATEMENT_INPUT', messageOf(error), { where, cause: error });
    } finally {
      signal?.removeEventListener('abort', stop);
      connection.destroy();
    }
  };
}
