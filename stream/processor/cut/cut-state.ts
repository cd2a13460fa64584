// Everything the cut knows, in one place that the verdict, the frontier and the choice of a cut share. Only Staging makes one.

import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import type { Seq } from '../../../cdc/position.ts';
import { ControlList } from './control-list.ts';
import { EndQueue } from './end-queue.ts';
import type { PartitionLog } from './partition-log.ts';
import { CapturedTable } from './partition-log.ts';

/** Why the cut stands where it stands. */
export type Hold =
  /** Everything that has been read is decided. */
  | { readonly reason: 'idle' }
  /** GTID `seq` has no record, and it is not proven that none will come. */
  | { readonly reason: 'gap'; readonly seq: number }
  /** A DDL statement that may have more records than those read. */
  | { readonly reason: 'statement'; readonly seq: number }
  /** A control waits until all rows of the first snapshot have been read: they belong before it. */
  | { readonly reason: 'snapshot'; readonly seq: number }
  /** A control waits until all rows of an incremental snapshot before it have been read. */
  | { readonly reason: 'signal'; readonly seq: number }
  /** END `seq` counts more events of these tables than have been read. */
  | { readonly reason: 'events'; readonly seq: number; readonly collections: readonly string[] }
  /** END `seq` counts events of a table whose topic is not read, or that may be in a partition nobody knows of yet. */
  | { readonly reason: 'topic'; readonly seq: number; readonly collections: readonly string[] }
  /** The shape of a table is not known yet. */
  | { readonly reason: 'schema'; readonly seq: number; readonly collections: readonly string[] };

/** A row without place in a transaction, as XA PREPARE leaves them. */
export interface XaRow {
  readonly topicId: number;
  readonly seq: number;
}

export const IDLE: Hold = { reason: 'idle' };

export class CutState {
  readonly partitions: PartitionLog[] = [];
  readonly tables: CapturedTable[] = [];
  readonly ends = new EndQueue();
  readonly controls = new ControlList();
  /** Sequence of the last cut taken. */
  through: number;
  /** Sequence of the last commit when this process began. */
  readonly beganAt: number;
  /** Everything up to here is complete and known: the farthest a cut may reach. */
  front: number;
  hold: Hold = IDLE;
  /** Nothing at or below it is still to come. */
  proven = -1;
  /** The source began to stream behind this number: none at or below it has a record of its own. */
  base = -1;
  /** Rows of the first snapshot may still come. */
  snapshotOpen: boolean;
  /** Transactions that wrote to the signal table, ascending: rows of an incremental snapshot may carry their numbers. */
  private signals: number[] = [];
  lastEnd: number;
  lastBegin: number;
  /** Rows of XA transactions that were staged, one entry per transaction and topic, until their cut is taken. */
  xa: XaRow[] = [];
  /** Cuts taken by this process. */
  cutsTaken = 0;
  /** Sequences at which a cut must end, ascending. */
  barriers: Seq[] = [];
  /** Looks at the partitions that topics have, begun, and the last one that was ended. */
  listingsBegun = 0;
  listed = 0;
  private readonly byCollection = new Map<string, CapturedTable>();

  constructor(committed: number, snapshotOpen: boolean) {
    this.snapshotOpen = snapshotOpen;
    this.through = committed;
    this.beganAt = committed;
    this.front = committed;
    this.lastEnd = committed;
    this.lastBegin = committed;
  }

  /** Numbers up to here that have no record will never have one. */
  get emptyThrough(): number {
    return Math.max(this.proven, this.base);
  }

  table(collection: string): CapturedTable {
    const known = this.byCollection.get(collection);
    if (known !== undefined) return known;
    const table = new CapturedTable(this.tables.length, collection);
    this.tables.push(table);
    this.byCollection.set(collection, table);
    return table;
  }

  /** A look at the topics' partitions that began after the table was first found short of events of `seq` has ended: they are all known. */
  partitionsKnown(table: CapturedTable, seq: number): boolean {
    if (table.short?.seq !== seq) table.short = { seq, listing: this.listingsBegun };
    return this.listed > table.short.listing;
  }

  noteSignal(seq: number): void {
    if (seq > (this.signals.at(-1) ?? -1)) this.signals.push(seq);
  }

  /** Last transaction of the signal table at or before `seq`, -1 when everything up to the last one is proven. Later ones do not matter. */
  signalThrough(seq: number): number {
    this.signals = this.signals.filter((signal) => signal > this.proven);
    return this.signals.findLast((signal) => signal <= seq) ?? -1;
  }

  hole(log: PartitionLog, seq: number, what: string): LedgerflowError {
    return new LedgerflowError('LF_CUT_HOLE', `${what} of transaction ${seq} is new although everything up to ${this.through} was taken`, {
      where: `${log.table?.collection ?? log.role}/${log.partition}, after offset ${log.expectedOffset - 1}`,
    });
  }
}
