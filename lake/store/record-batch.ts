// The messages of one commit: small columns copied together from the pages they were staged in, keys and values left where they are.

import type { Page } from '../../cdc/envelope/page.ts';

/** Messages of one partition that follow each other in one page. */
export interface PageRun {
  readonly topicId: number;
  readonly page: Page;
  /** First message in the page. */
  readonly from: number;
  readonly count: number;
}

interface PlacedRun extends PageRun {
  /** Index of its first message in the batch. */
  readonly at: number;
}

/** Column-wise; within a partition in offset order. */
export class RecordBatch {
  readonly count: number;
  readonly runs: readonly PlacedRun[];
  readonly topicId: Int32Array;
  readonly partition: Int32Array;
  readonly offset: Float64Array;
  readonly kafkaTimestampMs: Float64Array;
  /** Transaction sequence; snapshot rows carry -1. */
  readonly seq: Float64Array;
  /** Order inside the transaction. */
  readonly ord: Int32Array;
  /** Character code of Debezium's op, 0 where there is none. */
  readonly op: Uint8Array;
  readonly disposition: Uint8Array;

  constructor(runs: readonly PageRun[]) {
    const count = runs.reduce((sum, run) => sum + run.count, 0);
    this.count = count;
    this.topicId = new Int32Array(count);
    this.partition = new Int32Array(count);
    [this.offset, this.kafkaTimestampMs, this.seq] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
    this.ord = new Int32Array(count);
    [this.op, this.disposition] = [new Uint8Array(count), new Uint8Array(count)];
    const placed: PlacedRun[] = [];
    let at = 0;
    for (const run of runs) {
      placed.push({ ...run, at });
      this.copy(run, at);
      at += run.count;
    }
    this.runs = placed;
  }

  private copy({ topicId, page, from, count }: PageRun, at: number): void {
    const to = from + count;
    this.topicId.fill(topicId, at, at + count);
    this.partition.fill(page.partition, at, at + count);
    this.offset.set(page.offset.subarray(from, to), at);
    this.kafkaTimestampMs.set(page.timestampMs.subarray(from, to), at);
    this.seq.set(page.seq.subarray(from, to), at);
    this.ord.set(page.ord.subarray(from, to), at);
    this.op.set(page.op.subarray(from, to), at);
    this.disposition.set(page.disposition.subarray(from, to), at);
  }

  /** A view of the key's bytes. */
  key(index: number): Buffer | null {
    const run = this.runOf(index);
    return run.page.key(run.from + index - run.at);
  }

  /** A view of the value's bytes. */
  value(index: number): Buffer | null {
    const run = this.runOf(index);
    return run.page.value(run.from + index - run.at);
  }

  /** Headers as a JSON object; null when there are none. */
  headers(index: number): string | null {
    const run = this.runOf(index);
    return run.page.headers.get(run.from + index - run.at) ?? null;
  }

  private runOf(index: number): PlacedRun {
    let low = 0;
    let high = this.runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.runs[middle]!.at <= index) low = middle;
      else high = middle - 1;
    }
    const run = this.runs[low];
    if (run === undefined || index < run.at || index >= run.at + run.count) throw new RangeError(`record ${index} of ${this.count}`);
    return run;
  }
}
