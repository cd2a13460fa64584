// Reads a table of MySQL in parallel ranges of its key under one consistent snapshot, whose last transaction is known, into files of lines.
// The processor loads them (stream/backfill/bulk-loads.ts).

import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Connection as Streaming } from 'mysql2';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Gtid } from '../../cdc/position.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { LedgerflowError, messageOf } from '../../infra/runtime/errors.ts';
import { mysqlIdent } from '../../infra/runtime/sql-text.ts';
import { bulkLine } from '../../lake/store/bulk-rows.ts';
import { connectExact, openBetween, type SourceLogin } from '../../lake/verify/mysql-source.ts';

export interface BulkSnapshot extends Disposable {
  /** Last transaction in it. */
  readonly gtid: Gtid;
  readonly takenMs: number;
  readonly readers: readonly Connection[];
}

/** Rows of a file, about: a file is one statement of the processor's. */
const PART_ROWS = 200_000;
const PARTS_MAX = 100_000;
const WRITE_BYTES = 4 * 1024 * 1024;

/** One snapshot seen by several connections. @throws LedgerflowError LF_VERIFY_SOURCE_BUSY, LF_MYSQL_… */
export async function openBulkSnapshot(login: SourceLogin, count: number): Promise<BulkSnapshot> {
  const writer = await connectExact(login);
  const readers: Connection[] = [];
  const close = (): void => {
    for (const reader of readers) reader.destroy();
  };
  try {
    const first = await connectExact(login);
    readers.push(first);
    while (readers.length < count) readers.push(await connectExact(login));
    const gtid = await openBetween([first, ...readers.slice(1)], writer, 'backfill');
    return { gtid, takenMs: Date.now(), readers, [Symbol.dispose]: close };
  } catch (error) {
    close();
    throw error;
  } finally {
    writer.destroy();
  }
}

/** A range of the first key column: [from, to); null for the whole table. */
export interface KeyRange {
  readonly column: string;
  readonly from: bigint;
  readonly to: bigint;
}

/** Ranges of about PART_ROWS rows when the numbers are evenly used; one for a table whose key does not begin with a whole number. */
export async function keyRanges(
  reader: Connection,
  schema: TableSchema,
): Promise<{ readonly ranges: readonly (KeyRange | null)[]; readonly rows: number }> {
  const from = tableName(schema);
  const [column = ''] = schema.keyColumns;
  const whole = /INT/.test(schema.columns.find(({ name }) => name === column)?.typeName ?? '');
  const bounds = whole ? `MIN(${mysqlIdent(column)}) AS low, MAX(${mysqlIdent(column)}) AS high` : 'NULL AS low, NULL AS high';
  const [[counted]] = await reader.query<RowDataPacket[]>(`SELECT COUNT(*) AS n FROM ${from}`);
  const [[found]] = await reader.query<RowDataPacket[]>(`SELECT ${bounds} FROM ${whole ? from : 'DUAL'}`);
  const [rows, low, high] = [
    Number(counted?.['n']),
    (found?.['low'] ?? null) as string | number | null,
    (found?.['high'] ?? null) as string | number | null,
  ];
  return { rows, ranges: low === null || high === null ? [null] : splitRange(column, [BigInt(low), BigInt(high)], rows) };
}

/** Pure: adjoining ranges that cover every key once. */
export function splitRange(column: string, [low, high]: readonly [bigint, bigint], rows: number): KeyRange[] {
  const count = BigInt(Math.min(PARTS_MAX, Math.max(1, Math.ceil(rows / PART_ROWS))));
  const span = high - low + 1n;
  const size = span / count + (span % count === 0n ? 0n : 1n);
  const ranges: KeyRange[] = [];
  for (let from = low; from <= high; from += size) ranges.push({ column, from, to: from + size > high ? high + 1n : from + size });
  return ranges;
}

export interface PartFile {
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
}

/** Reads one range into a file, in the reader's snapshot. @throws LedgerflowError LF_BACKFILL_FAILED with MySQL's words */
export function readRange(reader: Connection, schema: TableSchema, range: KeyRange | null, file: string): Promise<PartFile> {
  const where = range === null ? '' : ` WHERE ${mysqlIdent(range.column)} >= ${range.from} AND ${mysqlIdent(range.column)} < ${range.to}`;
  const sql = `SELECT ${bulkLine(schema)} FROM ${tableName(schema)}${where}`;
  const out = new LineFile(file);
  return new Promise((resolve, reject) => {
    const query = plain(reader).query({ sql, rowsAsArray: true, typeCast: false });
    query.on('error', (error: unknown) => {
      out.close();
      reject(
        new LedgerflowError('LF_BACKFILL_FAILED', `MySQL stopped reading: ${messageOf(error)}`, { where: schema.table, cause: error }),
      );
    });
    query.on('result', (row: unknown) => out.add((row as readonly Buffer[])[0] ?? Buffer.alloc(0)));
    query.on('end', () => resolve({ file: path.resolve(file), ...out.close() }));
  });
}

function plain(reader: Connection): Streaming {
  return (reader as unknown as { connection: Streaming }).connection;
}

function tableName({ database, table }: TableSchema): string {
  return `${mysqlIdent(database)}.${mysqlIdent(table)}`;
}

const NEWLINE = Buffer.from('\n');

/** Lines, gathered and written in large pieces. */
class LineFile {
  private readonly handle: number;
  private pieces: Buffer[] = [];
  private gathered = 0;
  private rows = 0;
  private bytes = 0;

  constructor(file: string) {
    this.handle = openSync(file, 'w', 0o600);
  }

  add(line: Buffer): void {
    this.pieces.push(line, NEWLINE);
    this.gathered += line.length + 1;
    this.rows += 1;
    if (this.gathered >= WRITE_BYTES) this.flush();
  }

  private flush(): void {
    writeSync(this.handle, Buffer.concat(this.pieces, this.gathered));
    this.bytes += this.gathered;
    this.pieces = [];
    this.gathered = 0;
  }

  close(): { readonly rows: number; readonly bytes: number } {
    this.flush();
    closeSync(this.handle);
    return { rows: this.rows, bytes: this.bytes };
  }
}
