// Which records of a batch are parked: those that cannot be read or applied, and every later change of their keys, which waits.
// Pure. Per key the order of changes is never broken: nothing behind a parked record is applied before it was dealt with.
//
// A row that changes its key is two records of one transaction, delete (header newkey) and create (header oldkey): both keys wait
// together, or neither. A delete of the row, or a row of an incremental snapshot, says all there is to know of its key: it makes
// what is parked of the key irrelevant (superseded) and is applied.

import { APPLIED, type CommitRequest, type ParkedRecord } from './batch.ts';
import { keyText, type KeyChange, type KeyPlaces } from './parked-book.ts';
import type { RecordBatch } from './record-batch.ts';

export interface HeldBack {
  /** Version of the book that this was judged by. */
  readonly version: number;
  readonly parked: readonly ParkedRecord[];
  /** Records that supersede what is parked of their keys. */
  readonly superseding: readonly number[];
  readonly changes: readonly KeyChange[];
}

/** The part of the book that is needed here. */
export interface WaitingKeys {
  readonly version: number;
  readonly empty: boolean;
  keysOf(table: string): KeyPlaces | undefined;
}

export interface HoldBackInput {
  readonly request: Pick<CommitRequest, 'records' | 'tableOf'>;
  /** Records that cannot be read or applied, as the readers of the batch found them. */
  readonly poison: readonly ParkedRecord[];
  readonly waiting: WaitingKeys;
  readonly topicName: (topicId: number) => string;
}

const DELETE = 'd'.charCodeAt(0);
const READ = 'r'.charCodeAt(0);
const NEW_KEY = '__debezium.newkey';
const OLD_KEY = '__debezium.oldkey';

/** Judges a batch whose dispositions are still those of the cut. Costs nothing when nothing is parked. */
export function holdBack(input: HoldBackInput): HeldBack {
  const { poison, waiting } = input;
  if (poison.length === 0 && waiting.empty) return { version: waiting.version, parked: [], superseding: [], changes: [] };
  // A half of a key change that stands before the half that has to wait is found on the second pass.
  const forced = new Map<number, string>();
  for (;;) {
    const pass = new Pass(input, forced);
    if (!pass.run()) return pass.result();
  }
}

/** Key of the row's other half, from the header that Debezium puts on both records of a key change; null for any other record. */
export function otherKeyOf(records: RecordBatch, index: number): string | null {
  const headers = records.headers(index);
  if (headers === null || !headers.includes('__debezium.')) return null;
  const found = JSON.parse(headers) as Record<string, unknown>;
  const key = found[NEW_KEY] ?? found[OLD_KEY];
  return typeof key === 'string' ? Buffer.from(key, 'utf8').toString('latin1') : null;
}

class Pass {
  private readonly input: HoldBackInput;
  private readonly records: RecordBatch;
  private readonly poison: ReadonlyMap<number, ParkedRecord>;
  private readonly forced: Map<number, string>;
  /** Keys that this batch has changed: the place they wait behind, or null when released. */
  private readonly overlay = new Map<string, Map<string, string | null>>();
  private readonly parked: ParkedRecord[] = [];
  private readonly superseding: number[] = [];
  private partners: Map<string, number> | null = null;
  private again = false;
  private at = 0;

  constructor(input: HoldBackInput, forced: Map<number, string>) {
    this.input = input;
    this.records = input.request.records;
    this.forced = forced;
    this.poison = new Map(input.poison.map((record) => [record.index, record]));
  }

  /** True when an earlier record must be parked too, so that another pass is needed. */
  run(): boolean {
    const { records } = this;
    for (this.at = 0; this.at < records.count; this.at += 1) {
      const poison = this.poison.get(this.at);
      if (poison !== undefined) this.parkPoison(poison);
      else if (records.disposition[this.at] === APPLIED) this.judge(this.at);
    }
    return this.again;
  }

  result(): HeldBack {
    const changes: KeyChange[] = [];
    for (const [table, keys] of this.overlay) for (const [key, place] of keys) changes.push({ table, key, place });
    return { version: this.input.waiting.version, parked: this.parked, superseding: this.superseding, changes };
  }

