// What a commit tells the others in the process about itself.

import type { Phase } from './batch.ts';
import type { RecordBatch } from './record-batch.ts';
import type { TopicWork } from './commit-sql.ts';
import type { StagedCommit } from './staging-table.ts';

/** What a commit says of one captured table; only of plain creates and updates, everything else is looked up. */
export interface TableChange {
  readonly versions: number;
  readonly onlyCreates: boolean;
  /** Every key has one version. */
  readonly distinctKeys: boolean;
  /** Transaction numbers of the changes. */
  readonly lowestSeq: number;
  readonly highestSeq: number;
}

/** Captured tables that commits have changed, with what they say of them; null: to be looked up. */
export type Told = ReadonlyMap<string, TableChange | null>;

export interface CommitReport {
  readonly commitId: number;
  readonly seq: number;
  readonly phase: Phase;
  readonly gtid: string | null;
  readonly committedAt: number;
  readonly applied: number;
  readonly duplicates: number;
  readonly tombstones: number;
  readonly control: number;
  readonly parked: number;
  /** Parked records that were applied now (a commit of its own: nothing was fetched for it). */
  readonly redriven: number;
  /** Captured tables whose rows or shape this commit changed. */
  readonly told: Told;
  /** Superseding marks written: work for the next fold. */
  readonly marks: number;
  /** Bronze rows added to the tail table. */
  readonly tailRows: number;
  /** The committer's follower has joined: gold is at this commit. */
  readonly joined: boolean;
  readonly durationMs: number;
}

/** What a commit can say of its tables. Where anything was out of the ordinary, the tables are named only. */
export function toldOf(staged: StagedCommit, work: ReadonlyMap<number, TopicWork>): Told {
  const { request, held } = staged;
  const told = new Map<string, TableChange | null>();
  const ordinary = request.controls.length === 0 && held.parked.length === 0;
  for (const [topicId, { images, creates, marks, plain, lowestSeq, highestSeq }] of work) {
    const table = request.tableOf(topicId);
    if (table === undefined) continue;
    const elsewhere = (request.storedAs?.(table) ?? table) !== table; // a held table that is read again
    const known = ordinary && plain && lowestSeq >= 0 && !told.has(table) && !elsewhere;
    // Of several versions of a key one is marked, of a single update that one, of a single create none (supersede.ts).
    const distinctKeys = creates === 0 ? marks === images : marks === 0;
    told.set(table, known ? { versions: images, onlyCreates: creates === images, distinctKeys, lowestSeq, highestSeq } : null);
  }
  for (const control of request.controls) {
    told.set(control.table, null);
    if (control.kind === 'schema' && control.previousTable !== undefined) told.set(control.previousTable, null);
  }
  return told;
}

/** Records by disposition. */
export function countDispositions(records: RecordBatch): number[] {
  const counts = [0, 0, 0, 0, 0];
  for (const disposition of records.disposition) counts[disposition] = (counts[disposition] ?? 0) + 1;
  return counts;
}
