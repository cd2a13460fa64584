// A bulk read on the whole product: a table in MySQL that silver does not have, read while rows of it are inserted, updated and deleted;
// how fast, what of the machine it takes, and that verification finds both sides equal afterwards.

import mysql, { type Connection } from 'mysql2/promise';
import { waitFor, type TestPipeline } from '../../test/support/pipeline.ts';
import type { BenchOptions } from '../support/options.ts';
import { processorSeconds } from '../support/processor-time.ts';
import { startRealStack } from '../support/real-stack.ts';
import { round } from '../support/stats.ts';

const ROWS = 2_000_000;
const ROWS_QUICK = 300_000;
const FILL_ROWS = 100_000;
const WRITE_EVERY_MS = 5;
const VERIFY_DEADLINE_MS = 120_000;
const PARTS = ['mysql', 'processor', 'connect', 'kafka'] as const;

const TABLE = `CREATE TABLE bulk_entries (entry_id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, account_id BIGINT NOT NULL, merchant VARCHAR(60), amount DECIMAL(20,4) NOT NULL,
  currency CHAR(3) NOT NULL, status ENUM('posted','pending') NOT NULL, event_ts DATETIME(6) NOT NULL, created_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6))`;
const COLUMNS = 'account_id, merchant, amount, currency, status, event_ts';

interface Reading {
  readonly rows: number;
  /** The whole command, from its start to the hand-over, and the reading and loading alone. */
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly readRowsPerSecond: number;
  readonly writesBeside: number;
  /** Microseconds of processor time a row. */
  readonly usPerRow: Readonly<Record<string, number | null>>;
}

export async function backfill({ quick, events, settings, tell }: BenchOptions): Promise<Reading> {
  const rows = events ?? (quick ? ROWS_QUICK : ROWS);
  await using stack = await startRealStack(settings);
  const { pipeline } = stack;
  const root = await pipeline.root();
  try {
    await fill(root, rows);
    await pipeline.caughtUp();
    tell(`${rows} rows are in MySQL, none in silver`);
    const reading = await readBeside(pipeline, stack.mysql, rows);
    tell(`${reading.rowsPerSecond} rows/s`);
    await waitFor('MySQL, the store and the published files to be equal', VERIFY_DEADLINE_MS, () => areEqual(pipeline));
    return reading;
  } catch (error) {
    throw new Error(`the run failed; the processor's log ends with\n${stack.processorLog()}`, { cause: error });
  } finally {
    root.destroy();
  }
}

/** False while the hand-over is not published yet. */
async function areEqual(pipeline: TestPipeline): Promise<boolean> {
  const { stdout } = await pipeline.run('verify', '--tables', 'bulk_entries', '--json');
  const { tables } = JSON.parse(stdout) as { tables: readonly { layer: string; status: string }[] };
  if (tables.length < 2 || tables.some(({ status }) => status === 'different'))
    throw new Error(`not equal afterwards: ${stdout.slice(0, 1_000)}`);
  return tables.every(({ status }) => status === 'equal');
}

/** Past the binlog, so that nothing of it streams. */
async function fill(root: Connection, rows: number): Promise<void> {
  await root.query(TABLE);
  await root.query(`SET SESSION sql_log_bin = 0, cte_max_recursion_depth = ${FILL_ROWS + 1}`);
  for (let first = 0; first < rows; first += FILL_ROWS)
    await root.query(`INSERT INTO bulk_entries (${COLUMNS}) WITH RECURSIVE n(i) AS (SELECT ${first + 1} UNION ALL SELECT i + 1 FROM n WHERE i < ${Math.min(rows, first + FILL_ROWS)})
      SELECT i % 5000, IF(i % 7 = 0, NULL, CONCAT('Merchant number ', i)), i * 1.2345, IF(i % 3, 'USD', 'INR'), IF(i % 5, 'posted', 'pending'), NOW(6) FROM n`);
  await root.query('SET SESSION sql_log_bin = 1');
}

async function readBeside(pipeline: TestPipeline, login: mysql.ConnectionOptions, rows: number): Promise<Reading> {
  const pids = await Promise.all(PARTS.map((part) => pipeline.pidOf(part)));
  const spent = (): (number | null)[] => pids.map(processorSeconds);
  const stop = new AbortController();
  const client = await mysql.createConnection(login);
  const writing = write(client, rows, stop.signal);
  try {
    const [before, begun] = [spent(), performance.now()];
    const { code, stdout, stderr } = await pipeline.run('backfill', '--table', 'bulk_entries', '--mode', 'bulk', '--json');
    const seconds = (performance.now() - begun) / 1_000;
    const after = spent();
    if (code !== 0) throw new Error(`the bulk read failed: ${stdout}${stderr}`);
    const us = PARTS.map((part, index): [string, number | null] => {
      const [from, to] = [before[index] ?? null, after[index] ?? null];
      return [part, from === null || to === null ? null : round(((to - from) * 1e6) / rows, 2)];
    });
    stop.abort();
    return {
      ...{ rows, seconds: round(seconds, 1), rowsPerSecond: round(rows / seconds) },
      readRowsPerSecond: Number(/, (\d+) rows\/s/.exec(stderr)?.[1]),
      ...{ writesBeside: await writing, usPerRow: Object.fromEntries(us) },
    };
  } finally {
    stop.abort();
    await writing.catch(() => undefined); // the first error is the one to tell
    client.destroy();
  }
}

/** Inserts, updates and deletes in turn, all over the table. @returns how many */
async function write(client: Connection, rows: number, stop: AbortSignal): Promise<number> {
  let written = 0;
  for (; !stop.aborted; written += 1) {
    const key = (written * 7_919) % rows;
    const statements = [
      `INSERT INTO bulk_entries (${COLUMNS}) VALUES (${written}, 'beside', 1.5, 'USD', 'posted', NOW(6))`,
      `UPDATE bulk_entries SET amount = amount + 1 WHERE entry_id = ${key}`,
      `DELETE FROM bulk_entries WHERE entry_id = ${key + 1}`,
    ];
    await client.query(statements[written % statements.length] ?? '');
    await new Promise((resolve) => setTimeout(resolve, WRITE_EVERY_MS));
  }
  return written;
}
