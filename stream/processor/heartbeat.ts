// Writes the heartbeat row to MySQL. It travels the whole path like any other row; its arrival in gold is the freshness
// that health is judged by (G11). Written by us, not by Debezium's action query, which stays broken after a MySQL restart.

import mysql from 'mysql2/promise';
import type { Logger } from 'pino';
import { messageOf } from '../../infra/runtime/errors.ts';
import { sleep } from '../../infra/runtime/sleep.ts';

export interface HeartbeatOptions {
  readonly mysqlUrl: string;
  readonly database: string;
  readonly intervalMs: number;
  /** UUID of the server that answers, told at every new connection. */
  readonly onServer?: (uuid: string) => void;
  readonly log: Logger;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** Beats until aborted. A MySQL that is away is tried again at the next beat; what is missing shows as freshness. */
export async function runHeartbeat(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  const { log, intervalMs } = options;
  let connection: mysql.Connection | null = null;
  let failing = false;
  while (!signal.aborted) {
    const started = Date.now();
    try {
      connection ??= await connect(options);
      await connection.query(
        'INSERT INTO heartbeat (id, beat, beaten_at) VALUES (1, 1, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE beat = beat + 1, beaten_at = UTC_TIMESTAMP(6)',
      );
      if (failing) log.info('heartbeat is written again');
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ error: messageOf(error) }, 'heartbeat cannot be written to MySQL');
      failing = true;
      connection?.destroy();
      connection = null;
    }
    await sleep(Math.max(0, intervalMs - (Date.now() - started)), signal).catch(() => undefined); // aborted: the loop ends
  }
  await connection?.end().catch(() => undefined); // MySQL may be gone already
}

async function connect({ mysqlUrl, database, onServer }: HeartbeatOptions): Promise<mysql.Connection> {
  const connection = await mysql.createConnection({ uri: mysqlUrl, database, connectTimeout: CONNECT_TIMEOUT_MS, timezone: 'Z' });
  const [rows] = await connection.query<mysql.RowDataPacket[]>('SELECT @@server_uuid AS uuid');
  onServer?.(String(rows[0]?.['uuid']).toLowerCase());
  return connection;
}
