// Staged DDL and TRUNCATE records, ordered by the place where they take effect. Few at any time: a plain sorted array.

import type { PartitionLog } from './partition-log.ts';

export interface StagedControl {
  readonly kind: 'ddl' | 'truncate';
  /** GTID number; -1 for the statements of the first snapshot. */
  readonly seq: number;
  /** Where it takes effect: running maximum of its partition. */
  readonly effective: number;
  /** Of a TRUNCATE: the table, as END records name it. */
  readonly collection: string | null;
  readonly log: PartitionLog;
  /** A copy of the record's value, and its offset. */
  readonly value: Buffer | null;
  readonly offset: number;
  /** No other record of this GTID can follow. */
  readonly alone: boolean;
  readonly identity: string;
}

export class ControlList {
  private items: StagedControl[] = [];

  get length(): number {
    return this.items.length;
  }

  at(index: number): StagedControl | undefined {
    return this.items[index];
  }

  /** Inserts behind everything at or before the same place. */
  add(control: StagedControl): void {
    let at = this.items.length;
    while (at > 0 && this.items[at - 1]!.effective > control.effective) at -= 1;
    this.items.splice(at, 0, control);
  }

  /** Index of the first control after `seq`. */
  firstAfter(seq: number): number {
    const found = this.items.findIndex((item) => item.effective > seq);
    return found < 0 ? this.items.length : found;
  }

  has(seq: number, identity: string): boolean {
    return this.items.some((item) => item.seq === seq && item.identity === identity);
  }

  remove(taken: readonly StagedControl[]): void {
    if (taken.length > 0) this.items = this.items.filter((item) => !taken.includes(item));
  }
}
