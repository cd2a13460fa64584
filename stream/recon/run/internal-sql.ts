// Our side: posted movements of silver as rows of reconciliation. Money that came in from the other bank is positive.

import { literal } from '../../../infra/runtime/sql-text.ts';
import type { Source } from './source.ts';

const among = (column: string, values: readonly string[]): string =>
  values.length === 0 ? '' : ` AND ${column} IN (${values.map(literal).join(', ')})`;

/** SELECT of row_id, booked_at, amount, currency, description, batch_key of what was posted in [from, until), days as YYYY-MM-DD. */
export function internalSql({ ledger }: Pick<Source, 'ledger'>, from: string, until: string): string {
  const posted = `CAST(t.posted_at AS TIMESTAMP)`;
  const within = `t.status = 'posted' AND ${posted} >= TIMESTAMP ${literal(from)} AND ${posted} < TIMESTAMP ${literal(until)}`;
  const conditions = `${within}${among('t.type', ledger.types)}${among('t.currency', ledger.currencies)}`;
  const common = `${posted} AS booked_at, t.currency, coalesce(t.description, '') AS description,
    ${ledger.batchKey === 'none' ? `''` : `coalesce(t.merchant_id || ' ' || CAST(${posted} AS DATE), '')`} AS batch_key`;
  if (ledger.entriesOf.length === 0)
    return `SELECT CAST(t.transaction_id AS VARCHAR) AS row_id, CASE t.direction WHEN 'CREDIT' THEN t.amount ELSE -t.amount END AS amount, ${common}
      FROM silver.transactions t WHERE ${conditions}${among('CAST(t.account_id AS VARCHAR)', ledger.accountIds)}`;
  return `SELECT CAST(t.transaction_id AS VARCHAR) AS row_id, CASE e.posting_type WHEN 'DEBIT' THEN e.amount ELSE -e.amount END AS amount, ${common}
    FROM silver.ledger_entries e JOIN silver.transactions t ON t.transaction_id = e.transaction_id
    WHERE ${conditions}${among('CAST(e.account_id AS VARCHAR)', ledger.entriesOf)}`;
}
