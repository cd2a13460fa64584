// Takes a chosen cut out of staging: columns for the store, offsets and marks for the same commit.

import { toSeq } from '../../../cdc/position.ts';
import { PARKED, type PartitionProgress, type RecordBatch } from '../../../lake/store/batch.ts';
import type { Cut } from './cut.ts';
import type { CutState } from './cut-state.ts';
import type { PartitionLog } from './partition-log.ts';
import type { StagedMessage } from './record.ts';

/** A message is lingering after one to two times as many cuts; catching up, most are taken sooner, and copying them would be waste. */
const LINGER_CUTS = 8;

export interface TakenCut {
  readonly cut: Cut;
  /** Per partition contiguous and in offset order; partitions in the order of registration. */
  readonly records: RecordBatch;
  /** For every partition that the cut takes something from. */
  readonly progress: readonly PartitionProgress[];
  /** Indexes into `records` of those to be parked. */
  readonly unreadable: readonly number[];
  /** Records per disposition, in the order of DISPOSITIONS; they add up to records.count (G2). */
  readonly dispositions: readonly number[];
}

/** Removes the cut's messages from staging. The cut must be the one chosen last. */
export function takeCut(state: CutState, cut: Cut): TakenCut {
  if (cut.from !== state.through) throw new Error(`cut ${cut.from}..${cut.seq} does not follow ${state.through}`);
  const columns = emptyColumns(cut.records);
  const progress: PartitionProgress[] = [];
  const unreadable: number[] = [];
  const dispositions = [0, 0, 0, 0, 0];
  let at = 0;
  state.partitions.forEach((log, index) => {
    const count = cut.pops[index] ?? 0;
    if (count === 0) return;
    const nextOffset = BigInt(log.headOffset + count);
    fill(columns, at, log, count);
    for (let i = at; i < at + count; i += 1) {
      const disposition = columns.disposition[i]!;
      dispositions[disposition]! += 1;
      if (disposition === PARKED) unreadable.push(i);
    }
    at += count;
    progress.push({ topicId: log.topicId, partition: log.partition, nextOffset, ...log.drop(count) });
  });
  state.controls.remove(cut.controls);
  state.ends.dropThrough(cut.seq);
  state.through = cut.seq;
  state.cutsTaken += 1;
  if (state.cutsTaken % LINGER_CUTS === 0) for (const log of state.partitions) log.age();
  state.front = toSeq(Math.max(state.front, cut.seq));
  state.barriers = state.barriers.filter((barrier) => barrier > cut.seq);
  return { cut, records: columns, progress, unreadable, dispositions };
}

function emptyColumns(count: number): RecordBatch {
  return {
    count,
    topicId: new Array<number>(count),
    partition: new Array<number>(count),
    offset: new Array<bigint>(count),
    kafkaTimestampMs: new Array<bigint>(count),
    seq: new Array<number>(count),
    ord: new Array<number>(count),
    op: new Array<number>(count),
    disposition: new Array<number>(count),
    key: new Array<Buffer | null>(count),
    value: new Array<Buffer | null>(count),
    headers: new Array<string | null>(count),
  };
}

function fill(columns: RecordBatch, at: number, log: PartitionLog, count: number): void {
  const { head, topicId, partition } = log;
  let offset = BigInt(log.headOffset);
  let timestampText = '';
  let timestamp = 0n;
  for (let i = 0; i < count; i += 1) {
    const from = head + i;
    const to = at + i;
    const message = log.messages[from]!;
    columns.topicId[to] = topicId;
    columns.partition[to] = partition;
    columns.offset[to] = offset;
    offset += 1n;
    if (message.timestamp !== timestampText) {
      timestampText = message.timestamp; // many messages share a millisecond
      timestamp = BigInt(timestampText);
    }
    columns.kafkaTimestampMs[to] = timestamp;
    columns.seq[to] = log.seqs[from]!;
    columns.ord[to] = log.ords[from]!;
    columns.op[to] = log.ops[from]!;
    columns.disposition[to] = log.dispositions[from]!;
    columns.key[to] = message.key;
    columns.value[to] = message.value;
    columns.headers[to] = headersText(message);
  }
}

/** Headers as a JSON object of strings; null when there are none, which is the rule. */
function headersText({ headers }: StagedMessage): string | null {
  if (headers === undefined) return null;
  let texts: Record<string, string | string[]> | null = null;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    texts ??= {};
    texts[name] = Array.isArray(value) ? value.map(textOf) : textOf(value);
  }
  return texts === null ? null : JSON.stringify(texts);
}

function textOf(value: Buffer | string): string {
  return typeof value === 'string' ? value : value.toString('utf8');
}
