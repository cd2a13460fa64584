// The running SHA-256 over bronze: every commit's head covers the head before it and the commit's messages, so that
// a changed, missing or added byte anywhere in published history is found (verify-chain.ts).
//
// head(n) = SHA-256( head(n-1) || encoding of the messages of commit n in (topic, partition, offset) order )
// message = len(topic) topic partition offset len(key) key len(value) value; numbers big-endian: lengths and partition
// 32 bits (0xffffffff = null), offset 64 bits. The head before the first commit is 32 zero bytes.

import { createHash, type Hash } from 'node:crypto';
import { laneHeader } from '../../cdc/envelope/page.ts';

/** Messages of one commit as parallel arrays, in any order of partitions. */
export interface ChainRows {
  readonly count: number;
  readonly topic: readonly string[];
  readonly partition: readonly number[];
  readonly offset: readonly bigint[];
  readonly key: readonly (Uint8Array | null)[];
  readonly value: readonly (Uint8Array | null)[];
}

const GENESIS = Buffer.alloc(32);
const NULL_LENGTH = 0xffffffff;
/** Messages are gathered here and hashed together: one call into OpenSSL per message costs more than the copy. */
const SCRATCH_BYTES = 4 << 20;
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/**
 * Head after a commit.
 * @param previousHex head of the commit before; '' before the first
 */
export function chainDigest(previousHex: string, rows: ChainRows): string {
  const link = new ChainLink(previousHex);
  for (const lane of lanesInOrder(rows)) {
    const head = laneHeader(lane.topic, lane.partition);
    for (const index of lane.indexes) link.append(head, rows.offset[index] ?? 0n, rows.key[index] ?? null, rows.value[index] ?? null);
  }
  return link.digest();
}

/** Neighbouring messages of one partition in their encoding, as pages hold them (cdc/envelope/page.ts). */
export interface ChainSlice {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Uint8Array;
}

/**
 * The same head over messages that are encoded already.
 * @param slices in offset order per partition
 */
export function chainDigestOfSlices(previousHex: string, slices: readonly ChainSlice[]): string {
  const hash = beginLink(previousHex);
  const ordered = [...slices].sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition)); // stable
  for (const { bytes } of ordered) hash.update(bytes);
  return hash.digest('hex');
}

function beginLink(previousHex: string): Hash {
  return createHash('sha256').update(previousHex === '' ? GENESIS : Buffer.from(previousHex, 'hex'));
}

/** One head being computed; messages must come in canonical order. Not reentrant: finish one before the next. */
export class ChainLink {
  private readonly hash: Hash;
  private at = 0;

  constructor(previousHex: string) {
    this.hash = beginLink(previousHex);
  }

  append(header: Uint8Array, offset: bigint, key: Uint8Array | null, value: Uint8Array | null): void {
    if (this.at + header.length + 16 > SCRATCH_BYTES) this.flush();
    scratch.set(header, this.at);
    this.at += header.length;
    const low = Number(offset & 0xffffffffn);
    this.at = scratch.writeUInt32BE(Number(offset >> 32n), this.at);
    this.at = scratch.writeUInt32BE(low, this.at);
    this.bytes(key);
    this.bytes(value);
  }

  digest(): string {
    this.flush();
    return this.hash.digest('hex');
  }

  private bytes(field: Uint8Array | null): void {
    const length = field === null ? 0 : field.length;
    if (this.at + length + 4 > SCRATCH_BYTES) this.flush();
    this.at = scratch.writeUInt32BE(field === null ? NULL_LENGTH : length, this.at);
    if (field === null) return;
    if (length + 4 > SCRATCH_BYTES) {
      this.flush();
      this.hash.update(field);
      return;
    }
    scratch.set(field, this.at);
    this.at += length;
  }

  private flush(): void {
    if (this.at > 0) this.hash.update(scratch.subarray(0, this.at));
    this.at = 0;
  }
}

interface Lane {
  readonly topic: string;
  readonly partition: number;
  readonly indexes: number[];
}

function lanesInOrder(rows: ChainRows): Lane[] {
  const lanes = new Map<string, Map<number, Lane>>();
  let lane: Lane | undefined;
  for (let index = 0; index < rows.count; index += 1) {
    const topic = rows.topic[index] ?? '';
    const partition = rows.partition[index] ?? 0;
    if (lane === undefined || lane.partition !== partition || lane.topic !== topic) lane = laneOf(lanes, topic, partition);
    lane.indexes.push(index);
  }
  const ordered = [...lanes.values()].flatMap((byPartition) => [...byPartition.values()]);
  ordered.sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition));
  for (const each of ordered) sortByOffset(each.indexes, rows.offset);
  return ordered;
}

function laneOf(lanes: Map<string, Map<number, Lane>>, topic: string, partition: number): Lane {
  let byPartition = lanes.get(topic);
  if (byPartition === undefined) lanes.set(topic, (byPartition = new Map<number, Lane>()));
  let lane = byPartition.get(partition);
  if (lane === undefined) byPartition.set(partition, (lane = { topic, partition, indexes: [] }));
  return lane;
}

function sortByOffset(indexes: number[], offsets: readonly bigint[]): void {
  const at = (index: number): bigint => offsets[index] ?? 0n;
  const sorted = indexes.every((index, place) => place === 0 || at(indexes[place - 1] ?? 0) <= at(index));
  if (!sorted) indexes.sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0));
}
