// Named places at which a test ends the process as a power cut would: SIGKILL, nothing is cleaned up. Every step that changes something
// on disk has one. A place costs two comparisons while nothing is armed. test/faults kills at each of them.

import { LedgerflowError } from './errors.ts';

/** Name → what has just happened there. */
export const FAULT_POINTS = {
  'open.fenced': 'the store is open, its epoch has grown',
  'open.swept': 'left-over segments are removed',
  'pipeline.staged': 'a cut is taken and stands in its staging table',
  'commit.begun': "the commit's transaction is open, schema changes are in it",
  'commit.rows': 'rows and marks are written, not committed',
  'commit.bookkept': 'offsets, position and sums are written, not committed',
  'commit.segment': 'the segment of a large commit is durable, not listed',
  'commit.done': 'committed, nobody has been told',
  'segment.written': 'a bronze segment is written under its temporary name',
  'segment.synced': 'the segment is fsynced, not renamed',
  'segment.renamed': 'the segment has its name, its folder is not fsynced',
  'fold.begun': 'a fold is about to run',
  'fold.done': 'superseded versions are folded',
  'roll.written': 'the bronze tail stands in a segment, and still in the tail',
  'roll.done': 'the tail is rolled',
  'checkpoint.begun': 'a checkpoint of the store is about to run',
  'checkpoint.done': 'the write-ahead log is in the file',
  'gold.applied': 'a refresh of gold is applied and checked, not committed',
  'gold.done': 'gold is committed',
  'job.begun': "a job's transaction is open, its input is fixed",
  'job.applied': "a job's output and position are written, not committed",
  'job.done': 'a run of a job is committed',
  'publish.cut': "the publication's transaction is open",
  'publish.linked': 'segments have a second name in the lake, which does not know them',
  'publish.adopted': 'segments belong to the lake, not committed',
  'publish.silver': 'changed silver rows are in the lake, not committed',
  'publish.written': 'everything is in the lake, not durable, not committed',
  'publish.synced': 'the new files are durable, not committed',
  'publish.committed': "the lake's transaction is committed, the store does not know it",
  'publish.acknowledged': 'the store has noted the publication, readers have the catalog before',
  'publish.copied': 'readers have the new catalog',
  'publish.retired': 'a published segment has lost its first name',
  'catalog.attached': "the copy's temporary file exists",
  'catalog.filled': 'the copy holds the catalog, not checkpointed',
  'catalog.synced': 'the copy is durable under its temporary name',
  'catalog.renamed': 'the copy has its name, its folder is not fsynced',
  'backup.pinned': "the lake's files have a second name, the store's cut is pinned",
  'backup.store': "the store's file is copied into the backup",
  'backup.copied': 'all files of a backup are copied, it has no manifest',
  'backup.written': 'a backup has its manifest, and not its name',
  'restore.copied': 'a backup stands in the home folder, beside store and lake',
  'restore.noted': 'the note of a restore is written, nothing has been moved',
  'restore.aside': 'the store or the lake is moved aside, the restored one is not in its place',
  'restore.placed': 'a restored store or lake is in its place, the restore has not ended',
  'lake.fenced': 'the lake is attached and taken by this epoch',
  'lake.reconciled': 'a publication that the store did not know has been noted',
  'compact.begun': "a compaction's transaction is open",
  'compact.written': 'new files are written, not durable, not committed',
  'compact.synced': 'new files are durable, not committed',
  'compact.done': 'the compaction is committed, old files are still there',
  'maintain.expired': 'old snapshots are forgotten',
  'maintain.cleaned': 'their files are deleted',
  'bulk.rows': 'rows of a bulk file are in the table beside, not committed',
  'bulk.loaded': 'a bulk file is loaded, its command does not know it',
  'bulk.complete': 'all bulk files are known to be loaded, nothing has been handed over',
  'replay.taken': 'a commit of a replay is in its own store',
  'replay.compared': 'a replay has noted what differs, its store is open',
  'replay.promoting': 'a promotion or rollback is about to run',
  'replay.promoted': 'rows and gold of a promotion are committed, nobody has been told',
  'certify.signed': 'a certificate is signed, not kept',
  'certify.kept': 'a certificate is kept, its command does not know it',
  'verify.recorded': 'what a comparison found is recorded, its command does not know it',
  'maintain.checkpointed': "the lake's catalog is checkpointed",
} as const satisfies Record<string, string>;

export type FaultPoint = keyof typeof FAULT_POINTS;

interface Armed {
  readonly name: FaultPoint;
  /** Visits before the one that kills. */
  left: number;
  /** Milliseconds after that visit: into the middle of the statement that follows. */
  readonly delayMs: number;
}

let armed: Armed | null = null;
/** Visits of every place, while they are counted. */
let counts: Map<FaultPoint, number> | null = null;

/**
 * Arms one place for this process: `name:visit` kills at that visit (from 1), `name:visit+ms` so many milliseconds after it.
 * @throws LedgerflowError LF_CONFIG_INVALID for anything else
 */
export function armFaultPoint(text: string | undefined): void {
  armed = text === undefined ? null : parse(text);
  counts = null;
}

function parse(text: string): Armed {
  const match = /^([a-z.-]+):([1-9]\d{0,6})(?:\+(\d{1,5}))?$/.exec(text);
  const name = match?.[1];
  if (match === null || name === undefined || !Object.hasOwn(FAULT_POINTS, name))
    throw new LedgerflowError('LF_CONFIG_INVALID', `no such fault point: ${text} (name:visit or name:visit+milliseconds)`);
  return { name: name as FaultPoint, left: Number(match[2]) - 1, delayMs: Number(match[3] ?? 0) };
}

/** Counts from now on how often each place is visited; nothing is killed. */
export function countFaultPoints(): ReadonlyMap<FaultPoint, number> {
  counts = new Map();
  return counts;
}

/** A place of the list. Does nothing unless it is armed and its visit has come. */
export function faultPoint(name: FaultPoint): void {
  counts?.set(name, (counts.get(name) ?? 0) + 1);
  if (armed === null || armed.name !== name) return;
  if (armed.left > 0) armed.left -= 1;
  else if (armed.delayMs === 0) process.kill(process.pid, 'SIGKILL');
  else setTimeout(() => process.kill(process.pid, 'SIGKILL'), armed.delayMs);
}
