// SQL of the `sums` models: the whole from nothing, what pending changes add, the view that shows both, and the settling
// of what is pending. Pure.

import { ident } from '../../infra/runtime/sql-text.ts';
import { historySelect } from './history.ts';
import type { Model, Running } from './model.ts';
import { changesTable, columnList, pendingView, readerRelation, settledTable } from './physical.ts';

const list = (columns: readonly string[], prefix = ''): string => columns.map((column) => `${prefix}${ident(column)}`).join(', ');
const same = (columns: readonly string[], a: string, b: string): string =>
  columns.map((column) => `${a}.${ident(column)} IS NOT DISTINCT FROM ${b}.${ident(column)}`).join(' AND ');
const countOf = (model: Model): string => ident(model.sums[0] ?? '');
const added = (columns: readonly string[]): string => columns.map((column) => `sum(${ident(column)}) AS ${ident(column)}`).join(', ');

/** The model's SELECT with the columns its header adds: what the table holds when it is built anew. */
export function fullSelect(model: Model): string {
  const { running } = model;
  if (model.refresh === 'history') return historySelect(model, { upTo: 'ops.state' });
  if (running === null) return model.sql;
  const total = `sum(${ident(running.of)}) OVER (PARTITION BY ${list(running.over)} ORDER BY ${ident(running.by)})`;
  return `SELECT *, ${total} - ${ident(running.of)} AS ${ident(running.opening)}, ${total} AS ${ident(running.closing)} FROM (${model.sql})`;
}

/** Sums of the changes not settled yet: the model's own SELECT over what came, minus the same over what went. */
export function pendingViewSql(model: Model): string {
  const { key, sums } = model;
  const over = (sign: number): string =>
    model.sql.replaceAll(/\bgold\.(\w+)/g, (_, fact: string) => `(SELECT * FROM ${changesTable(fact)} WHERE _sign = ${sign})`);
  const signed = (sign: string): string => [list(key), ...sums.map((sum) => `${sign}${ident(sum)} AS ${ident(sum)}`)].join(', ');
  return `CREATE OR REPLACE VIEW ${pendingView(model.name)} AS
SELECT ${list(key)}, ${added(sums)} FROM (SELECT ${signed('')} FROM (${over(1)}) UNION ALL SELECT ${signed('-')} FROM (${over(-1)})) GROUP BY ${list(key)}`;
}

/** What readers see: settled rows that nothing pending touches, and the others as they are with it. */
export function readerViewSql(model: Model): string {
  const settled = settledTable(model.name);
  const untouched =
    model.running === null
      ? `SELECT ${columnList(model)} FROM ${settled} AS b ANTI JOIN ${pendingView(model.name)} AS p ON ${same(model.key, 'b', 'p')}`
      : `SELECT ${columnList(model)} FROM ${settled} AS b ANTI JOIN ${touchedSelect(model, model.running)} AS t ON ${same(model.running.over, 'b', 't')} AND b.${ident(model.running.by)} >= t._first`;
  return `CREATE OR REPLACE VIEW ${readerRelation(model.name)} AS
${untouched} UNION ALL SELECT ${typed(model)} FROM (${movedSelect(model)}) WHERE ${countOf(model)} <> 0`;
}

/** The settled rows alone: the last good state of a model that cannot be kept up to date. */
export function frozenViewSql(model: Model): string {
  return `CREATE OR REPLACE VIEW ${readerRelation(model.name)} AS SELECT ${columnList(model)} FROM ${settledTable(model.name)}`;
}

const typed = (model: Model): string =>
  model.columns.map((column) => `CAST(${ident(column.name)} AS ${column.type}) AS ${ident(column.name)}`).join(', ');

/** Rows that pending changes touch, as they are with them; a row count of zero means that the row is gone. */
export function movedSelect(model: Model): string {
  const { key, sums, running } = model;
  if (running === null) {
    const totals = sums.map((sum) => `coalesce(b.${ident(sum)}, 0) + p.${ident(sum)} AS ${ident(sum)}`).join(', ');
    return `SELECT ${list(key, 'p.')}, ${totals} FROM ${pendingView(model.name)} AS p LEFT JOIN ${settledTable(model.name)} AS b ON ${same(key, 'b', 'p')}`;
  }
  return runningSelect(model, running);
}

/** First day, say, of every account that pending changes touch: from there on its running totals move. */
function touchedSelect(model: Model, { over, by }: Running): string {
  return `(SELECT ${list(over)}, min(${ident(by)}) AS _first FROM ${pendingView(model.name)} GROUP BY ${list(over)})`;
}

function runningSelect(model: Model, running: Running): string {
  const { key, sums } = model;
  const { opening, closing, of, over, by } = running;
  const settled = settledTable(model.name);
  const touched = touchedSelect(model, running);
  const rows = `SELECT ${list([...key, ...sums], 'b.')} FROM ${settled} AS b JOIN ${touched} AS t ON ${same(over, 'b', 't')} AND b.${ident(by)} >= t._first
UNION ALL SELECT ${list([...key, ...sums])} FROM ${pendingView(model.name)}`;
  const starts = `SELECT ${list(over, 'b.')}, arg_max(b.${ident(closing)}, b.${ident(by)}) AS _start FROM ${settled} AS b JOIN ${touched} AS t ON ${same(over, 'b', 't')} AND b.${ident(by)} < t._first GROUP BY ${list(over, 'b.')}`;
  const total = `coalesce(s._start, 0) + sum(n.${ident(of)}) OVER (PARTITION BY ${list(over, 'n.')} ORDER BY n.${ident(by)})`;
  return `SELECT ${list([...key, ...sums], 'n.')}, ${total} - n.${ident(of)} AS ${ident(opening)}, ${total} AS ${ident(closing)}
FROM (SELECT ${list(key)}, ${added(sums)} FROM (${rows}) GROUP BY ${list(key)}) AS n LEFT JOIN (${starts}) AS s ON ${same(over, 's', 'n')}`;
}

/** Moves what is pending into the settled table. */
export function settleSql(model: Model): string {
  const moved = model.columns.map(({ name }) => name).filter((name) => !model.key.includes(name));
  const names = model.columns.map(({ name }) => name);
  return `MERGE INTO ${settledTable(model.name)} AS t USING (${movedSelect(model)}) AS n ON ${same(model.key, 't', 'n')}
WHEN MATCHED AND n.${countOf(model)} = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET ${moved.map((column) => `${ident(column)} = n.${ident(column)}`).join(', ')}
WHEN NOT MATCHED AND n.${countOf(model)} <> 0 THEN INSERT (${list(names)}) VALUES (${list(names, 'n.')})`;
}
