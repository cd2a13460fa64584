// Reads exactly some rows of a table again through the stream: a signal to Debezium for each part, one after the other, each waited for.

import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { SIGNAL_TABLE } from '../../cdc/connector/config.ts';
import { insertSignal } from '../../cdc/connector/signal-row.ts';
import { readSourceTables } from '../../cdc/connector/source-tables.ts';
import type { Login } from '../../infra/native/run-file.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import type { SourceLogin } from '../../lake/verify/mysql-source.ts';
import { planTable, type TablePlan } from '../../lake/verify/plan.ts';
import { repairSignals } from '../../lake/verify/repair-signal.ts';
import { notReadable } from '../../stream/processor/rereads.ts';
import { refused, rereadEnd } from '../backfill/resnapshot.ts';
import { streamQuery } from '../support/wire-client.ts';

export interface RepairInput {
  readonly table: string;
  /** A login that may write the signal table. */
  readonly mysql: SourceLogin;
  readonly excludeTables: readonly string[];
  readonly wire: Login;
  /** Milliseconds to wait for each part. */
  readonly waitMs: number;
  readonly onProgress: (text: string) => void;
  /** Canonical keys of the rows. */
  readonly keys: (plan: TablePlan) => Promise<readonly string[]>;
}

export interface Repair {
  readonly table: string;
  readonly keys: number;
  readonly signals: readonly string[];
}

/** @throws LedgerflowError LF_RESNAPSHOT when the rows cannot be read again or that failed; LF_USAGE for keys that are none */
export async function repair(input: RepairInput): Promise<Repair> {
  const { host, port, user, password, database } = input.mysql;
  const connection = await createConnection({ host, port, user, password, database });
  try {
    const plan = await planOf(connection, input);
    const keys = [...new Set(await input.keys(plan))];
    const ids: string[] = [];
    for (const data of repairSignals(database, plan, keys)) {
      await refuseBeside(input);
      const id = `repair-${Date.now()}-${input.table}`.slice(0, 64);
      await insertSignal(connection, database, { id, type: 'execute-snapshot', data });
      await rereadEnd(input, id);
      ids.push(id);
    }
    return { table: input.table, keys: keys.length, signals: ids };
  } finally {
    connection.destroy();
  }
}

async function planOf(connection: Connection, input: RepairInput): Promise<TablePlan> {
  const tables = await readSourceTables(connection, input.mysql.database, input.excludeTables);
  const table = tables.find(({ schema }) => schema.table === input.table);
  if (table === undefined) throw refused(input, `MySQL has no captured table ${input.mysql.database}.${input.table}`);
  const [signals] = await connection.query<RowDataPacket[]>(
    'SELECT COUNT(*) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
    [input.mysql.database, SIGNAL_TABLE],
  );
  if (Number(signals[0]?.['n']) === 0) throw refused(input, `MySQL has no table ${SIGNAL_TABLE}`);
  const why = notReadable(table.schema);
  if (why !== null) throw refused(input, why);
  return planTable(table, { keys: null, rows: 0 });
}

/** One at a time: the end of a reading of the whole table would take rows read meanwhile for old. */
async function refuseBeside(input: RepairInput): Promise<void> {
  let running = 0;
  await streamQuery(input.wire, `SELECT 1 FROM ops.rereads WHERE table_name = ${literal(input.table)} AND status = 'running'`, {
    columns: () => undefined,
    row: () => (running += 1),
  });
  if (running > 0) throw refused(input, 'it is being read again already');
}
