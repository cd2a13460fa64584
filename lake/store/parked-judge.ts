// Judges staged batches by what is parked: before a commit, again when what is known has changed, and takes note of it afterwards.

import type { DuckDBConnection } from '@duckdb/node-api';
import { APPLIED, PARKED, type CommitRequest, type ControlAction, type ParkedRecord } from './batch.ts';
import { holdBack, type HeldBack, type WaitingKeys } from './hold-back.ts';
import type { ParkedBook } from './parked-book.ts';
import type { Slot, StagedCommit } from './staging-table.ts';
import { markSuperseding } from './supersede.ts';

export class ParkedJudge {
  readonly book: ParkedBook;
  private readonly topicName: (topicId: number) => string;

  constructor(book: ParkedBook, topicName: (topicId: number) => string) {
    this.book = book;
    this.topicName = topicName;
  }

  /** The batch with its parked records marked as such; what it knows may be older than the commit before it. */
  first(request: CommitRequest, slot: Slot, commitId: number): StagedCommit {
    return this.marked({ request, slot, commitId, poison: request.unreadable, held: this.judge(request, request.unreadable) });
  }

  /** The keys have changed since the batch was judged. */
  isStale(staged: StagedCommit): boolean {
    return staged.held.version !== this.book.version;
  }

  /** The same batch by what is known now. `refill` tells that its staging table must be filled again. */
  again(staged: StagedCommit, poison: readonly ParkedRecord[]): { staged: StagedCommit; refill: boolean } {
    const { records } = staged.request;
    for (const { index, waits } of staged.held.parked) if (waits === true) records.disposition[index] = APPLIED;
    const judged = this.marked({ ...staged, poison, held: this.judge(staged.request, poison) });
    return { staged: judged, refill: judged.held.parked.length > 0 || staged.held.parked.length > 0 };
  }

  /** Takes note of a commit; reads everything anew where records were superseded, which is rare. */
  async committed({ request, held }: StagedCommit, connection: DuckDBConnection): Promise<void> {
    const { book } = this;
    if (held.superseding.length > 0 || (book.open > 0 && request.controls.some((control) => changesParked(control)))) {
      await book.reload(connection);
    } else if (held.parked.length > 0) {
      const bytes = held.parked.reduce((sum, { index }) => sum + (request.records.value(index)?.length ?? 0), 0);
      book.adopt(held.changes, { records: held.parked.length, bytes });
    }
  }

  private judge(request: CommitRequest, poison: readonly ParkedRecord[]): HeldBack {
    return holdBack({ request, poison, waiting: this.waitingAfter(request.controls), topicName: this.topicName });
  }

  /** The waiting keys as the rows of the batch find them: its controls come first. */
  private waitingAfter(controls: readonly ControlAction[]): WaitingKeys {
    const { book } = this;
    if (book.empty || controls.length === 0) return book;
    const sources = new Map<string, string | null>();
    for (const control of controls) {
      if (control.kind === 'schema' && control.previousTable !== undefined) {
        sources.set(control.table, sources.get(control.previousTable) ?? control.previousTable);
        sources.set(control.previousTable, null);
      } else if (changesParked(control)) sources.set(control.table, null);
    }
    const keysOf: WaitingKeys['keysOf'] = (table) => {
      const source = sources.get(table);
      return source === null ? undefined : book.keysOf(source ?? table);
    };
    return { version: book.version, empty: false, keysOf };
  }

  private marked(staged: Omit<StagedCommit, 'gone'>): StagedCommit {
    const { records } = staged.request;
    for (const { index } of staged.held.parked) records.disposition[index] = PARKED;
    return { ...staged, gone: markSuperseding(records) };
  }
}

function changesParked(control: ControlAction): boolean {
  if (control.kind === 'schema') return control.previousTable !== undefined || control.anew === true;
  return (
    (control.kind === 'reread' && (control.keys ?? null) === null) ||
    control.kind === 'clear' ||
    control.kind === 'drop' ||
    control.kind === 'snapshot'
  );
}
