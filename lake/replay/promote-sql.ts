// SQL by which rows of a replay take the place of the live ones, and by which that is undone. Pure. All of one promotion is one
// transaction. Rows that have changed in the live table since the replay's last commit are left: what came later is right.

import type { TableSchema } from '../../cdc/schema/table-schema.ts';
import { ident } from '../../infra/runtime/sql-text.ts';
import { VERSION_COLUMNS } from '../store/layout.ts';
import { columnNames, goneTable, pastTable, rowsTable } from '../store/tables.ts';

/** The replay's store, attached under this name. */
export const REPLAYED = 'replayed';

export interface Take {
  readonly id: string;
  readonly schema: TableSchema;
  /** Last commit that the replay contains. */
  readonly toCommit: number;
}

/** What was live before, with `_was` rows or past. */
export function keptTable(id: string, table: string): string {
  return `_replaced.${ident(`${id}:${table}`)}`;
}

interface Names {
  readonly rows: string;
  readonly past: string;
  readonly gone: string;
  readonly kept: string;
  readonly keys: string;
  readonly all: string;
  /** Keys in hand, a temporary table. */
  readonly hand: string;
}

function namesOf(id: string, schema: TableSchema): Names {
  const { table } = schema;
  return {
    ...{ rows: rowsTable(table), past: pastTable(table), gone: goneTable(table), kept: keptTable(id, table) },
    keys: schema.keyColumns.map(ident).join(', '),
    all: [...columnNames(schema), ...VERSION_COLUMNS.map(({ name }) => name)].join(', '),
    hand: ident(`replay:${table}`),
  };
}

/** Rows of one table that differ take the replay's contents. */
export function takeSql({ id, schema, toCommit }: Take, commitId: number): string[] {
  const { rows, past, gone, kept, keys, all, hand } = namesOf(id, schema);
  const of = (relation: string): string => `${REPLAYED}.${relation}`;
  const replaced = `SELECT ${all}, 'rows' AS _was, NULL::BIGINT AS _gone_commit FROM ${rows} SEMI JOIN ${hand} USING (${keys})`;
  const newest = `SELECT ${all} FROM (SELECT ${all} FROM ${of(rows)} UNION ALL SELECT ${all} FROM ${of(past)}) SEMI JOIN ${hand} USING (${keys})
    QUALIFY row_number() OVER (PARTITION BY ${keys} ORDER BY _pos DESC) = 1`;
  const same = `${keys}, _pos`;
  return [
    'CREATE SCHEMA IF NOT EXISTS _replaced',
    `CREATE OR REPLACE TEMP TABLE ${hand} AS SELECT ${keys} FROM ${REPLAYED}._replay.${ident(`silver:${schema.table}`)}
      ANTI JOIN (SELECT ${keys} FROM ${rows} WHERE _commit > ${toCommit} UNION SELECT ${keys} FROM ${past} WHERE _commit > ${toCommit}) USING (${keys})`,
    `CREATE TABLE ${kept} AS ${replaced} UNION ALL SELECT ${all}, 'past', _gone_commit FROM ${past} SEMI JOIN (${newest}) USING (${same})`,
    `DELETE FROM ${past} WHERE (${same}) IN (SELECT (${same}) FROM ${kept} WHERE _was = 'past')`,
    `DELETE FROM ${rows} WHERE (${keys}) IN (SELECT (${keys}) FROM ${hand})`,
    `DELETE FROM ${gone} WHERE (${keys}) IN (SELECT (${keys}) FROM ${hand})`,
    `INSERT INTO ${rows} (${all}) SELECT * REPLACE (${commitId} AS _commit) FROM (${newest})`,
    // A mark for every key, also for rows that are gone: publications find by them what has changed.
    `INSERT INTO ${gone} (${keys}, _pos, _commit) SELECT ${keys}, max(_pos), ${commitId} FROM
      (SELECT ${same} FROM ${rows} WHERE _commit = ${commitId} UNION ALL SELECT ${same} FROM ${kept}) SEMI JOIN ${hand} USING (${keys}) GROUP BY ${keys}`,
    // A version that is not in the replay may be newer than the one that is: its mark must not make that one dead.
    `UPDATE ${gone} g SET _pos = r._pos FROM (SELECT ${same} FROM ${rows} WHERE _commit = ${commitId}) r WHERE g._commit = ${commitId} AND ${schema.keyColumns.map((key) => `g.${ident(key)} = r.${ident(key)}`).join(' AND ')}`,
    `DROP TABLE ${hand}`,
  ];
}

/** The rows that a promotion replaced come back, where nothing has changed since. @param promotedCommit its commit */
export function giveBackSql({ id, schema }: Take, promotedCommit: number, commitId: number): string[] {
  const { rows, past, gone, kept, keys, all, hand } = namesOf(id, schema);
  const later = `SELECT ${keys} FROM ${rows} WHERE _commit > ${promotedCommit} UNION SELECT ${keys} FROM ${past} WHERE _commit > ${promotedCommit}`;
  const taken = `SELECT ${keys} FROM ${rows} WHERE _commit = ${promotedCommit} UNION SELECT ${keys} FROM ${kept}`;
  return [
    `CREATE OR REPLACE TEMP TABLE ${hand} AS SELECT ${keys} FROM (${taken}) ANTI JOIN (${later}) USING (${keys})`,
    `DELETE FROM ${rows} WHERE (${keys}) IN (SELECT (${keys}) FROM ${hand})`,
    `DELETE FROM ${gone} WHERE (${keys}) IN (SELECT (${keys}) FROM ${hand})`,
    `INSERT INTO ${rows} (${all}) SELECT ${all} FROM (SELECT * REPLACE (${commitId} AS _commit) FROM ${kept} WHERE _was = 'rows') SEMI JOIN ${hand} USING (${keys})
      QUALIFY row_number() OVER (PARTITION BY ${keys} ORDER BY _pos DESC) = 1`,
    `INSERT INTO ${past} (${all}, _gone_commit) SELECT ${all}, _gone_commit FROM ${kept} SEMI JOIN ${hand} USING (${keys}) WHERE _was = 'past'`,
    `INSERT INTO ${gone} (${keys}, _pos, _commit) SELECT ${keys}, coalesce(r._pos, ${-(2n ** 62n)}), ${commitId} FROM ${hand} LEFT JOIN (SELECT ${keys}, max(_pos) AS _pos FROM ${rows} WHERE _commit = ${commitId} GROUP BY ${keys}) r USING (${keys})`,
    `DROP TABLE ${kept}`,
    `DROP TABLE ${hand}`,
  ];
}
