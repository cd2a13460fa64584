// After a load without foreign key checks: every reference of every loaded table is looked up once, in bulk, and every balance is derived
// from its entries again. Reads only.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { escapeId } from 'mysql2';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { checkBalances, type Drift } from '../audit/rebuild.ts';

/** Tables that a history writes without foreign key checks. */
const TABLES = ['transactions', 'ledger_entries', 'trades', 'devices', 'holdings'];
const NAMED_MAX = 10;

interface KeyRow extends RowDataPacket {
  readonly name: string;
  readonly child: string;
  readonly column: string;
  readonly parent: string;
  readonly parentColumn: string;
}

export interface BrokenReference {
  /** Name of the foreign key. */
  readonly key: string;
  readonly table: string;
  /** Primary keys of the first rows without a parent, as text. */
  readonly rows: readonly string[];
}

/** Rows whose parent is missing, by foreign key as information_schema declares them. */
export async function brokenReferences(connection: Connection): Promise<BrokenReference[]> {
  const [keys] = await connection.query<KeyRow[]>(
    `SELECT constraint_name AS name, table_name AS child, column_name AS \`column\`, referenced_table_name AS parent,
       referenced_column_name AS parentColumn
     FROM information_schema.key_column_usage
     WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL AND table_name IN (?)
     ORDER BY table_name, constraint_name, ordinal_position`,
    [TABLES],
  );
  const broken: BrokenReference[] = [];
  for (const name of new Set(keys.map((key) => key.name))) {
    const columns = keys.filter((key) => key.name === name);
    const { child, parent } = columns[0]!;
    const on = columns.map((key) => `p.${escapeId(key.parentColumn)} = c.${escapeId(key.column)}`).join(' AND ');
    const filled = columns.map((key) => `c.${escapeId(key.column)} IS NOT NULL`).join(' AND ');
    const [rows] = await connection.query<RowDataPacket[]>(
      `SELECT CONCAT_WS(' ', ${(await primaryKey(connection, child)).map((column) => `c.${escapeId(column)}`).join(', ')}) AS id
       FROM ${escapeId(child)} c LEFT JOIN ${escapeId(parent)} p ON ${on}
       WHERE ${filled} AND p.${escapeId(columns[0]!.parentColumn)} IS NULL LIMIT ${NAMED_MAX}`,
    );
    if (rows.length > 0) broken.push({ key: name, table: child, rows: rows.map((row) => String(row['id'])) });
  }
  return broken;
}

async function primaryKey(connection: Connection, table: string): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT column_name AS name FROM information_schema.key_column_usage
     WHERE table_schema = DATABASE() AND table_name = ? AND constraint_name = 'PRIMARY' ORDER BY ordinal_position`,
    [table],
  );
  return rows.map((row) => String(row['name']));
}

/**
 * @throws LedgerflowError LF_BANK_REFERENCES naming rows without a parent, LF_LEDGER_DRIFT naming accounts whose balance is not the sum of
 *   their entries
 */
export async function requireWhole(connection: Connection): Promise<void> {
  const broken = await brokenReferences(connection);
  if (broken.length > 0) {
    const text = broken.map(({ key, table, rows }) => `${key}: ${table} ${rows.join(', ')}`).join('; ');
    throw new LedgerflowError('LF_BANK_REFERENCES', `rows point at rows that do not exist: ${text}`);
  }
  const drifts: Drift[] = [];
  const { drifted } = await checkBalances(connection, {
    onDrift: (drift) => {
      if (drifts.length < NAMED_MAX) drifts.push(drift);
    },
  });
  if (drifted === 0) return;
  const text = drifts
    .map(({ accountId, cached, derived }) => `${accountId} has ${cached.balance}, entries say ${derived.balance}`)
    .join('; ');
  throw new LedgerflowError('LF_LEDGER_DRIFT', `${drifted} accounts after the load: ${text}`);
}
