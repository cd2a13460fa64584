// A captured table as the cut sees it: its partitions, and whether its shape is known.

import type { PartitionLog } from './partition-log.ts';

export class CapturedTable {
  readonly index: number;
  /** As END records name it: `bank.accounts`. */
  readonly collection: string;
  readonly partitions: PartitionLog[] = [];
  /** Its schema is known: rows can be applied. */
  ready = false;
  /** Declared as not captured: what ENDs count of it is left out. */
  ignored = false;
  /** Sequences of the TRUNCATEs seen in this session, over all partitions. */
  readonly truncates = new Set<number>();

  constructor(index: number, collection: string) {
    this.index = index;
    this.collection = collection;
  }
}
