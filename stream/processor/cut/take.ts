// Takes a chosen cut out of staging: columns for the store, offsets and marks for the same commit.

import { toSeq } from '../../../cdc/position.ts';
import { PARKED, type PartitionProgress } from '../../../lake/store/batch.ts';
import { RecordBatch, type PageRun } from '../../../lake/store/record-batch.ts';
import type { Cut } from './cut.ts';
import type { CutState, XaRow } from './cut-state.ts';

export interface TakenCut {
  readonly cut: Cut;
  /** Per partition contiguous and in offset order; partitions in the order of registration. */
  readonly records: RecordBatch;
  /** For every partition that the cut takes something from. */
  readonly progress: readonly PartitionProgress[];
  /** XA transactions with rows in the cut. */
  readonly xa: readonly XaRow[];
  /** Indexes into `records` of those to be parked. */
  readonly unreadable: readonly number[];
  /** Records per disposition, in the order of DISPOSITIONS; they add up to records.count (G2). */
  readonly dispositions: readonly number[];
}

/** Removes the cut's messages from staging. The cut must be the one chosen last. */
export function takeCut(state: CutState, cut: Cut): TakenCut {
  if (cut.from !== state.through) throw new Error(`cut ${cut.from}..${cut.seq} does not follow ${state.through}`);
  const runs: PageRun[] = [];
  const progress: PartitionProgress[] = [];
  state.partitions.forEach((log, index) => {
    const count = cut.pops[index] ?? 0;
    if (count === 0) return;
    const nextOffset = BigInt(log.headOffset + count);
    const { runs: dropped, ...mark } = log.drop(count);
    for (const run of dropped) runs.push(run);
    progress.push({ topicId: log.topicId, partition: log.partition, nextOffset, ...mark });
  });
  const records = new RecordBatch(runs);
  const unreadable: number[] = [];
  const dispositions = [0, 0, 0, 0, 0];
  records.disposition.forEach((disposition, index) => {
    dispositions[disposition]! += 1;
    if (disposition === PARKED) unreadable.push(index);
  });
  const xa = state.xa.filter(({ seq }) => seq <= cut.seq);
  if (xa.length > 0) state.xa = state.xa.filter(({ seq }) => seq > cut.seq);
  state.controls.remove(cut.controls);
  state.ends.dropThrough(cut.seq);
  state.through = cut.seq;
  state.cutsTaken += 1;
  state.front = toSeq(Math.max(state.front, cut.seq));
  state.barriers = state.barriers.filter((barrier) => barrier > cut.seq);
  return { cut, records, progress, xa, unreadable, dispositions };
}
