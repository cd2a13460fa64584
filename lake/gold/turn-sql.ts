// SQL of the turns: what a turn model is to contain now, the difference to its table, and the note of its cut. Pure.

import { ident, literal } from '../../infra/runtime/sql-text.ts';
import { historyKeys, historySelect, movedKeysSql } from './history.ts';
import type { Model } from './model.ts';
import { changesTable, columnList, readerRelation } from './physical.ts';

/** Temporary table with what a model, or the touched part of it, is to contain. */
const WANTED = 'temp._turn_wanted';
const TOUCHED = 'temp._turn_touched';

/** Fills the temporary table of touched groups; null: the model is always computed whole. */
export function touchedSql(model: Model, cut: number): string | null {
  if (model.refresh === 'history')
    return `CREATE OR REPLACE TEMP TABLE _turn_touched AS SELECT DISTINCT * FROM (${movedKeysSql(model, cut)})`;
  if (model.groups === null) return null;
  const { column, facts } = model.groups;
  const kept = `SELECT key AS ${ident(column)} FROM _gold.touched WHERE fact IN (${facts.map(literal).join(', ')}) AND name = ${literal(column)}`;
  const pending = facts.map((fact) => `SELECT ${ident(column)} FROM ${changesTable(fact)}`);
  return `CREATE OR REPLACE TEMP TABLE _turn_touched AS SELECT DISTINCT * FROM (${[kept, ...pending].join(' UNION ALL ')})`;
}

/** The model's SELECT, over touched groups alone where it has groups. */
export function wantedSql(model: Model): string {
  const columns = model.columns.map(({ name, type }) => `CAST(${ident(name)} AS ${type}) AS ${ident(name)}`).join(', ');
  return `CREATE OR REPLACE TEMP TABLE _turn_wanted AS SELECT ${columns} FROM (${restricted(model)})`;
}

function restricted(model: Model): string {
  if (model.refresh === 'history') return historySelect(model, { upTo: 'ops.gold_state', keys: TOUCHED });
  if (model.groups === null) return model.sql;
  const { column, inputs } = model.groups;
  return model.sql.replaceAll(/\bgold\.(\w+)/g, (whole, input: string) =>
    inputs.includes(input) ? `(SELECT * FROM ${whole} WHERE ${ident(column)} IN (SELECT ${ident(column)} FROM ${TOUCHED}))` : whole,
  );
}

/** Only rows that differ are written: what did not change costs no disk and no publication. */
export function differenceSql(model: Model): readonly [remove: string, add: string] {
  const table = readerRelation(model.name);
  const same = model.columns.map(({ name }) => `m.${ident(name)} IS NOT DISTINCT FROM n.${ident(name)}`).join(' AND ');
  const keys = touchedKeys(model);
  const touched = keys === null ? '' : ` WHERE (${keys}) IN (SELECT ${keys} FROM ${TOUCHED})`;
  const columns = columnList(model);
  return [
    `DELETE FROM ${table} WHERE rowid IN (SELECT m.rowid FROM (SELECT rowid, * FROM ${table}${touched}) AS m ANTI JOIN ${WANTED} AS n ON ${same})`,
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${WANTED} AS n ANTI JOIN (SELECT * FROM ${table}${touched}) AS m ON ${same}`,
  ];
}

function touchedKeys(model: Model): string | null {
  if (model.refresh === 'history') return historyKeys(model).map(ident).join(', ');
  return model.groups === null ? null : ident(model.groups.column);
}

/** Notes that the model's table contains everything up to the position of `at`. */
export function turnedSql(model: Model, at: 'ops.state' | 'ops.gold_state', started: number): string {
  const ms = Math.round(performance.now() - started);
  return `DELETE FROM ops.gold_turns WHERE model = ${literal(model.name)};
INSERT INTO ops.gold_turns SELECT ${literal(model.name)}, commit_id, gtid, now(), ${ms} FROM ${at}`;
}
