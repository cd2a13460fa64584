// How many new events of each transaction one partition has shown: a run per transaction, in flat arrays, read by a cursor that only
// moves forward. Unreadable records are remembered between the runs: one of them may be an event that an END counts.

const COMPACT_AT = 4_096;

export class EventRuns {
  private seqs: number[] = [];
  private counts: number[] = [];
  /** Unreadable records after the run and before the next one. */
  private unreadable: number[] = [];
  private cursor = 0;
  /** Unreadable records between the last passed run and the cursor. */
  private carried = 0;

  /** Counts one new event of transaction `seq`; sequences never fall. */
  add(seq: number): void {
    const last = this.seqs.length - 1;
    if (last >= 0 && this.seqs[last] === seq) this.counts[last]! += 1;
    else this.open(seq, 1);
  }

  /** Remembers an unreadable record that stands after everything up to `seq`. */
  addUnreadable(seq: number): void {
    if (this.seqs.length === 0 || this.seqs[this.seqs.length - 1] !== seq) this.open(seq, 0);
    this.unreadable[this.seqs.length - 1]! += 1;
  }

  private open(seq: number, count: number): void {
    this.seqs.push(seq);
    this.counts.push(count);
    this.unreadable.push(0);
  }

  /** New events of transaction `seq`. Must be asked with rising sequences: earlier runs are forgotten. */
  countOf(seq: number): number {
    while (this.cursor < this.seqs.length && this.seqs[this.cursor]! < seq) {
      this.carried = this.unreadable[this.cursor]!;
      this.cursor += 1;
    }
    if (this.cursor >= COMPACT_AT && this.cursor * 2 >= this.seqs.length) this.compact();
    return this.seqs[this.cursor] === seq ? this.counts[this.cursor]! : 0;
  }

  private compact(): void {
    this.seqs = this.seqs.slice(this.cursor);
    this.counts = this.counts.slice(this.cursor);
    this.unreadable = this.unreadable.slice(this.cursor);
    this.cursor = 0;
  }

  /** Unreadable records that may have been events of `seq`, the sequence last asked for. */
  unreadableAt(seq: number): number {
    return this.carried + (this.seqs[this.cursor] === seq ? this.unreadable[this.cursor]! : 0);
  }

  /** Uses up to `count` of them; returns how many were used. */
  useUnreadable(seq: number, count: number): number {
    const before = Math.min(this.carried, count);
    this.carried -= before;
    if (this.seqs[this.cursor] !== seq) return before;
    const inside = Math.min(this.unreadable[this.cursor]!, count - before);
    this.unreadable[this.cursor]! -= inside;
    return before + inside;
  }
}
