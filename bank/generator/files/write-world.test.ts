import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TABLE_NAMES } from './tables.ts';
import { writeWorld, type WrittenWorld } from './write-world.ts';

const OPTIONS = {
  ...{ seed: 4, customers: 60, months: 2, untilMs: Date.parse('2026-11-21T00:00:00Z') },
  ...{ fraudRate: 0.02, faultRate: 0.01, breakRate: 0.05 },
};

let folder: string;
let connection: DuckDBConnection;
let written: WrittenWorld;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lf-world-'));
  written = await writeWorld({ ...OPTIONS, directory: path.join(folder, 'one'), format: 'parquet' });
  connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const table of TABLE_NAMES) await connection.run(`CREATE VIEW ${table} AS FROM '${path.join(folder, 'one', `${table}.parquet`)}'`);
});

afterAll(() => {
  connection?.closeSync();
  rmSync(folder, { recursive: true, force: true });
});

async function rows(sql: string): Promise<unknown[]> {
  return (await connection.runAndReadAll(sql)).getRowsJson();
}

/** Every file of a folder by name, with the SHA-256 of what is in it. */
function hashes(directory: string): Map<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(paths.map((file) => [path.relative(directory, file), createHash('sha256').update(readFileSync(file)).digest('hex')]));
}

describe('a world in files', () => {
  it('is the same byte for byte for the same options, as CSV that Parquet says again', async () => {
    for (const name of ['two', 'three']) await writeWorld({ ...OPTIONS, directory: path.join(folder, name), format: 'csv' });
    const second = hashes(path.join(folder, 'two'));
    expect(hashes(path.join(folder, 'three'))).toEqual(second);
    for (const table of TABLE_NAMES) {
      expect(second.get(`${table}.csv`)).toBe(written.tables[table].sha256);
      expect(await rows(`SELECT count(*) FROM ${table}`)).toEqual([[String(written.tables[table].rows)]]);
    }
    const other = await writeWorld({ ...OPTIONS, seed: 5, directory: path.join(folder, 'four'), format: 'csv' });
    expect(other.tables.transactions.sha256).not.toBe(written.tables.transactions.sha256);
  });

  it('is right to the cent: entries balance, running balances and cached balances follow, every reference resolves', async () => {
    const breaches = {
      unbalanced: `SELECT transaction_id FROM ledger_entries GROUP BY 1 HAVING sum(if(posting_type = 'CREDIT', amount, -amount)) <> 0`,
      entries: `SELECT t.transaction_id FROM transactions t LEFT JOIN ledger_entries e USING (transaction_id) GROUP BY 1, t.status
        HAVING count(e.entry_id) <> if(t.status = 'posted', 2, 0)`,
      cached: `SELECT a.account_id FROM accounts a LEFT JOIN (SELECT account_id, sum(if(posting_type = 'CREDIT', amount, -amount)) AS total,
        count(*) AS n FROM ledger_entries GROUP BY 1) e USING (account_id)
        WHERE a.balance IS NOT NULL AND (a.balance <> coalesce(e.total, 0) OR a.entry_seq <> coalesce(e.n, 0))`,
      running: `SELECT account_id FROM (SELECT account_id, account_seq, balance_after,
        sum(if(posting_type = 'CREDIT', amount, -amount)) OVER w AS total, row_number() OVER w AS place
        FROM ledger_entries WHERE account_seq IS NOT NULL WINDOW w AS (PARTITION BY account_id ORDER BY account_seq))
        WHERE total <> balance_after OR place <> account_seq`,
      accounts:
        'SELECT transaction_id FROM transactions t ANTI JOIN accounts a ON a.account_id = t.account_id AND a.customer_id = t.customer_id',
      counters: 'SELECT transaction_id FROM transactions t ANTI JOIN accounts a ON a.account_id = t.counter_account_id',
      merchants: 'SELECT 1 FROM transactions t ANTI JOIN merchants m USING (merchant_id) WHERE t.merchant_id IS NOT NULL',
      devices: 'SELECT 1 FROM transactions t ANTI JOIN devices d USING (device_id) WHERE t.device_id IS NOT NULL',
      references: `SELECT 1 FROM transactions t ANTI JOIN transactions o ON o.transaction_id = t.reference_id WHERE t.reference_id IS NOT NULL`,
      cards: `SELECT 1 FROM transactions t ANTI JOIN cards c ON c.card_id = CAST(t.metadata->>'card_id' AS BIGINT) AND c.account_id = t.account_id
        WHERE t.metadata->>'card_id' IS NOT NULL`,
      overdrawn: 'SELECT account_id FROM accounts WHERE balance < -overdraft_limit',
    };
    for (const [rule, sql] of Object.entries(breaches)) expect({ rule, found: await rows(sql) }).toEqual({ rule, found: [] });
  });

  it('trades at the price of the hour, sells only what is held, and pays with the cash leg', async () => {
    const trades = Number((await rows('SELECT count(*) FROM trades'))[0]![0 as never]);
    expect(trades).toBeGreaterThan(20);
    expect(
      await rows(`SELECT t.trade_id FROM trades t LEFT JOIN market_prices p ON p.symbol = t.symbol AND p.tick = t.price_tick
        LEFT JOIN transactions c USING (transaction_id)
        WHERE p.price IS DISTINCT FROM t.price OR p.priced_at > t.traded_at OR p.currency <> t.currency OR c.type <> 'TRADE'
          OR c.amount <> t.amount OR abs(t.quantity * t.price - t.amount) > 0.005 OR c.direction <> if(t.side = 'buy', 'DEBIT', 'CREDIT')`),
    ).toEqual([]);
    expect(
      await rows(`SELECT 1 FROM (SELECT sum(if(side = 'buy', quantity, -quantity)) OVER (PARTITION BY account_id, symbol ORDER BY trade_id) AS held
        FROM trades) WHERE held < 0`),
    ).toEqual([]);
  });

  it('pays cashback at most once a month and account, and says of every refusal why', async () => {
    expect(
      await rows(
        `SELECT account_id FROM transactions WHERE type = 'CASHBACK' GROUP BY account_id, date_trunc('month', created_at) HAVING count(*) > 1`,
      ),
    ).toEqual([]);
    const kinds = await rows(
      `SELECT DISTINCT metadata->>'decline_reason' FROM transactions WHERE status = 'failed' AND type = 'PURCHASE' ORDER BY 1`,
    );
    expect(kinds.flat()).toEqual(expect.arrayContaining(['do_not_honour', 'insufficient_funds']));
    const labelled = readFileSync(path.join(folder, 'one', 'truth', 'fraud.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(labelled.length).toBeGreaterThan(50);
  });
});
