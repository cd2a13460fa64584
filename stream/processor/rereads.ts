// Re-snapshots of single tables: begun by a row in Debezium's signal table, ended when Debezium says that it has scanned the table and
// every row it read is in the store. docs/adr/0013 has the reasons.

import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { columnType } from '../../cdc/schema/column-type.ts';
import { messageOf } from '../../infra/runtime/errors.ts';
import { APPLIED, type ControlAction } from '../../lake/store/batch.ts';
import type { RecordBatch } from '../../lake/store/record-batch.ts';
import type { RunningReread } from '../../lake/store/state.ts';
import type { Holds } from './holds.ts';

/** End offsets by `topic/partition`. */
export type Ends = ReadonlyMap<string, number>;

/** Where the partitions of a table stand: what is not staged any more, by `topic/partition`. */
export type Heads = (table: string) => ReadonlyMap<string, number>;

const CREATE = 'c'.charCodeAt(0);
const SCANNED = new Set(['SUCCEEDED', 'EMPTY']);
const NOTES_MAX = 10_000;

export interface Signal {
  readonly id: string;
  readonly seq: number;
  readonly tables: readonly string[];
  /** The signal asks for some rows only: their canonical keys, as far as it names them. Null for whole tables. */
  readonly keys: readonly string[] | null;
}

export class Rereads {
  private readonly database: string;
  private readonly holds: Holds;
  /** Result of a table's scan: signal and table → status. */
  private readonly scans = new Map<string, string>();
  /** End offsets at a time when all rows of the scan were in Kafka. */
  private readonly delivered = new Map<string, Ends>();

  constructor(database: string, holds: Holds) {
    this.database = database;
    this.holds = holds;
  }

  /** A message of the notification topic; what is not the end of a scan is passed over. */
  note(value: Buffer | null): void {
    const found = value === null ? null : scanOf(value);
    if (found === null || !found.collection.startsWith(`${this.database}.`)) return;
    if (this.scans.size >= NOTES_MAX) this.scans.delete(this.scans.keys().next().value ?? '');
    this.scans.set(keyOf({ signal: found.id, table: found.collection.slice(this.database.length + 1) }), found.status);
  }

  /**
   * The transaction that an offset recorded by Connect, without a snapshot under way, must have reached, so that all rows of some
   * scan are in Kafka; null when no scan waits for that.
   */
  awaited(): number | null {
    const waiting = this.holds
      .rereads()
      .filter((reread) => SCANNED.has(this.scans.get(keyOf(reread)) ?? '') && !this.delivered.has(keyOf(reread)));
    return waiting.length === 0 ? null : Math.min(...waiting.map(({ seq }) => seq));
  }

  /** Connect had recorded such an offset at `reach` before the end offsets were asked for. */
  proven(reach: number, ends: Ends): void {
    for (const reread of this.holds.rereads())
      if (reach >= reread.seq && SCANNED.has(this.scans.get(keyOf(reread)) ?? '')) this.delivered.set(keyOf(reread), ends);
  }

  /** Re-snapshots whose rows are in the store, and those that failed. */
  ended(heads: Heads): ControlAction[] {
    return this.holds.rereads().flatMap((reread): ControlAction[] => {
      const status = this.scans.get(keyOf(reread));
      const ends = this.delivered.get(keyOf(reread));
      const failed = status !== undefined && !SCANNED.has(status);
      if (!failed && (ends === undefined || ![...heads(reread.table)].every(([partition, head]) => head >= (ends.get(partition) ?? 0))))
        return [];
      const failure = failed ? `Debezium says ${status}` : null;
      this.delivered.delete(keyOf(reread));
      return [
        {
          kind: 'reread-ended',
          table: reread.table,
          seq: reread.seq,
          signal: reread.signal,
          inPlace: reread.inPlace,
          keys: reread.keys,
          failure,
        },
      ];
    });
  }