  private parkPoison(poison: ParkedRecord): void {
    const { index } = poison;
    const table = this.tableAt(index);
    const key = this.records.key(index);
    if (table === undefined || key === null) {
      this.parked.push(poison); // it stands alone
      return;
    }
    const half = { index, table, key: keyText(key), ...this.otherHalf(index, table) };
    this.parked.push(half.other === null ? poison : { ...poison, otherKey: half.other });
    this.block(half, this.placeOf(index));
  }

  private judge(index: number): void {
    const { records, forced } = this;
    const key = records.key(index);
    const table = this.tableAt(index);
    if (table === undefined || key === null) return;
    if (!this.overlay.has(table) && this.input.waiting.keysOf(table) === undefined && !forced.has(index)) return;
    const half = { index, table, key: keyText(key), ...this.otherHalf(index, table) };
    const behind = forced.get(index) ?? this.placeOfKey(table, half.key);
    if (behind === undefined) {
      const others = half.other === null || half.partner !== undefined ? undefined : this.placeOfKey(table, half.other);
      if (others !== undefined) this.wait(half, others);
    } else if (half.other === null && !forced.has(index) && saysAll(records, index)) {
      this.superseding.push(index);
      this.set(table, half.key, null);
    } else this.wait(half, behind);
  }

  private wait(half: Half, behind: string): void {
    const record = { index: half.index, reason: 'LF_RECORD_WAITS', detail: `waits behind ${behind}`, waits: true };
    this.parked.push(half.other === null ? record : { ...record, otherKey: half.other });
    this.block(half, behind);
  }

  /** Both keys of a key change wait from here on, and so does its other half, wherever it stands. */
  private block(half: Half, place: string): void {
    const { table, key, other, partner } = half;
    if (this.placeOfKey(table, key) === undefined) this.set(table, key, place);
    if (other === null) return;
    if (partner !== undefined && !this.forced.has(partner) && !this.poison.has(partner)) {
      this.forced.set(partner, place);
      if (partner < this.at) this.again = true;
    }
    if (partner === undefined && this.placeOfKey(table, other) === undefined) this.set(table, other, place);
  }

  /** The other record of a key change, if it is in the batch: Debezium numbers delete and create one after the other. */
  private otherHalf(index: number, table: string): { other: string | null; partner: number | undefined } {
    const other = otherKeyOf(this.records, index);
    if (other === null) return { other, partner: undefined };
    const step = this.records.op[index] === DELETE ? 1 : -1;
    const partner = this.partnersByPlace().get(`${table}/${this.records.seq[index]}/${(this.records.ord[index] ?? 0) + step}`);
    const key = partner === undefined ? null : this.records.key(partner);
    return key === null ? { other, partner: undefined } : { other: keyText(key), partner };
  }

  private partnersByPlace(): Map<string, number> {
    if (this.partners !== null) return this.partners;
    const partners = new Map<string, number>();
    const { records } = this;
    for (let index = 0; index < records.count; index += 1) {
      const applicable = records.disposition[index] === APPLIED || (this.poison.has(index) && (records.op[index] ?? 0) !== 0);
      if (!applicable || otherKeyOf(records, index) === null) continue;
      partners.set(`${this.tableAt(index)}/${records.seq[index]}/${records.ord[index]}`, index);
    }
    return (this.partners = partners);
  }

  private placeOfKey(table: string, key: string): string | undefined {
    const changed = this.overlay.get(table)?.get(key);
    if (changed === null) return undefined;
    return changed ?? this.input.waiting.keysOf(table)?.get(key);
  }

  private set(table: string, key: string, place: string | null): void {
    let keys = this.overlay.get(table);
    if (keys === undefined) this.overlay.set(table, (keys = new Map<string, string | null>()));
    keys.set(key, place);
  }

  private tableAt(index: number): string | undefined {
    return this.input.request.tableOf(this.records.topicId[index] ?? -1);
  }

  private placeOf(index: number): string {
    const { records } = this;
    return `${this.input.topicName(records.topicId[index] ?? -1)}/${records.partition[index]}@${records.offset[index]}`;
  }
}

interface Half {
  readonly index: number;
  readonly table: string;
  readonly key: string;
  readonly other: string | null;
  readonly partner: number | undefined;
}

/** A delete, or a row that an incremental snapshot has read: whatever came before, the key is now exactly this. */
function saysAll(records: RecordBatch, index: number): boolean {
  const op = records.op[index];
  return op === DELETE || (op === READ && (records.seq[index] ?? -1) >= 0);
}
