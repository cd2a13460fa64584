// Figures of the MySQL server for /metrics: its binlog, how far the lake is behind it, its own replication lag.

import mysql from 'mysql2/promise';
import { gtidSetMax, parseGtidSet, binlogFileNumber } from '../position.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** The last position that the lake has committed; null before the first commit. */
export interface LakePosition {
  readonly binlogFile: string | null;
  readonly binlogPos: number;
  readonly serverUuid: string | null;
  readonly seq: number;
}

export interface MysqlFigures {
  readonly binlogFiles: number;
  readonly binlogBytes: number;
  /** null when the server's files do not include the position any more, or another server answers. */
  readonly behindBytes: number | null;
  readonly behindTransactions: number | null;
  /** Seconds by channel; null: it does not replicate at the moment. */
  readonly replicaLag: ReadonlyMap<string, number | null>;
}

interface BinlogFile {
  readonly name: string;
  readonly bytes: number;
}

/** @throws Error of the driver when MySQL does not answer or refuses (REPLICATION CLIENT is needed) */
export async function readMysql(mysqlUrl: string, position: LakePosition | null): Promise<MysqlFigures> {
  const connection = await mysql.createConnection({ uri: mysqlUrl, connectTimeout: CONNECT_TIMEOUT_MS });
  try {
    const files = (await rowsOf(connection, 'SHOW BINARY LOGS')).map((row) => ({
      name: String(row['Log_name']),
      bytes: Number(row['File_size']),
    }));
    const [server] = await rowsOf(connection, 'SELECT @@server_uuid AS uuid, @@global.gtid_executed AS executed');
    const uuid = String(server?.['uuid']).toLowerCase();
    const same = position !== null && (position.serverUuid === null || position.serverUuid.toLowerCase() === uuid);
    return {
      binlogFiles: files.length,
      binlogBytes: total(files),
      behindBytes: same ? bytesBehind(files, position) : null,
      behindTransactions: same ? Math.max(0, gtidSetMax(parseGtidSet(String(server?.['executed'])), uuid) - position.seq) : null,
      replicaLag: replicaLag(await rowsOf(connection, 'SHOW REPLICA STATUS')),
    };
  } finally {
    await connection.end();
  }
}

async function rowsOf(connection: mysql.Connection, sql: string): Promise<mysql.RowDataPacket[]> {
  return (await connection.query<mysql.RowDataPacket[]>(sql))[0];
}

/** Bytes written after a position: the rest of its file and all later files. */
export function bytesBehind(files: readonly BinlogFile[], { binlogFile, binlogPos }: LakePosition): number | null {
  const own = files.find(({ name }) => name === binlogFile);
  if (own === undefined) return null;
  const number = binlogFileNumber(own.name);
  return Math.max(0, own.bytes - binlogPos) + total(files.filter(({ name }) => binlogFileNumber(name) > number));
}

interface ReplicaRow {
  readonly [column: string]: unknown;
  readonly Channel_Name?: string;
  readonly Seconds_Behind_Source?: number | string | null;
}

export function replicaLag(rows: readonly ReplicaRow[]): Map<string, number | null> {
  const seconds = (value: ReplicaRow['Seconds_Behind_Source']): number | null =>
    value === null || value === undefined ? null : Number(value);
  return new Map(rows.map((row) => [row.Channel_Name ?? '', seconds(row.Seconds_Behind_Source)]));
}

function total(files: readonly BinlogFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
