// Which records of a batch supersede earlier versions of their key. Done over raw key bytes in JavaScript, because it
// decides how little SQL a commit needs (0.1 µs a record against a window over the batch).

import type { Page } from '../../cdc/envelope/page.ts';
import { APPLIED } from './batch.ts';
import type { RecordBatch } from './record-batch.ts';

const CREATE = 'c'.charCodeAt(0);

/**
 * Per record: 1 when a mark must be written to _gone for its key at its position. That is the newest version of a
 * key, unless the key was created in this batch and has this one version only (then nothing can be below it).
 * Snapshot rows (seq < 0) sort below everything streamed and never supersede.
 */
export function markSuperseding(batch: RecordBatch): Uint8Array {
  const gone = new Uint8Array(batch.count);
  const newest = new NewestPerKey(batch);
  batch.runs.forEach(({ page, from, count, at }, run) => {
    for (let index = at; index < at + count; index += 1) {
      if (batch.disposition[index] !== APPLIED || batch.seq[index]! < 0 || page.keyLength[from + index - at]! < 0) continue;
      const place = newest.placeOf(index, run);
      const previous = newest.at(place);
      if (previous < 0) {
        gone[index] = batch.op[index] === CREATE ? 0 : 1;
        newest.set(place, index);
      } else if (comparePosition(batch, previous, index) <= 0) {
        gone[previous] = 0;
        gone[index] = 1;
        newest.set(place, index);
      } else gone[previous] = 1;
    }
  });
  return gone;
}

/** Topic and key bytes → record, as an open hash table over flat arrays. */
class NewestPerKey {
  private readonly batch: RecordBatch;
  private readonly mask: number;
  /** Index of the record + 1, 0 for a free place. */
  private readonly places: Int32Array;
  private readonly runOf: Int32Array;
  /** Per record. Compared before the bytes: those of a large transaction are in files, page by page. */
  private readonly hashes: Int32Array;

  constructor(batch: RecordBatch) {
    const size = 1 << Math.ceil(Math.log2(Math.max(8, batch.count * 2)));
    this.batch = batch;
    this.mask = size - 1;
    this.places = new Int32Array(size);
    this.runOf = new Int32Array(batch.count);
    this.hashes = new Int32Array(batch.count);
  }

  /** The record at a place, -1 when it is free. */
  at(place: number): number {
    return this.places[place]! - 1;
  }

  set(place: number, index: number): void {
    this.places[place] = index + 1;
  }

  /** Where the record's key is, or is to be put. */
  placeOf(index: number, run: number): number {
    const { batch, mask, places } = this;
    this.runOf[index] = run;
    const topicId = batch.topicId[index]!;
    const { page, from, at } = batch.runs[run]!;
    const inPage = from + index - at;
    const hash = hashOf(page, inPage) ^ Math.imul(topicId, TOPIC_SPREAD);
    this.hashes[index] = hash;
    let place = hash & mask;
    while (places[place] !== 0) {
      const other = places[place]! - 1;
      const known = batch.runs[this.runOf[other]!]!;
      if (
        this.hashes[other] === hash &&
        batch.topicId[other] === topicId &&
        sameKey(page, inPage, known.page, known.from + other - known.at)
      )
        break;
      place = (place + 1) & mask;
    }
    return place;
  }
}

const TOPIC_SPREAD = 0x9e3779b1;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

function hashOf(page: Page, index: number): number {
  const { bytes } = page;
  const at = page.keyAt(index);
  const to = at + page.keyLength[index]!;
  let hash = FNV_OFFSET;
  for (let i = at; i < to; i += 1) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME);
  return hash ^ (hash >>> 15);
}

function sameKey(a: Page, indexA: number, b: Page, indexB: number): boolean {
  const length = a.keyLength[indexA]!;
  if (length !== b.keyLength[indexB]) return false;
  const [atA, atB] = [a.keyAt(indexA), b.keyAt(indexB)];
  for (let i = length - 1; i >= 0; i -= 1) if (a.bytes[atA + i] !== b.bytes[atB + i]) return false; // keys differ at their end
  return true;
}

function comparePosition(batch: RecordBatch, a: number, b: number): number {
  return batch.seq[a]! - batch.seq[b]! || batch.ord[a]! - batch.ord[b]!;
}
