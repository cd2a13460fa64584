// Gold in the lake. Its rows carry no commit, so the store's tables and the lake's are compared: a digest per table
// tells whether anything changed, a hash per key tells which rows; what is compared cannot drift. Tables with one row per
// silver row, the large ones, take silver's changed keys instead once this process has compared them.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident } from '../../infra/runtime/sql-text.ts';
import { changedKeysSql } from './changed-keys.ts';
import { lakeTable, type LakeShapes } from './lake-catalog.ts';
import { lakeValues } from './lake-types.ts';
import type { PublishedModel } from './source.ts';
import { firstRow, identList, rowsOf, sameKeys } from './sql.ts';
import {
  collectChanged,
  dropOthers,
  lakeRowCount,
  replaceAll,
  replaceChanged,
  syncedTable,
  syncShape,
  type SyncedTable,
} from './sync-table.ts';

/** Digest of every gold table as last published, and the condition of its model then. */
export type GoldDigests = ReadonlyMap<string, { readonly digest: string; readonly model: string }>;

/** Smaller tables are replaced whole: one new file instead of delete files. */
const REPLACE_ROWS_MAX = 5_000;
/** Digest of a table that was brought up to date by key, without looking at all of it. */
const BY_KEY = 'by key';

interface Digest {
  readonly text: string;
  readonly rows: number;
  /** A NULL in a key column: rows cannot be found by key. */
  readonly nullKeys: boolean;
}

export interface GoldWork {
  readonly models: readonly PublishedModel[];
  readonly shapes: LakeShapes;
  /** Digests of the last publication of this process; empty compares every table with the lake. */
  readonly published: GoldDigests;
  /** Gold's commit in the last publication. */
  readonly since: number | null;
}

/** @returns rows written, and the new digests, to be kept once the transaction has committed */
export async function publishGold(connection: DuckDBConnection, work: GoldWork): Promise<{ rows: number; digests: GoldDigests }> {
  const conditions = await modelConditions(connection);
  const digests = new Map<string, { digest: string; model: string }>();
  const models = new Map(work.models.map((model) => [model.name, model]));
  let rows = 0;
  for (const name of await goldTables(connection)) {
    const model = models.get(name);
    if (model?.published === false) continue;
    const table = await syncedTable(connection, { schema: 'gold', table: name, keys: model?.key ?? [] });
    const shape = await syncShape(connection, table, work.shapes);
    const condition = conditions.get(name) ?? '';
    const before = work.published.get(name);
    if (shape === 'same' && before?.model === condition && work.since !== null && followsInput(model, table)) {
      const written = await publishInputKeys(connection, table, { input: model.silverInputs[0]?.table ?? '', since: work.since });
      if (written !== null) {
        rows += written;
        digests.set(name, { digest: BY_KEY, model: condition });
        continue;
      }
    }
    const digest = await digestOf(connection, table);
    digests.set(name, { digest: digest.text, model: condition });
    if (shape !== 'same') rows += await replaceAll(connection, table, shape);
    else if (before?.digest !== digest.text) rows += await publishChanges(connection, table, digest);
  }
  await dropOthers(connection, 'gold', work.shapes, new Set(digests.keys()));
  return { rows, digests };
}

function followsInput(model: PublishedModel | undefined, table: SyncedTable): model is PublishedModel {
  const [input, second] = model?.silverInputs ?? [];
  if (model?.refresh !== 'rows' || input === undefined || second !== undefined || table.keys.length === 0) return false;
  return input.key.length === table.keys.length && input.key.every((key) => table.keys.includes(key));
}

/** @returns rows written; null when the row counts do not agree afterwards, so that the table must be compared */
async function publishInputKeys(
  connection: DuckDBConnection,
  table: SyncedTable,
  from: { input: string; since: number },
): Promise<number | null> {
  const changed = await collectChanged(connection, changedKeysSql(from.input, table.keys, from.since));
  const rows = Number((await firstRow(connection, `SELECT count(*) FROM ${table.source}`))?.[0] ?? 0);
  if (changed * 2 >= rows) return null;
  const written = changed === 0 ? 0 : await replaceChanged(connection, table);
  return (await lakeRowCount(connection, table)) === rows ? written : null;
}

/** Text that changes when gold rebuilt a model, held it, or took another input shape (lake/gold/state.ts). */
async function modelConditions(connection: DuckDBConnection): Promise<Map<string, string>> {
  const exists = await firstRow(
    connection,
    "FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'ops' AND table_name = 'gold_models'",
  );
  if (exists === undefined) return new Map();
  return new Map(
    (await rowsOf(connection, 'SELECT model, to_json(m)::VARCHAR FROM ops.gold_models m')).map(([model, text]) => [
      model as string,
      text as string,
    ]),
  );
}

async function publishChanges(connection: DuckDBConnection, table: SyncedTable, digest: Digest): Promise<number> {
  if (digest.rows <= REPLACE_ROWS_MAX || digest.nullKeys || table.keys.length === 0) {
    const same = (await lakeDigest(connection, table)) === digest.text;
    return same ? 0 : replaceAll(connection, table, 'same');
  }
  const changed = await collectChanged(connection, differingKeysSql(table));
  if (changed === 0) return 0;
  return changed * 2 >= digest.rows ? replaceAll(connection, table, 'same') : replaceChanged(connection, table);
}

function differingKeysSql(table: SyncedTable): string {
  const keys = identList(table.keys);
  const either = table.keys.map((key) => `coalesce(s.${ident(key)}, l.${ident(key)}) AS ${ident(key)}`).join(', ');
  const columns = identList(table.columns.map((column) => column.name));
  return `SELECT ${either} FROM (SELECT ${identList(table.keys, 's.')}, hash(${lakeValues(table.columns, 's')}) AS h FROM ${table.source} s) s
    FULL JOIN (SELECT ${keys}, hash(${columns}) AS h FROM ${lakeTable('gold', table.table)}) l ON ${sameKeys(table.keys, 's', 'l')}
    WHERE s.h IS DISTINCT FROM l.h`;
}

async function digestOf(connection: DuckDBConnection, table: SyncedTable): Promise<Digest> {
  const nulls = table.keys.length === 0 ? 'false' : table.keys.map((key) => `s.${ident(key)} IS NULL`).join(' OR ');
  const sql = `SELECT count(*), coalesce(sum(hash(${lakeValues(table.columns, 's')})::HUGEINT), 0), count(*) FILTER (${nulls}) FROM ${table.source} s`;
  const [rows, sum, nullKeys] = (await firstRow(connection, sql)) ?? [];
  return { text: `${String(rows)}:${String(sum)}`, rows: Number(rows), nullKeys: Number(nullKeys) > 0 };
}

async function lakeDigest(connection: DuckDBConnection, table: SyncedTable): Promise<string> {
  const columns = identList(table.columns.map((column) => column.name));
  const sql = `SELECT count(*), coalesce(sum(hash(${columns})::HUGEINT), 0) FROM ${lakeTable('gold', table.table)}`;
  const [rows, sum] = (await firstRow(connection, sql)) ?? [];
  return `${String(rows)}:${String(sum)}`;
}

async function goldTables(connection: DuckDBConnection): Promise<string[]> {
  const where = "database_name = current_database() AND schema_name = 'gold'";
  const sql = `SELECT table_name FROM duckdb_tables() WHERE ${where} UNION ALL SELECT view_name FROM duckdb_views() WHERE ${where} ORDER BY 1`;
  return (await rowsOf(connection, sql)).map((row) => row[0] as string);
}
