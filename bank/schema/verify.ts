// The ledger proven against itself: every rule is a query that finds breaches, so an empty answer is the proof. Reads only.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { beginSnapshot } from '../store/snapshot.ts';

export interface Breach {
  /** The rule that is broken. */
  readonly rule: string;
  /** The first offending key and figures, as text. */
  readonly example: string;
  readonly count: number;
}

/** Each query answers one text per offender. */
const RULES: Readonly<Record<string, string>> = {
  'entries of a transaction sum to zero per currency': `
    SELECT CONCAT('transaction ', transaction_id, ' ', currency, ': ', SUM(IF(posting_type = 'CREDIT', amount, -amount))) AS offender
    FROM ledger_entries GROUP BY transaction_id, currency HAVING SUM(IF(posting_type = 'CREDIT', amount, -amount)) <> 0`,
  'a posted transaction has two entries or more, any other none': `
    SELECT CONCAT('transaction ', t.transaction_id, ' ', t.status, ': ', COUNT(e.entry_id), ' entries') AS offender
    FROM transactions t LEFT JOIN ledger_entries e USING (transaction_id)
    GROUP BY t.transaction_id, t.status HAVING IF(t.status = 'posted', COUNT(e.entry_id) < 2, COUNT(e.entry_id) > 0)`,
  'a cached balance equals its entries, and entry_seq counts them': `
    SELECT CONCAT('account ', a.account_id, ': ', a.balance, ' but entries say ', COALESCE(e.total, 0), ' in ', COALESCE(e.n, 0)) AS offender
    FROM accounts a LEFT JOIN (SELECT account_id, SUM(IF(posting_type = 'CREDIT', amount, -amount)) AS total, COUNT(*) AS n
      FROM ledger_entries GROUP BY account_id) e USING (account_id)
    WHERE a.balance IS NOT NULL AND (a.balance <> COALESCE(e.total, 0) OR a.entry_seq <> COALESCE(e.n, 0))`,
  'every balance_after is the running sum, account_seq has no gap': `
    SELECT CONCAT('account ', account_id, ' entry ', account_seq, ': ', balance_after, ', running sum ', running) AS offender FROM (
      SELECT account_id, account_seq, balance_after,
        SUM(IF(posting_type = 'CREDIT', amount, -amount)) OVER (PARTITION BY account_id ORDER BY account_seq) AS running,
        ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY account_seq) AS place
      FROM ledger_entries WHERE account_seq IS NOT NULL) ordered
    WHERE balance_after <> running OR account_seq <> place`,
  'no customer account is below its overdraft limit': `
    SELECT CONCAT('account ', account_id, ': ', balance, ' below ', -overdraft_limit) AS offender
    FROM accounts WHERE balance < -overdraft_limit`,
  'held money is the sum of the open holds, and is available': `
    SELECT CONCAT('account ', a.account_id, ': held ', a.held, ', open holds ', COALESCE(h.total, 0)) AS offender
    FROM accounts a LEFT JOIN (SELECT account_id, SUM(amount) AS total FROM holds LEFT JOIN hold_resolutions r USING (hold_id)
      WHERE r.hold_id IS NULL GROUP BY account_id) h USING (account_id)
    WHERE a.held <> COALESCE(h.total, 0) OR a.balance - a.held < -a.overdraft_limit`,
  'a capture posts what it took, at most its hold': `
    SELECT CONCAT('hold ', h.hold_id, ': ', h.amount, ' captured ', r.captured, ' posted ', COALESCE(t.amount, 0)) AS offender
    FROM hold_resolutions r JOIN holds h USING (hold_id) LEFT JOIN transactions t ON t.transaction_id = r.transaction_id
    WHERE r.captured > h.amount OR r.captured <> COALESCE(t.amount, 0) OR (t.transaction_id IS NOT NULL AND t.account_id <> h.account_id)`,
  'a holding is the sum of its trades, whose cash legs have their amounts': `
    SELECT CONCAT('account ', account_id, ' ', symbol, ': ', held, ' held, ', traded, ' traded, ', wrong, ' wrong amounts') AS offender FROM (
      SELECT account_id, symbol, SUM(held) AS held, SUM(traded) AS traded, SUM(wrong) AS wrong FROM (
        SELECT account_id, symbol, quantity AS held, 0 AS traded, 0 AS wrong FROM holdings
        UNION ALL
        SELECT d.account_id, d.symbol, 0, IF(d.side = 'buy', d.quantity, -d.quantity),
          t.amount <> d.amount OR t.account_id <> d.account_id OR t.direction <> IF(d.side = 'buy', 'DEBIT', 'CREDIT')
        FROM trades d JOIN transactions t USING (transaction_id)) each_row
      GROUP BY account_id, symbol) both_sides
    WHERE held <> traded OR wrong > 0`,
  'an entry has the currency of its account and its transaction': `
    SELECT CONCAT('entry ', e.entry_id, ' in ', e.currency) AS offender
    FROM ledger_entries e JOIN accounts a USING (account_id) JOIN transactions t USING (transaction_id)
    WHERE e.currency <> a.currency OR e.currency <> t.currency`,
  'returns of a transaction do not exceed it': `
    SELECT CONCAT('transaction ', o.transaction_id, ': ', o.amount, ' returned ', SUM(r.amount)) AS offender
    FROM transactions o JOIN transactions r
      ON r.status = 'posted' AND (r.reversal_of = o.transaction_id OR (r.reference_id = o.transaction_id AND r.type IN ('REFUND', 'CHARGEBACK')))
    GROUP BY o.transaction_id, o.amount HAVING SUM(r.amount) > o.amount`,
};

/** All breaches, at one instant (a consistent snapshot); none when the ledger is right. */
export async function verifyLedger(connection: Connection): Promise<Breach[]> {
  await beginSnapshot(connection);
  try {
    const breaches: Breach[] = [];
    for (const [rule, sql] of Object.entries(RULES)) {
      const [rows] = await connection.query<RowDataPacket[]>(sql);
      if (rows.length > 0) breaches.push({ rule, example: String(rows[0]?.['offender']), count: rows.length });
    }
    return breaches;
  } finally {
    await connection.query('ROLLBACK');
  }
}
