// Which parked records can be applied now, and in which shape of their table they were written.

import { isDecodeFault } from '../../cdc/codec/fault.ts';
import { createScanner } from '../../cdc/envelope/scan.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import type { Committer } from '../../lake/store/commit.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { readParkedValue, readShapes, type OpenRecord } from '../../lake/store/open-parked.ts';
import { misfitsSql, picksSql, placeSql, type Pick } from '../../lake/store/redrive-sql.ts';
import type { DecodeFault } from './parked-decoder.ts';
import type { Group } from './plan.ts';

export interface ExaminationParts {
  readonly store: StoreHandle;
  readonly committer: Committer;
  /** Tables whose rows cannot be carried, with the reason. */
  readonly unsupported: { get(table: string): string | undefined };
}

export interface StillFailing {
  readonly id: number;
  readonly place: string;
  readonly table: string | null;
  readonly reason: string;
  readonly detail: string;
  /** Records of the same keys that wait behind it. */
  readonly behind: number;
}

export interface Shape {
  /** The table as it is now. */
  readonly current: TableSchema;
  readonly schema: TableSchema;
}

export class Examination {
  /** Why a record cannot be applied, by its number. */
  readonly failing = new Map<number, string>();
  private readonly parts: ExaminationParts;
  private readonly records: readonly OpenRecord[];
  private readonly undecoded: ReadonlyMap<number, DecodeFault>;
  /** Shapes that records were tried by; `shapeOf` tells which one fits a record. */
  readonly shapes: Shape[] = [];
  readonly shapeOf = new Map<number, number>();
  /** Places of records that could not be read before. */
  private readonly places = new Map<number, { seq: number; ord: number; op: string }>();

  /** @param undecoded records whose bytes are still not decoded */
  constructor(parts: ExaminationParts, records: readonly OpenRecord[], undecoded: ReadonlyMap<number, DecodeFault>) {
    this.parts = parts;
    this.records = records;
    this.undecoded = undecoded;
  }

  /** Tries every record by the table's present shape and, where that does not fit, by the shape it had when the record was written. */
  async run(): Promise<void> {
    const perTable = new Map<string, OpenRecord[]>();
    for (const record of this.records) {
      const refusal = await this.refusal(record);
      if (refusal !== null) this.failing.set(record.id, refusal);
      else if (record.table !== null) perTable.set(record.table, [...(perTable.get(record.table) ?? []), record]);
    }
    const { writer } = this.parts.store;
    if (this.places.size > 0) for (const [id, place] of this.places) await writer.run(placeSql(id, place));
    for (const [table, records] of perTable) await this.examineTable(table, records);
  }

  /** What stands in the way before any value is looked at. */
  private async refusal(record: OpenRecord): Promise<string | null> {
    const { unsupported, committer, store } = this.parts;
    const fault = this.undecoded.get(record.id);
    if (fault !== undefined) return fault.detail;
    if (record.table === null) return record.detail; // of the transaction or schema topic: not a row
    const reason = unsupported.get(record.table);
    if (reason !== undefined) return reason;
    if (!committer.schemas.has(record.table)) return `no schema of table ${record.table} is known`;
    if (record.op !== null) return record.op === 't' ? 'a TRUNCATE cannot be applied later' : null;
    const value = await readParkedValue(store.writer, record.id);
    const found = value === null ? null : createScanner(store.state.serverUuid).scan(value);
    if (found === null || found.kind === 'unreadable' || !found.expectedServer) return found?.reason ?? record.detail;
    this.places.set(record.id, { seq: found.seq, ord: found.ord, op: String.fromCharCode(found.op) });
    return null;
  }

  private async examineTable(table: string, records: readonly OpenRecord[]): Promise<void> {
    const current = this.parts.committer.schemas.get(table);
    if (current === undefined) return;
    const misfits = await this.misfits({ current, schema: current }, records);
    if (misfits.size === 0) return;
    const history = await readShapes(this.parts.store.writer, table);
    const older = new Map<TableSchema, OpenRecord[]>();
    for (const record of records) {
      const reason = misfits.get(record.id);
      if (reason === undefined) continue;
      this.failing.set(record.id, reason);
      const shape = (history.findLast(({ fromSeq }) => fromSeq <= record.seq) ?? history[0])?.schema;
      if (shape !== undefined) older.set(shape, [...(older.get(shape) ?? []), record]);
    }
    for (const [schema, some] of older) {
      const still = await this.misfits({ current, schema }, some);
      for (const { id } of some) if (!still.has(id)) this.failing.delete(id);
    }
  }

  /** Reasons of those that do not convert by the shape; the others are remembered to be of it. */
  private async misfits(shape: Shape, records: readonly OpenRecord[]): Promise<Map<number, string>> {
    const { writer } = this.parts.store;
    const number = this.shapes.push(shape) - 1;
    await writer.run(picksSql(records.map(({ id }): Pick => ({ id, shape: number }))));
    const misfits = new Map<number, string>();
    for (const query of misfitsSql(shape.schema, number)) {
      for (const [id, reason] of (await writer.runAndReadAll(query)).getRows()) misfits.set(Number(id), reason as string);
    }
    for (const { id } of records) if (!misfits.has(id)) this.shapeOf.set(id, number);
    return misfits;
  }

  firstFailing(group: Group): StillFailing[] {
    const index = group.findIndex(({ id }) => this.failing.has(id));
    const record = group[index];
    if (record === undefined) return [];
    const { id, place, table } = record;
    return [
      { id, place, table, reason: this.reasonOf(record), detail: this.failing.get(id) ?? record.detail, behind: group.length - index - 1 },
    ];
  }

  /** The code of a record that still fails. */
  private reasonOf({ id, table, status, op, reason }: OpenRecord): string {
    const fault = this.undecoded.get(id);
    if (fault !== undefined) return fault.code ?? reason;
    if (table !== null && !this.parts.committer.schemas.has(table)) return reason;
    if (status !== 'parked' || op !== null) return 'LF_RECORD_UNCONVERTIBLE';
    if (table === null || !isDecodeFault(reason)) return reason;
    return this.places.has(id) ? 'LF_RECORD_UNCONVERTIBLE' : 'LF_ENVELOPE_UNREADABLE';
  }
}
