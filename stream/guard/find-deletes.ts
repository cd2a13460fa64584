// Which transactions of a cut delete more rows of a table than may be deleted without being asked about. Pure; reads columns only.

import { tableOfCollection } from '../../cdc/envelope/transaction-marker.ts';
import { APPLIED } from '../../lake/store/batch.ts';
import type { Cut } from '../processor/cut/cut.ts';
import type { PartitionLog } from '../processor/cut/partition-log.ts';

/** A transaction, and the rows that it takes from each table beyond the limit. */
export interface MassDelete {
  readonly seq: number;
  /** Table, as its topic is named, → rows deleted. */
  readonly tables: ReadonlyMap<string, number>;
}

const OP_DELETE = 'd'.charCodeAt(0);
/** Header of the delete that a change of the key begins with: the row goes on under its new key. */
const KEY_CHANGE = '"__debezium.newkey"';

/** Ascending by transaction. The cut must be the one chosen last. */
export function findMassDeletes(partitions: readonly PartitionLog[], cut: Cut, deletesMax: number): MassDelete[] {
  if (cut.records <= deletesMax) return [];
  const counts = new Map<number, Map<string, number>>();
  partitions.forEach((log, index) => {
    if (log.table === null || log.signals) return;
    countDeletes(log, { count: cut.pops[index] ?? 0, after: cut.from, name: tableOfCollection(log.table.collection) }, counts);
  });
  return [...counts]
    .map(([seq, tables]) => ({ seq, tables: new Map([...tables].filter(([, rows]) => rows > deletesMax)) }))
    .filter(({ tables }) => tables.size > 0)
    .sort((a, b) => a.seq - b.seq);
}

function countDeletes(
  log: PartitionLog,
  { count, after, name }: { readonly count: number; readonly after: number; readonly name: string },
  counts: Map<number, Map<string, number>>,
): void {
  for (const { page, from, to } of log.stagedRuns(count)) {
    for (let i = from; i < to; i += 1) {
      const seq = page.seq[i]!;
      if (page.op[i] !== OP_DELETE || seq <= after || page.disposition[i] !== APPLIED) continue;
      if (page.headers.get(i)?.includes(KEY_CHANGE) === true) continue;
      const tables = counts.get(seq) ?? new Map<string, number>();
      if (tables.size === 0) counts.set(seq, tables);
      tables.set(name, (tables.get(name) ?? 0) + 1);
    }
  }
}
