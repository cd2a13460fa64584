// SQL of what happens to whole tables in a commit: new shapes, TRUNCATE, DROP, holds and re-snapshots. Pure.

import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { positionOf, type ControlAction } from './batch.ts';
import { literal } from '../../infra/runtime/sql-text.ts';
import { bulkPosition, handOverSql } from './bulk-rows.ts';
import { alterTableSql, dropNextSql, nextName, replaceTableSql } from './reshape.ts';
import { clearTableSql, createPhysicalSql, createTableSql, dropTableSql, renameTableSql } from './tables.ts';

/** Statements of the controls and the schemas as they are after them. */
export function controlSql(
  controls: readonly ControlAction[],
  current: ReadonlyMap<string, TableSchema>,
  commitId: number,
): { sql: string; schemas: ReadonlyMap<string, TableSchema> } {
  if (controls.length === 0) return { sql: '', schemas: current };
  const schemas = new Map(current);
  const sql = controls.map((control) => oneControl(control, schemas, commitId));
  return { sql: sql.filter((part) => part !== '').join('\n'), schemas };
}

function oneControl(control: ControlAction, schemas: Map<string, TableSchema>, commitId: number): string {
  const before = schemas.get(control.table);
  switch (control.kind) {
    case 'clear':
      return before === undefined ? '' : clearTableSql(before, control.beforePos, commitId);
    case 'snapshot': {
      const record = `INSERT INTO ops.snapshots VALUES (${literal(control.table)}, ${literal(control.generation)}, ${commitId});`;
      return before === undefined ? record : `${clearTableSql(before, control.beforePos, commitId)}\n${record}`;
    }
    case 'drop':
      return dropSql(control, schemas, commitId);
    case 'hold':
      return holdSql(control, commitId);
    case 'reread':
      return rereadSql(control, schemas, commitId);
    case 'reread-ended':
      return rereadEndedSql(control, schemas, commitId);
    case 'schema':
      return schemaSql(control, schemas, commitId);
  }
}

type Control<Kind extends ControlAction['kind']> = Extract<ControlAction, { kind: Kind }>;

function dropSql(control: Control<'drop'>, schemas: Map<string, TableSchema>, commitId: number): string {
  const { table } = control;
  const before = schemas.get(table);
  schemas.delete(table);
  schemas.delete(nextName(table));
  const dropped = before === undefined ? '' : dropTableSql(before, commitId);
  return `${dropped}\n${dropNextSql(table)}\n${releaseSql(table, commitId)}\n${schemaRow(control, null, commitId)}`;
}

/** The newest statement's shape; a table that is held already stays held since it was. */
function holdSql(control: Control<'hold'>, commitId: number): string {
  const { table, code, reason, ddl, seq } = control;
  const json = literal(JSON.stringify(control.schema));
  const facts = `${literal(code)}, ${literal(reason)}, ${literal(ddl)}`;
  const row = schemaRow({ ...control, held: true }, control.schema, commitId);
  return `UPDATE ops.held_tables SET code = ${literal(code)}, reason = ${literal(reason)}, ddl = ${literal(ddl)}, schema_json = ${json} WHERE table_name = ${literal(table)} AND released_commit IS NULL;
INSERT INTO ops.held_tables SELECT ${literal(table)}, ${facts}, ${seq}, ${commitId}, now(), 0, ${json}, NULL, NULL
  WHERE NOT EXISTS (SELECT 1 FROM ops.held_tables WHERE table_name = ${literal(table)} AND released_commit IS NULL);
${row}`;
}

function releaseSql(table: string, commitId: number): string {
  const name = literal(table);
  return `UPDATE ops.held_tables SET released_commit = ${commitId}, released_at = now() WHERE table_name = ${name} AND released_commit IS NULL;
${giveUpSql(table, commitId)}`;
}

function giveUpSql(table: string, commitId: number): string {
  return `UPDATE ops.rereads SET status = 'given up', ended_commit = ${commitId}, ended_at = now() WHERE table_name = ${literal(table)} AND status = 'running';`;
}

function rereadSql(control: Control<'reread'>, schemas: Map<string, TableSchema>, commitId: number): string {
  const { table, schema, signal, seq, keys = null, bulk = false } = control;
  const running = `INSERT INTO ops.rereads VALUES (${literal(signal)}, ${literal(table)}, ${seq}, ${commitId}, now(), ${schema === null}, 'running', NULL, NULL, ${keys === null ? 'NULL' : literal(JSON.stringify(keys))}, ${bulk});`;
  const givenUp = giveUpSql(table, commitId);
  if (schema === null) return `${givenUp}\n${running}`;
  const next = { ...schema, table: nextName(table) };
  schemas.set(next.table, next);
  return `${givenUp}\n${running}\n${dropNextSql(table)}\n${createPhysicalSql(next)}\n${schemaRow({ ...control, table: next.table, ddl: '' }, next, commitId)}`;
}

