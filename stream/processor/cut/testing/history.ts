// A source history as a list of what happens at each GTID number, and the records Debezium writes for it, in order.
// Only the tests know these; what a table must hold after transaction K is folded here, independently of the code under test.

import type { KindName as RecordKind } from '../../../../cdc/envelope/page.ts';
import type { EndCounts } from '../../../../cdc/envelope/transaction-marker.ts';
import { KEYS, type Step } from './steps.ts';

export const TABLES = ['bank.a', 'bank.b', 'bank.c', 'bank.signal', 'bank.made'] as const;
/** Partitions of each table's topic. */
export const PARTITIONS_OF = [1, 2, 1, 1, 1] as const;
export const SIGNAL = 3;
/** Does not exist until a CREATE TABLE … AS SELECT makes it, once. */
export const MADE = 4;
export const IGNORED = 'bank.not_captured';

/** What a row record does to the table; null for records that carry no row. */
export interface RowChange {
  readonly table: number;
  readonly key: number;
  /** Null deletes. */
  readonly value: string | null;
}

export interface SourceRecord {
  readonly kind: RecordKind;
  /** 'T' transaction topic, 'S' schema topic, else the table. */
  readonly topic: number | 'T' | 'S';
  /** Decides the partition; null: any. */
  readonly key: number | null;
  readonly seq: number;
  readonly ord: number;
  readonly op: string;
  readonly end?: EndCounts;
  readonly alone?: boolean;
  readonly identity?: string;
  /** Equal for a record and its re-emissions. */
  readonly id: string;
  /** Of an unreadable event: the transaction it belongs to, which nobody can read. */
  readonly hiddenSeq?: number;
  readonly row: RowChange | null;
}

type State = Map<number, string>[];

/** Records of a history in the order the source wrote them, the first snapshot in front. */
export class History {
  readonly records: SourceRecord[] = [];
  /** Records of the snapshot at the beginning of `records`. */
  readonly snapshotRecords: number;
  readonly base: number;
  readonly last: number;
  private readonly state: State = TABLES.map(() => new Map<number, string>());
  private readonly states = new Map<number, string>();
  private garbage = 0;
  private made = false;

  constructor(plan: readonly Step[], base: number) {
    this.base = base;
    TABLES.forEach((_, t) => {
      if (t === MADE) return;
      this.add({ kind: 'ddl', topic: 'S', key: null, seq: -1, ord: 0, op: '', id: `create ${t}`, identity: `create ${t}`, row: null });
      for (let key = 0; key < KEYS; key += 2)
        this.row('snapshot', { seq: -1, ord: 0 }, { table: t, key, value: `snapshot ${t} ${key}` }, 'r');
    });
    this.snapshotRecords = this.records.length;
    this.remember(base);
    let seq = base;
    const closing: Step = {
      kind: 'transaction',
      events: TABLES.slice(0, MADE).map((_, t) => ({ table: t, key: 1, change: 'upsert' as const })),
      ignored: 0,
      corrupt: false,
    };
    for (const step of [...plan, closing]) {
      seq += 1;
      this.play(step, seq);
      this.remember(seq);
    }
    this.last = seq;
  }

  /** The tables after transaction `seq`, as text. */
  stateAt(seq: number): string {
    const found = this.states.get(seq);
    if (found === undefined) throw new Error(`no state at ${seq}`);
    return found;
  }

  private remember(seq: number): void {
    this.states.set(seq, describe(this.state));
  }

  private add(record: SourceRecord): void {
    this.records.push(record);
  }

  private row(kind: RecordKind, { seq, ord }: { seq: number; ord: number }, row: RowChange, op: string): void {
    const id = kind === 'snapshot' ? `snapshot ${row.table} ${row.key}` : `${kind} ${seq}.${ord} ${row.table} ${row.key}`;
    this.add({ kind, topic: row.table, key: row.key, seq, ord, op, id, row });
    const rows = this.state[row.table]!;
    if (row.value === null) rows.delete(row.key);
    else rows.set(row.key, row.value);
  }

