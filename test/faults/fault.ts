// What one fault of the catalogue is, what it is given and what it tells.

import type { Random } from '../../stream/processor/cut/testing/random.ts';
import type { Load } from '../support/load.ts';
import { startLoad } from '../support/load.ts';
import type { FaultStack } from './stack.ts';

export interface FaultContext {
  readonly stack: FaultStack;
  readonly random: Random;
  /** Short waits instead of minutes. */
  readonly short: boolean;
}

export interface FaultOutcome {
  /** What the product itself said or did. */
  readonly detected: string;
  /** Milliseconds until a heartbeat written afterwards was in gold; null where nothing had to recover. */
  readonly recoveryMs: number | null;
  /** Violations beyond those of the oracle, which looks after every fault. */
  readonly violations?: readonly string[];
}

export interface Fault {
  readonly name: string;
  /** How it is injected, for the table. */
  readonly injected: string;
  run(context: FaultContext): Promise<FaultOutcome>;
}

/** Time for a part to be in the middle of its work. */
export const INTO_WORK_MS = 1_500;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs `work` with writers inserting all the while. */
export async function underLoad<T>(stack: FaultStack, work: (load: Load) => Promise<T>): Promise<T> {
  const load = startLoad(stack.pipeline, { writers: 4, perSecond: 200 });
  try {
    await pause(INTO_WORK_MS);
    return await work(load);
  } finally {
    await load.stop();
  }
}

const BULK_ROWS = 200_000;

/** One transaction of 200,000 rows: inserts when the table is empty, else deletes. Resolves when MySQL has committed it. */
export async function giantTransaction(stack: FaultStack): Promise<void> {
  const connection = await stack.pipeline.root();
  try {
    await connection.query('CREATE TABLE IF NOT EXISTS bulk (id BIGINT PRIMARY KEY, text VARCHAR(40) NOT NULL)');
    await connection.query(`SET SESSION cte_max_recursion_depth = ${BULK_ROWS + 1}`);
    const [rows] = await connection.query('SELECT 1 FROM bulk LIMIT 1');
    const filled = (rows as unknown[]).length > 0;
    if (filled) await connection.query('DELETE FROM bulk');
    else
      await connection.query(
        `INSERT INTO bulk WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${BULK_ROWS}) SELECT i, CONCAT('row ', i) FROM n`,
      );
  } finally {
    connection.destroy();
  }
}