  /** What the signals of a cut begin. A held table that cannot be read again stays held. */
  begun(signals: readonly Signal[], schemas: ReadonlyMap<string, TableSchema>): ControlAction[] {
    return signals.flatMap(({ id, seq, tables, keys }) =>
      tables.flatMap((table): ControlAction[] => {
        const hold = this.holds.get(table);
        if (keys !== null && (hold !== undefined || this.holds.rereads().some((running) => running.table === table))) return [];
        const schema = hold === undefined ? (schemas.get(table) ?? null) : hold.schema;
        if (schema === null || notReadable(schema) !== null) return [];
        if (hold?.code === 'LF_COLUMN_UNSUPPORTED' && hold.reason !== '' && !mended(hold.schema)) return [];
        return [{ kind: 'reread', table, seq, signal: id, schema: hold === undefined ? null : schema, keys }];
      }),
    );
  }
}

/** Why a table cannot be read again by an incremental snapshot; null when it can. */
export function notReadable(schema: TableSchema): string | null {
  if (schema.keyColumns.length === 0) return 'it has no primary key';
  const float = schema.columns.find((column) => columnType(column).logical === 'float');
  return float === undefined ? null : `MySQL prints the FLOAT column ${float.name} with six digits there`;
}

function mended(schema: TableSchema | null): boolean {
  if (schema === null) return false;
  try {
    for (const column of schema.columns) columnType(column);
    return true;
  } catch {
    return false; // a column that cannot be carried: that is the answer
  }
}

function keyOf({ signal, table }: Pick<RunningReread, 'signal' | 'table'>): string {
  return `${signal}\n${table}`;
}

/** Signals among the records of a cut that ask for an incremental snapshot. */
export function signalsIn(records: RecordBatch, isSignalTopic: (topicId: number) => boolean, database: string): Signal[] {
  const found: Signal[] = [];
  for (let index = 0; index < records.count; index += 1) {
    if (records.op[index] !== CREATE || records.disposition[index] !== APPLIED || !isSignalTopic(records.topicId[index] ?? -1)) continue;
    const value = records.value(index);
    const signal = value === null ? null : signalOf(value, records.seq[index] ?? -1, database);
    if (signal !== null) found.push(signal);
  }
  return found;
}

interface SignalData {
  readonly type?: string;
  readonly 'data-collections'?: readonly string[];
  readonly 'additional-conditions'?: readonly unknown[];
  /** Debezium's older form. */
  readonly 'additional-condition'?: string;
  /** Ours (lake/verify/repair-signal.ts); Debezium passes over it. */
  readonly keys?: readonly string[];
}

function signalOf(value: Buffer, seq: number, database: string): Signal | null {
  try {
    const { after } = JSON.parse(value.toString('utf8')) as { after: { id: string; type: string; data: string | null } };
    if (after.type !== 'execute-snapshot') return null;
    const data = JSON.parse(after.data ?? '{}') as SignalData;
    if ((data.type ?? 'incremental').toLowerCase() !== 'incremental') return null;
    const tables = (data['data-collections'] ?? [])
      .map((name) => name.replaceAll('\\', ''))
      .filter((name) => name.startsWith(`${database}.`));
    // Rows that a condition leaves out are not read: nothing that is there may be taken for gone but what the signal names itself.
    const partial = (data['additional-conditions'] ?? []).length > 0 || data['additional-condition'] !== undefined;
    const keys = partial ? (data.keys ?? []) : null;
    return { id: after.id, seq, tables: tables.map((name) => name.slice(database.length + 1)), keys };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null; // not a signal Debezium would act on either
    throw new Error(messageOf(error), { cause: error });
  }
}

function scanOf(value: Buffer): { id: string; collection: string; status: string } | null {
  try {
    const note = JSON.parse(value.toString('utf8')) as {
      id?: string;
      type?: string;
      additional_data?: { scanned_collection?: string; status?: string };
    };
    const { id, type, additional_data: data } = note;
    if (type !== 'TABLE_SCAN_COMPLETED' || id === undefined || data?.scanned_collection === undefined) return null;
    return { id, collection: data.scanned_collection, status: data.status ?? 'UNKNOWN' };
  } catch {
    return null; // another program's message in the topic
  }
}
