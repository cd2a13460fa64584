// Which attempt at a snapshot a row belongs to. Connect, killed while it reads the first snapshot, begins it again: rows of the broken
// attempt are superseded as a whole, also where both attempts meet in one commit or in different partitions.

import { binlogFileNumber } from '../../cdc/position.ts';
import { APPLIED, DUPLICATE, positionOf, type ControlAction } from '../../lake/store/batch.ts';
import type { TakenCut } from './cut/take.ts';

const SNAPSHOT_ROW = 'r'.charCodeAt(0);
const SOURCE_KEY = Buffer.from('"source":{');
const GENERATION = /"ts_ms":(\d+),.*"file":("[^"]*"),"pos":(\d+)/;
/** Every row of a snapshot lies below it, every streamed one above. */
const STREAMED_FROM = positionOf(0, 0, 0n);

/**
 * Which snapshot a row belongs to: its start time and binlog position, `ts_ms/file/pos`, equal for all rows of one snapshot.
 * @throws Error when the row has no source block
 */
export function snapshotGeneration(value: Buffer): string {
  const at = value.lastIndexOf(SOURCE_KEY);
  const match = at < 0 ? null : GENERATION.exec(value.toString('latin1', at));
  if (match === null) throw new Error('a snapshot row without source position');
  return `${match[1]}/${JSON.parse(match[2] ?? '""') as string}/${match[3]}`;
}

/** Snapshot `a` began after `b`: by binlog position; where nothing was written between them, by time. */
export function isLaterGeneration(a: string, b: string): boolean {
  const [timeA = '', fileA = '', posA = ''] = a.split('/');
  const [timeB = '', fileB = '', posB = ''] = b.split('/');
  const order = binlogFileNumber(fileA) - binlogFileNumber(fileB) || Number(posA) - Number(posB) || Number(timeA) - Number(timeB);
  return order > 0;
}

/**
 * Snapshot actions of a cut: one per table whose snapshot begins in it, or begins again after it was broken off; that clears the rows of
 * the attempt before. Rows of an attempt that is over are marked as duplicates.
 * Updates `generations` (table → generation).
 */
export function snapshotActions(
  { records }: TakenCut,
  tableOf: (topicId: number) => string | undefined,
  generations: Map<string, string>,
): ControlAction[] {
  const begun = new Map<string, string>();
  const found: { index: number; table: string; generation: string }[] = [];
  for (let index = 0; index < records.count; index += 1) {
    if (records.op[index] !== SNAPSHOT_ROW || (records.seq[index] ?? 0) >= 0) continue;
    const table = tableOf(records.topicId[index] ?? -1);
    const value = records.value(index);
    if (table === undefined || value === null) continue;
    const generation = snapshotGeneration(value);
    found.push({ index, table, generation });
    const known = generations.get(table);
    if (known !== undefined && (known === generation || !isLaterGeneration(generation, known))) continue;
    generations.set(table, generation);
    begun.set(table, generation);
  }
  for (const { index, table, generation } of found)
    if (records.disposition[index] === APPLIED && generations.get(table) !== generation) records.disposition[index] = DUPLICATE;
  return [...begun].map(([table, generation]) => ({ kind: 'snapshot', table, generation, beforePos: STREAMED_FROM }));
}
