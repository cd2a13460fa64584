// Codes of a source that is not what it was: each says what is gone and the command that recovers. Nothing is guessed over: the
// processor keeps what it has, serves it, takes nothing more, and says so in status, /health and its log.

import type { ErrorCodeEntry } from './failure-kind.ts';

/** Keeps MySQL, puts everything downstream aside and begins a new history with a snapshot. */
const RESNAPSHOT = 'run `ledgerflow down`, `ledgerflow resnapshot --yes`, `ledgerflow up`';

export const SOURCE_CODES = {
  LF_TOPIC_RECREATED: {
    kind: 'fatal',
    cause: 'A topic was deleted and made anew (its id in Kafka changed): what it held is gone, and its offsets mean other messages.',
    remedy: `Nothing of the new topic was applied. Begin a new history from MySQL: ${RESNAPSHOT}.`,
  },
  LF_TOPIC_MISSING: {
    kind: 'fatal',
    cause: 'A topic that was being read no longer exists.',
    remedy: `If it was moved or restored from a backup, bring it back under its name and restart. Otherwise: ${RESNAPSHOT}.`,
  },
  LF_TOPIC_TRUNCATED: {
    kind: 'fatal',
    cause: 'Messages were deleted from a topic (retention, or by hand) before they had been read.',
    remedy: `Set retention.ms=-1 on the topic (\`ledgerflow doctor\` checks all of them), then ${RESNAPSHOT}.`,
  },
  LF_OFFSET_HOLE: {
    kind: 'fatal',
    cause: 'A partition continues at another offset than the one after the last read: messages between are missing.',
    remedy: `Check retention and cleanup policy of the topic; restore the messages, or ${RESNAPSHOT}.`,
  },
  LF_SNAPSHOT_REPEATED: {
    kind: 'fatal',
    cause:
      'The connector has begun a second snapshot: its recorded position is gone (offsets deleted, another connector name). What happened between the old position and the snapshot is unknown.',
    remedy: `Nothing of the second snapshot was applied. Begin a new history: ${RESNAPSHOT}.`,
  },
  LF_SERVER_CHANGED: {
    kind: 'fatal',
    cause: 'The MySQL server behind the connector is another one than before (its server UUID changed): transaction numbers start anew.',
    remedy: `Nothing was applied from the new server. Bring the old server back, or begin a new history from the new one: ${RESNAPSHOT}.`,
  },
  LF_BINLOG_PURGED: {
    kind: 'fatal',
    cause: 'MySQL no longer has the binlog files the connector must read next: the changes in them can only be seen by a new snapshot.',
    remedy: `Keep binlogs longer than the longest stop (binlog_expire_logs_seconds), then ${RESNAPSHOT}.`,
  },
  LF_SCHEMA_HISTORY_GONE: {
    kind: 'fatal',
    cause: "The connector's schema history topic is missing or incomplete: it cannot read the binlog without it.",
    remedy: 'Run `ledgerflow connector recover`: it rebuilds the history from the tables as they are. Change no table until it has ended.',
  },
  LF_CONNECTOR_MISSING: {
    kind: 'fatal',
    cause: 'Kafka Connect has no such connector: it was deleted.',
    remedy: 'Run `ledgerflow connector register`: it goes on from the position that Connect has recorded.',
  },
  LF_CONTROL_UNREADABLE: {
    kind: 'fatal',
    cause: 'The topic of schemas or of transactions is written in Avro, and no schema registry is set: without it nothing can be applied.',
    remedy:
      'Set LEDGERFLOW_REGISTRY_URL to the registry that the connector uses, then run `ledgerflow down` and `ledgerflow up`; nothing was taken or parked.',
  },
  LF_DISK_FULL: {
    kind: 'retryable',
    cause: 'The disk of the working store or of the lake has less free space than LEDGERFLOW_DISK_RESERVE_MB, or is full.',
    remedy: 'Make room on that disk. The processor takes no further messages until then and goes on by itself; nothing is lost.',
  },
} as const satisfies Record<string, ErrorCodeEntry>;
