// Bulk reads in the processor: files that a command wrote from one snapshot of MySQL go to the table beside the live one (`T@next`), each
// once. When all are there, and the snapshot's transaction is committed, the next commit hands over. docs/adr/0038.

import path from 'node:path';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { faultPoint } from '../../infra/runtime/fault-point.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import type { ControlAction } from '../../lake/store/batch.ts';
import { bulkInsertSql } from '../../lake/store/bulk-rows.ts';
import type { Committer } from '../../lake/store/commit.ts';
import type { Housekeeping } from '../../lake/store/housekeeping.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import { nextName } from '../../lake/store/reshape.ts';
import type { RunningReread } from '../../lake/store/state.ts';
import type { Holds } from '../processor/holds.ts';
import { endOf } from '../processor/rereads.ts';

export interface BulkParts {
  /** Folder that files may come from. */
  readonly folder: string;
  readonly holds: Holds;
  readonly store: Pick<StoreHandle, 'connect'>;
  readonly committer: Pick<Committer, 'schemas' | 'commitId'>;
  readonly housekeeping: Pick<Housekeeping, 'load'>;
  readonly serverUuid: () => string | null;
}

export interface BulkPart {
  readonly signal: string;
  readonly part: number;
  readonly file: string;
  readonly columns: readonly string[];
  /** Last transaction of the snapshot. */
  readonly seq: number;
  readonly takenMs: number;
}

export interface BulkEnd {
  readonly signal: string;
  readonly uuid: string;
  readonly seq: number;
  /** Rows of the table in the snapshot, counted by MySQL. */
  readonly rows: number;
}

/** Where a command puts the files of a bulk read, each in a folder named by its signal. */
export function bulkFolder(home: string): string {
  return path.join(home, 'store', 'bulk');
}

export class BulkLoads {
  private readonly parts: BulkParts;
  /** Signal → last transaction of the snapshot, once all rows are there. */
  private readonly complete = new Map<string, number>();

  constructor(parts: BulkParts) {
    this.parts = parts;
  }

  /**
   * Loads one file. A file that was loaded before is passed over.
   * @returns its rows
   * @throws LedgerflowError LF_BACKFILL_FAILED when the bulk read does not go on any more; LF_USAGE
   */
  async load(part: BulkPart): Promise<{ readonly rows: number }> {
    const { folder, committer, housekeeping } = this.parts;
    const schema = this.shapeOf(this.running(part.signal));
    if (path.dirname(path.resolve(part.file)) !== path.join(path.resolve(folder), part.signal))
      throw new LedgerflowError('LF_USAGE', 'files of a bulk read come from its own folder', { where: part.file });
    const missing = schema.columns.find(({ name }) => !part.columns.includes(name));
    if (missing !== undefined || part.columns.length !== schema.columns.length)
      throw new LedgerflowError('LF_BACKFILL_FAILED', `the file has other columns than the table (${missing?.name ?? 'more'})`, {
        where: schema.table,
      });
    const takenUs = BigInt(part.takenMs) * 1_000n;
    const sql = bulkInsertSql(schema, { ...part, commitId: committer.commitId, takenUs });
    return { rows: await housekeeping.load(this.insert(part, sql)) };
  }

  private async insert({ signal, part }: BulkPart, sql: string): Promise<number> {
    const connection = await this.parts.store.connect();
    try {
      const known = await connection.runAndReadAll(
        `SELECT rows FROM ops.bulk_parts WHERE signal_id = ${literal(signal)} AND part = ${part}`,
      );
      const [before] = known.getRows();
      if (before !== undefined) return Number(before[0]);
      await connection.run('BEGIN');
      const { rowsChanged } = await connection.run(sql);
      faultPoint('bulk.rows');
      await connection.run(`INSERT INTO ops.bulk_parts VALUES (${literal(signal)}, ${part}, ${rowsChanged}, now()); COMMIT`);
      faultPoint('bulk.loaded');
      return rowsChanged;
    } finally {
      connection.closeSync(); // what was not committed is rolled back
    }
  }

  /**
   * All files are loaded: the next commit behind the snapshot's transaction hands over. Repeatable.
   * @throws LedgerflowError LF_BACKFILL_FAILED when rows are missing, or the snapshot is another server's
   */
  async finish({ signal, uuid, seq, rows }: BulkEnd): Promise<object> {
    const { table } = this.running(signal);
    const connection = await this.parts.store.connect();
    try {
      const found = await connection.runAndReadAll(
        `SELECT coalesce(sum(rows), 0) FROM ops.bulk_parts WHERE signal_id = ${literal(signal)}`,
      );
      const loaded = Number(found.getRows()[0]?.[0]);
      if (loaded !== rows) throw failed(table, `${loaded} rows were loaded, MySQL has ${rows} in the snapshot`);
    } finally {
      connection.closeSync();
    }
    if (uuid !== this.parts.serverUuid()) throw failed(table, `the snapshot is of server ${uuid}, the stream of another one`);
    this.complete.set(signal, seq);
    faultPoint('bulk.complete');
    return { table, seq };
  }

  /**
   * Hand-overs of a commit of what follows the transaction `behind`. A commit with changes up to the snapshot's transaction would write
   * them beside the snapshot's rows, which have them already.
   */
  ended(behind: number): ControlAction[] {
    const { holds } = this.parts;
    return holds.rereads().flatMap((reread): ControlAction[] => {
      const seq = this.complete.get(reread.signal);
      if (seq === undefined || behind < seq) return [];
      this.complete.delete(reread.signal);
      return [{ ...endOf(reread, null), snapshot: { seq, live: holds.get(reread.table) === undefined } }];
    });
  }

  private running(signal: string): RunningReread {
    const found = this.parts.holds.rereads().find((reread) => reread.signal === signal && reread.bulk === true);
    if (found === undefined) throw failed(signal, 'it does not go on: it was stopped, or the table changed meanwhile');
    return found;
  }

  private shapeOf({ table }: RunningReread): TableSchema {
    const schema = this.parts.committer.schemas.get(nextName(table));
    if (schema === undefined) throw failed(table, 'it has not begun yet');
    return schema;
  }
}

function failed(where: string, why: string): LedgerflowError {
  return new LedgerflowError('LF_BACKFILL_FAILED', why, { where });
}
