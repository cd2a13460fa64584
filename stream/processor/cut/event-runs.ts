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
    if (this.cursor >= this.seqs.length) this.carried += 1;
    else this.unreadable[this.seqs.length - 1]! += 1;
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
    const from = Math.min(this.cursor, this.seqs.length - 1); // the newest run stays: unreadable records may follow it
    this.seqs = this.seqs.slice(from);
    this.counts = this.counts.slice(from);
    this.unreadable = this.unreadable.slice(from);
    this.cursor -= from;
  }

  /** Unreadable records that may have been events of `seq`, the sequence last asked for. */
  unreadableAt(seq: number): number {
    return this.carried + (this.seqs[this.cursor] === seq ? this.unreadable[this.cursor]! : 0);
  }
}
