// Re-snapshots of single tables: begun by a row in Debezium's signal table, ended when Debezium says that it has scanned the table and
// every row it read is in the store. docs/adr/0013 has the reasons.

import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { columnType } from '../../cdc/schema/column-type.ts';
import type { ControlAction } from '../../lake/store/batch.ts';
import type { RunningReread } from '../../lake/store/state.ts';
import type { Holds } from './holds.ts';
import type { Signal } from './reread-signals.ts';

/** End offsets by `topic/partition`. */
export type Ends = ReadonlyMap<string, number>;

/** Where the partitions of a table stand: what is not staged any more, by `topic/partition`. */
export type Heads = (table: string) => ReadonlyMap<string, number>;

const SCANNED = new Set(['SUCCEEDED', 'EMPTY']);
const NOTES_MAX = 10_000;

export class Rereads {
  private readonly database: string;
  private readonly holds: Holds;
  private readonly bulk: boolean;
  /** Result of a table's scan: signal and table → status. */
  private readonly scans = new Map<string, string>();
  /** End offsets at a time when all rows of the scan were in Kafka. */
  private readonly delivered = new Map<string, Ends>();

  /** @param bulk false where rows read in bulk cannot come: in a replay */
  constructor(database: string, holds: Holds, bulk = true) {
    this.bulk = bulk;
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
      this.delivered.delete(keyOf(reread));
      return [endOf(reread, failed ? `Debezium says ${status}` : null)];
    });
  }

  /** What the signals of a cut begin and stop. A held table that cannot be read again stays held. */
  begun(signals: readonly Signal[], schemas: ReadonlyMap<string, TableSchema>): ControlAction[] {
    return signals.flatMap((signal) => {
      if (signal.kind === 'stop') return this.stopped(signal);
      return signal.tables.flatMap((table) => this.begunOf(table, signal, schemas));
    });
  }

  private begunOf(table: string, { kind, id, seq, keys }: Signal, schemas: ReadonlyMap<string, TableSchema>): ControlAction[] {
    if (kind === 'bulk' && !this.bulk) return [];
    const hold = this.holds.get(table);
    const running = this.holds.rereads().some((reread) => reread.table === table);
    if ((keys !== null && (hold !== undefined || running)) || (kind === 'read' && this.holds.isBulk(table))) return [];
    const schema = hold === undefined ? (schemas.get(table) ?? null) : hold.schema;
    if (schema === null || notReadable(schema, kind) !== null) return [];
    if (hold?.code === 'LF_COLUMN_UNSUPPORTED' && hold.reason !== '' && !mended(hold.schema)) return [];
    const bulk = kind === 'bulk';
    return [
      { kind: 'reread', table, seq, signal: id, schema: hold === undefined && !bulk ? null : schema, keys, ...(bulk ? { bulk } : {}) },
    ];
  }

  private stopped({ tables }: Signal): ControlAction[] {
    const meant = this.holds.rereads().filter(({ table }) => tables.length === 0 || tables.includes(table));
    return meant.map((reread) => endOf(reread, 'stopped'));
  }
}

/** The end of a re-snapshot. @param failure why nothing of it counts; null when all of it does */
export function endOf(
  { table, seq, signal, inPlace, keys }: RunningReread,
  failure: string | null,
): Extract<ControlAction, { kind: 'reread-ended' }> {
  return { kind: 'reread-ended', table, seq, signal, inPlace, keys, failure };
}

/** Why a table cannot be read again, by an incremental snapshot or in bulk; null when it can. */
export function notReadable(schema: TableSchema, by: Signal['kind'] = 'read'): string | null {
  if (schema.keyColumns.length === 0) return 'it has no primary key';
  if (by === 'bulk') return null;
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
