// A query of the lake through a connection of the store: one SELECT, streamed, every value as text.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError, messageOf } from '../../../../infra/runtime/errors.ts';
import { throwIfAborted } from '../../../../infra/runtime/sleep.ts';
import type { Query, TextRow } from '../port.ts';

/** @param connect a connection for one query; it is closed afterwards */
export function lakeQuery(connect: () => Promise<DuckDBConnection>): Query {
  return async function* ({ sql, date, nextDate, signal }) {
    const connection = await connect();
    try {
      const all = { date, next_date: nextDate };
      const used = Object.fromEntries(Object.entries(all).filter(([name]) => new RegExp(`\\$${name}\\b`).test(sql)));
      // Inside FROM ( ) nothing but a SELECT can stand.
      const result = await connection.stream(`SELECT COLUMNS(*)::VARCHAR FROM (${sql}\n)`, used);
      const names = result.columnNames();
      for await (const rows of result.yieldRows()) {
        throwIfAborted(signal);
        yield rows.map((row): TextRow => Object.fromEntries(names.map((name, index) => [name, row[index] as string | null])));
      }
    } catch (error) {
      if (error instanceof LedgerflowError) throw error;
      throw new LedgerflowError('LF_STATEMENT_INPUT', messageOf(error), { where: 'lake query', cause: error });
    } finally {
      connection.closeSync();
    }
  };
}
