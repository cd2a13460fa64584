// What partitions and operations there are. The kinds of records are in cdc/envelope/page.ts.

export type PartitionRole = 'table' | 'transaction' | 'schema' | 'other';

export interface PartitionRegistration {
  readonly topicId: number;
  readonly partition: number;
  readonly role: PartitionRole;
  /** Table as END records name it (`bank.accounts`); null for the other roles. */
  readonly collection: string | null;
  /** It is the table of Debezium's signals: its transactions are the watermarks of incremental snapshots. */
  readonly signals?: boolean;
  /** Added to the topic after the store had begun to read it: keys have moved here from other partitions. */
  readonly late?: boolean;
  /** Offset expected first; null accepts whatever comes first. */
  readonly nextOffset: bigint | null;
  /** Mark of the last commit: the greatest (seq, ord) taken from the partition; (-1, -1) at first. */
  readonly markSeq: number;
  readonly markOrd: number;
  /**
   * Unreadable records committed since the mark (parked with `seq` equal to the mark's): one of them may have been an event of a
   * transaction that is not committed yet.
   */
  readonly unreadableAtMark?: number;
}

export const OP_TRUNCATE = 't'.charCodeAt(0);
export const OP_READ = 'r'.charCodeAt(0);
