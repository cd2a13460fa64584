// What a failure of MySQL means for the group that met it.

/** conflict: the same group may work a moment later. lost: the connection is gone and the outcome unknown. other: only looking closer helps. */
export type Trouble = 'conflict' | 'lost' | 'other';

const CONFLICTS = new Set([
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  // Somebody else wrote the same key, reversal or resolution first: the next attempt sees it and answers accordingly.
  'ER_DUP_ENTRY',
  'ER_LOCK_NOWAIT',
]);

const LOST = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR',
  'PROTOCOL_ENQUEUE_AFTER_QUIT',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_SHUTDOWN_COMPLETE',
  'ER_QUERY_INTERRUPTED',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_CON_COUNT_ERROR',
  'LF_MYSQL_UNREACHABLE',
]);

export function troubleOf(error: unknown): Trouble {
  const { code, fatal } = error as { code?: string; fatal?: boolean };
  if (code !== undefined && CONFLICTS.has(code)) return 'conflict';
  return fatal === true || (code !== undefined && LOST.has(code)) ? 'lost' : 'other';
}