function rereadEndedSql(control: Control<'reread-ended'>, schemas: Map<string, TableSchema>, commitId: number): string {
  const { table, signal, seq, inPlace, failure, keys = null, snapshot } = control;
  const [before, next] = [schemas.get(table), schemas.get(nextName(table))];
  const status = failure === null ? 'done' : `failed: ${failure}`;
  const ended = `UPDATE ops.rereads SET status = ${literal(status)}, ended_commit = ${commitId}, ended_at = now() WHERE signal_id = ${literal(signal)} AND table_name = ${literal(table)};`;
  if (inPlace) {
    const cleared = failure === null && before !== undefined && keys?.length !== 0;
    return `${cleared ? clearTableSql(before, positionOf(seq, 0, 0n), commitId, keys) : ''}\n${ended}`;
  }
  schemas.delete(nextName(table));
  const gone = schemaRow({ table: nextName(table), seq, ddl: '' }, null, commitId);
  if (failure !== null || next === undefined) return `${dropNextSql(table)}\n${gone}\n${ended}`;
  const after = { ...next, table };
  schemas.set(table, after);
  const rows = before === undefined ? '' : schemaRow({ table, seq, ddl: '' }, null, commitId);
  const handedOver = snapshot === undefined ? '' : handOverSql({ next, live: snapshot.live ? table : null, seq: snapshot.seq, commitId });
  const keptFrom = snapshot?.live === true ? bulkPosition(snapshot.seq) : null;
  return `${ended}\n${handedOver}\n${replaceTableSql(before, after, commitId, keptFrom)}\n${gone}\n${rows}\n${schemaRow({ table, seq, ddl: `read again by ${signal}` }, after, commitId)}\n${releaseSql(table, commitId)}`;
}

/** A new table, a changed one, or one that goes on under another name. */
function schemaSql(control: Control<'schema'>, schemas: Map<string, TableSchema>, commitId: number): string {
  const { table, previousTable, schema, reshape, archive, anew } = control;
  const statements: string[] = [];
  if (previousTable !== undefined) statements.push(renameSql({ ...control, previousTable }, schemas, commitId));
  let before = schemas.get(table);
  if (anew === true) {
    statements.push(dropSql({ ...control, kind: 'drop' }, schemas, commitId));
    before = undefined;
  }
  schemas.set(table, schema);
  const hidden = table.endsWith(nextName(''));
  statements.push(before === undefined ? createTableSql(schema) : alterTableSql(before, schema, { commitId, reshape, archive, hidden }));
  statements.push(schemaRow(control, schema, commitId));
  return statements.join('\n');
}

/** The name goes on with everything that belongs to it; a table that has the new name still is put aside. */
function renameSql(control: Control<'schema'> & { previousTable: string }, schemas: Map<string, TableSchema>, commitId: number): string {
  const { table, previousTable } = control;
  const old = schemas.get(previousTable);
  if (old === undefined) return '';
  const inTheWay = schemas.has(table) ? dropSql({ ...control, kind: 'drop' }, schemas, commitId) : '';
  schemas.delete(previousTable);
  schemas.delete(nextName(previousTable));
  schemas.set(table, { ...old, table });
  return [
    inTheWay,
    `UPDATE ops.held_tables SET table_name = ${literal(table)} WHERE table_name = ${literal(previousTable)} AND released_commit IS NULL;`,
    `${giveUpSql(previousTable, commitId)} ${dropNextSql(previousTable)}`,
    renameTableSql(previousTable, table),
    schemaRow({ ...control, table: previousTable }, null, commitId),
    schemaRow(control, null, commitId), // whoever follows the name by commits must look at the whole table
  ].join('\n');
}

function schemaRow(
  control: { table: string; seq: number; ddl: string; held?: boolean },
  schema: TableSchema | null,
  commitId: number,
): string {
  const name = literal(control.table);
  return `INSERT INTO ops.table_schemas (table_name, version, seq, commit_id, ddl, schema_json, held) SELECT ${name}, coalesce(max(version), 0) + 1, ${control.seq}, ${commitId}, ${literal(control.ddl)}, ${literal(JSON.stringify(schema))}, ${control.held === true} FROM ops.table_schemas WHERE table_name = ${name};`;
}
