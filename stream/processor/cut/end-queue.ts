// END records in topic order, as flat arrays: GTID number, events, and per table how many. `resolved` divides those whose
// transactions are known to be complete from those still waited for.

const COMPACT_AT = 8_192;

export class EndQueue {
  private seqs: number[] = [];
  private events: number[] = [];
  /** Index of the first table count of each END; those of the next END follow. */
  private needFrom: number[] = [];
  private needTables: number[] = [];
  private needCounts: number[] = [];
  private head = 0;
  private resolvedAt = 0;

  /** Begins an END; its table counts follow with `need`. */
  push(seq: number, events: number): void {
    this.seqs.push(seq);
    this.events.push(events);
    this.needFrom.push(this.needTables.length);
  }

  need(table: number, count: number): void {
    this.needTables.push(table);
    this.needCounts.push(count);
  }

  get first(): number {
    return this.head;
  }

  get resolved(): number {
    return this.resolvedAt;
  }

  get length(): number {
    return this.seqs.length - this.head;
  }

  /** Sequence of the END at `index`, Infinity past the last. */
  seqAt(index: number): number {
    return index < this.seqs.length ? this.seqs[index]! : Number.POSITIVE_INFINITY;
  }

  eventsAt(index: number): number {
    return this.events[index]!;
  }

  /** Half-open range of the END's table counts. */
  needsOf(index: number): { from: number; to: number } {
    return { from: this.needFrom[index]!, to: index + 1 < this.needFrom.length ? this.needFrom[index + 1]! : this.needTables.length };
  }

  needTable(need: number): number {
    return this.needTables[need]!;
  }

  needCount(need: number): number {
    return this.needCounts[need]!;
  }

  /** Is `seq` among the queued ENDs? */
  has(seq: number): boolean {
    let low = this.head;
    let high = this.seqs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.seqs[middle]! < seq) low = middle + 1;
      else high = middle;
    }
    return this.seqs[low] === seq;
  }

  resolveNext(): void {
    this.resolvedAt += 1;
  }

  /** Forgets the ENDs at or below `seq`. */
  dropThrough(seq: number): void {
    while (this.head < this.seqs.length && this.seqs[this.head]! <= seq) this.head += 1;
    if (this.head < COMPACT_AT || this.head * 2 < this.seqs.length) return;
    const { head } = this;
    const firstNeed = head < this.needFrom.length ? this.needFrom[head]! : this.needTables.length;
    this.seqs = this.seqs.slice(head);
    this.events = this.events.slice(head);
    this.needFrom = this.needFrom.slice(head).map((from) => from - firstNeed);
    this.needTables = this.needTables.slice(firstNeed);
    this.needCounts = this.needCounts.slice(firstNeed);
    this.head = 0;
    this.resolvedAt -= head;
  }
}
