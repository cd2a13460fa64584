// Which transactions of a cut delete more rows of a table than may be deleted without being asked about. Pure; reads columns only.

import { tableOfCollection } from '../../cdc/envelope/transaction-marker.ts';
import type { Page } from '../../cdc/envelope/page.ts';
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
  for (const { log, seq } of deletesOf(partitions, cut)) {
    const name = tableOfCollection(log.table?.collection ?? '');
    const tables = counts.get(seq) ?? new Map<string, number>();
    if (tables.size === 0) counts.set(seq, tables);
    tables.set(name, (tables.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([seq, tables]) => ({ seq, tables: new Map([...tables].filter(([, rows]) => rows > deletesMax)) }))
    .filter(({ tables }) => tables.size > 0)
    .sort((a, b) => a.seq - b.seq);
}

interface DeleteRecord {
  readonly log: PartitionLog;
  readonly page: Page;
  readonly index: number;
  readonly seq: number;
}

/** Deletes of captured rows in a cut, by partition; the cut must be the one chosen last. */
export function* deletesOf(partitions: readonly PartitionLog[], cut: Cut): Generator<DeleteRecord> {
  for (const [place, log] of partitions.entries()) {
    if (log.table === null || log.signals) continue;
    for (const { page, from, to } of log.stagedRuns(cut.pops[place] ?? 0))
      for (let index = from; index < to; index += 1) {
        const seq = page.seq[index]!;
        if (page.op[index] !== OP_DELETE || seq <= cut.from || page.disposition[index] !== APPLIED) continue;
        if (page.headers.get(index)?.includes(KEY_CHANGE) !== true) yield { log, page, index, seq };
      }
  }
}
