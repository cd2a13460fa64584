// Many small deletes: how many rows of each table were deleted within a span of source time, by transactions that are each too small to be
// asked about. The first transaction with which a table has too many is told, once, until the table has been below the limit again: who
// approves it approves what goes on after it. Counted anew after a restart; what was told is in the book.

import { tableOfCollection } from '../../cdc/envelope/transaction-marker.ts';
import type { Cut } from '../processor/cut/cut.ts';
import type { PartitionLog } from '../processor/cut/partition-log.ts';
import { deletesOf } from './find-deletes.ts';

export interface WindowLimits {
  /** Rows of one table; 0 asks never. */
  readonly rowsMax: number;
  readonly windowSeconds: number;
  /** A transaction that deletes more of the table is judged by itself and does not count here; 0: all count. */
  readonly largeRows: number;
}

/** A transaction that brings a table over the limit, and the rows deleted up to it. */
export interface ManyDeletes {
  readonly seq: number;
  /** Table, as its topic is named. */
  readonly table: string;
  readonly rows: number;
}

interface Deleted {
  readonly seq: number;
  readonly table: string;
  readonly rows: number;
  /** Seconds since 1970, of the source. */
  readonly second: number;
}

/** Rows by second, at most windowSeconds of them. */
interface TableWindow {
  readonly seconds: Map<number, number>;
  latest: number;
  over: boolean;
}

export class DeleteWindow {
  private readonly limits: WindowLimits;
  /** Of transactions that were taken. */
  private readonly taken = new Map<string, TableWindow>();
  /** Of the cut that was looked at last, ascending by transaction. */
  private pending: readonly Deleted[] = [];

  constructor(limits: WindowLimits) {
    this.limits = limits;
  }

  /** Looks at a cut, which may be looked at again in another length before it is taken. */
  find(partitions: readonly PartitionLog[], cut: Cut): ManyDeletes[] {
    if (this.limits.rowsMax === 0) return [];
    for (const one of this.pending) if (one.seq <= cut.from) this.add(this.taken, one);
    this.pending = this.deletedIn(partitions, cut);
    if (this.pending.length === 0) return [];
    const trial = new Map<string, TableWindow>();
    for (const { table } of this.pending) {
      const before = this.taken.get(table);
      if (before !== undefined) trial.set(table, { ...before, seconds: new Map(before.seconds) });
    }
    return this.pending.flatMap((one) => this.add(trial, one));
  }

  /** A table that is held is counted anew when it goes on. */
  forget(table: string): void {
    this.taken.delete(table);
    this.pending = this.pending.filter((one) => one.table !== table);
  }

  private add(windows: Map<string, TableWindow>, { seq, table, rows, second }: Deleted): ManyDeletes[] {
    const window = windows.get(table) ?? { seconds: new Map<number, number>(), latest: second, over: false };
    windows.set(table, window);
    window.latest = Math.max(window.latest, second); // clocks of the source may go back a little
    window.seconds.set(second, (window.seconds.get(second) ?? 0) + rows);
    let sum = 0;
    for (const [at, count] of window.seconds)
      if (at <= window.latest - this.limits.windowSeconds) window.seconds.delete(at);
      else sum += count;
    const before = window.over;
    window.over = sum > this.limits.rowsMax;
    return window.over && !before ? [{ seq, table, rows: sum }] : [];
  }

  private deletedIn(partitions: readonly PartitionLog[], cut: Cut): Deleted[] {
    const found = new Map<string, Deleted>();
    for (const { log, page, index, seq } of deletesOf(partitions, cut)) {
      const table = tableOfCollection(log.table?.collection ?? '');
      const place = `${seq} ${table}`;
      const before = found.get(place);
      const second = before?.second ?? sourceSecond(page.value(index));
      found.set(place, { seq, table, rows: (before?.rows ?? 0) + 1, second });
    }
    const { largeRows } = this.limits;
    return [...found.values()].filter(({ rows }) => largeRows === 0 || rows <= largeRows).sort((a, b) => a.seq - b.seq);
  }
}

const SOURCE_KEY = '"source":{';
const TIME = /"ts_ms":(\d+)/;

/** Time of the change in MySQL, in whole seconds; 0 where the value tells none. */
function sourceSecond(value: Buffer | null): number {
  if (value === null) return 0;
  const match = TIME.exec(value.toString('latin1', Math.max(0, value.lastIndexOf(SOURCE_KEY))));
  return match === null ? 0 : Math.floor(Number(match[1]) / 1_000);
}