  private play(step: Step, seq: number): void {
    switch (step.kind) {
      case 'transaction':
        return this.transaction(seq, step);
      case 'giant':
        return this.framed(
          seq,
          Array.from({ length: step.count }, (_, i) => ({ table: step.table, key: i % KEYS, value: `${seq} ${i}` })),
        );
      case 'empty':
        return this.framed(seq, []);
      case 'nothing':
        return;
      case 'truncate':
        this.add({ kind: 'outside', topic: step.table, key: null, seq, ord: 0, op: 't', id: `truncate ${seq}`, row: null });
        this.state[step.table]!.clear();
        return;
      case 'ddl':
        for (let i = 0; i < step.records; i += 1) this.ddl(seq, `ddl ${seq} ${i}`, step.records === 1);
        return;
      case 'createAsSelect':
        if (this.made) return this.framed(seq, [{ table: MADE, key: 1, value: `${seq}` }]);
        this.made = true;
        return this.framed(seq, [{ table: MADE, key: 0, value: `${seq}` }], () => this.ddl(seq, `create ${MADE}`, false));
      case 'xa':
        for (let i = 1; i <= step.count; i += 1)
          this.row('outside', { seq, ord: i }, { table: step.table, key: i, value: `xa ${seq} ${i}` }, 'c');
        return;
      case 'incremental':
        return this.incremental(seq, step.table, step.keys);
      case 'garbage':
        this.garbage += 1;
        this.add({ kind: 'unreadable', topic: step.table, key: null, seq: -1, ord: 0, op: '', id: `garbage ${this.garbage}`, row: null });
        return this.framed(seq, [{ table: step.table, key: 2, value: `${seq}` }]);
    }
  }

  private ddl(seq: number, id: string, alone: boolean): void {
    this.add({ kind: 'ddl', topic: 'S', key: null, seq, ord: 0, op: '', id, identity: id, alone, row: null });
  }

  private transaction(seq: number, step: Extract<Step, { kind: 'transaction' }>): void {
    const rows: RowChange[] = [];
    for (const { table: t, key, change: what } of step.events) {
      if (what === 'upsert') rows.push({ table: t, key, value: `${seq} ${rows.length}` });
      else rows.push({ table: t, key, value: null });
      if (what === 'move') rows.push({ table: t, key: (key + 1) % KEYS, value: `${seq} ${rows.length}` });
    }
    this.framed(seq, rows, undefined, { ignored: step.ignored, corrupt: step.corrupt });
  }

  /** BEGIN, `rows` with their order (a tombstone after each delete), END with its counts. */
  private framed(seq: number, rows: readonly RowChange[], first?: () => void, extra = { ignored: 0, corrupt: false }): void {
    this.marker('begin', seq);
    first?.();
    const counts = new Map<string, number>();
    rows.forEach((row, i) => {
      counts.set(TABLES[row.table]!, (counts.get(TABLES[row.table]!) ?? 0) + 1);
      if (extra.corrupt && i === 0) {
        this.add({
          kind: 'unreadable',
          topic: row.table,
          key: row.key,
          seq: -1,
          ord: 0,
          op: '',
          id: `corrupt ${seq}`,
          hiddenSeq: seq,
          row: null,
        });
        return;
      }
      this.row('event', { seq, ord: i + 1 }, row, row.value === null ? 'd' : 'c');
      if (row.value === null)
        this.add({ kind: 'tombstone', topic: row.table, key: row.key, seq: -1, ord: 0, op: '', id: `tombstone ${seq}.${i}`, row: null });
    });
    if (extra.ignored > 0) counts.set(IGNORED, extra.ignored);
    const collections = [...counts].map(([data_collection, event_count]) => ({ data_collection, event_count }));
    this.marker('end', seq, { event_count: rows.length + extra.ignored, data_collections: collections });
  }

  private marker(kind: 'begin' | 'end', seq: number, end?: EndCounts): void {
    this.add({ kind, topic: 'T', key: null, seq, ord: 0, op: '', id: `${kind} ${seq}`, row: null, ...(end === undefined ? {} : { end }) });
  }

  /** Rows read between two watermarks, written out when the closing watermark is met: they carry its number and no order. */
  private incremental(seq: number, t: number, keys: readonly number[]): void {
    this.marker('begin', seq);
    this.row('event', { seq, ord: 1 }, { table: SIGNAL, key: 0, value: `watermark ${seq}` }, 'c');
    for (const key of keys) {
      const value = this.state[t]!.get(key);
      if (value !== undefined) this.row('outside', { seq, ord: 0 }, { table: t, key, value }, 'r');
    }
    this.marker('end', seq, { event_count: 1, data_collections: [{ data_collection: TABLES[SIGNAL], event_count: 1 }] });
  }
}

export function describe(state: readonly ReadonlyMap<number, string>[]): string {
  return JSON.stringify(state.map((rows) => [...rows].sort(([a], [b]) => a - b)));
}
