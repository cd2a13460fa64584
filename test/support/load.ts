// Load for fault tests: plain inserts from several connections that go on through every failure, and writers' own account of what
// MySQL accepted.

import type mysql from 'mysql2/promise';
import type { TestPipeline } from './pipeline.ts';

export interface Load {
  /** Transactions MySQL has confirmed. */
  readonly confirmed: () => number;
  /** Ends the load; resolves when the last writer has stopped. */
  stop(): Promise<void>;
}

const RETRY_MS = 200;

/** Writers insert purchases and deposits at about `perSecond` in all; a lost connection is made again. */
export function startLoad(pipeline: TestPipeline, options: { writers: number; perSecond: number }): Load {
  let running = true;
  let confirmed = 0;
  const pauseMs = (1_000 * options.writers) / options.perSecond;
  const write = async (writer: number): Promise<void> => {
    let connection: mysql.Connection | null = null;
    let accounts: string[] = [];
    for (let n = 0; running; n += 1) {
      const started = Date.now();
      try {
        connection ??= await pipeline.mysql();
        if (accounts.length === 0) accounts = await usdAccounts(connection);
        const account = accounts[(n * 7 + writer) % accounts.length];
        await connection.query('INSERT INTO transactions (account_id, amount) VALUES (?, ?)', [account, ((n % 97) + 1) / 4]);
        confirmed += 1;
      } catch {
        connection?.destroy(); // MySQL is being restarted: that is what the test is about
        connection = null;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, pauseMs - (Date.now() - started))));
    }
    connection?.destroy();
  };
  const writers = Array.from({ length: options.writers }, (_, index) => write(index));
  return {
    confirmed: () => confirmed,
    async stop() {
      running = false;
      await Promise.all(writers);
    },
  };
}

async function usdAccounts(connection: mysql.Connection): Promise<string[]> {
  const [rows] = await connection.query<mysql.RowDataPacket[]>(
    `SELECT account_id FROM accounts WHERE account_id > 1000 AND currency = 'USD' AND status = 'active'`,
  );
  return rows.map((row) => String(row['account_id']));
}
