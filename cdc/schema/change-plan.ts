// From a statement and the shapes before and after it to what silver must do: the renames and values it can apply itself, and the
// doubts that must be looked up in its rows before it may. Pure.

import { judgeColumn, type Doubt } from './column-change.ts';
import { unsupportedColumns, unsupportedTable, type OtherTables } from './column-type.ts';
import { SHAPE_FORMS } from './ddl-forms.ts';
import type { AlterClause, ColumnClause, DdlStatement } from './ddl-statement.ts';
import { addedValue, isGenerated } from './default-value.ts';
import type { ColumnSchema, TableSchema } from './table-schema.ts';

/** How to bring silver from one shape to the next. */
export interface Reshape {
  /** New name → name before, for renamed columns. */
  readonly renamed: ReadonlyMap<string, string>;
  /** SQL of the value that old rows get, for added columns that do not start as NULL. */
  readonly values: ReadonlyMap<string, string>;
  /** Rows are identified by other columns from now on. */
  readonly rekey: boolean;
}

export interface ChangePlan {
  readonly reshape: Reshape;
  /** Each must find no live row, or the table is held. */
  readonly doubts: readonly Doubt[];
  /** The table is held whatever its rows are. */
  readonly refused: { readonly form: string; readonly reason: string } | null;
  /** Lines of SHAPE_FORMS and CLAUSE_FORMS that apply, for the log and for ops. */
  readonly forms: readonly string[];
}

const NOTHING_RENAMED: Reshape = { renamed: new Map(), values: new Map(), rekey: false };

/** Plan for a table seen for the first time, or made anew. */
export function planNewTable(after: TableSchema, others?: OtherTables): ChangePlan {
  return { reshape: NOTHING_RENAMED, doubts: [], refused: refusalOf(null, after, others), forms: [] };
}

/** Plan for a table that is known. Table names are not compared. */
export function planChange(before: TableSchema, after: TableSchema, statement: DdlStatement): ChangePlan {
  const clauses = statement.kind === 'alter' ? statement.clauses : [];
  const refused = refusalOf(before, after) ?? unsureWhenEmpty(clauses);
  if (refused !== null) return { reshape: NOTHING_RENAMED, doubts: [], refused, forms: [refused.form] };
  const renamed = renamedColumns(before, after, clauses);
  const definitions = new Map(clauses.flatMap(({ columns }) => columns.map((column) => [column.name.toLowerCase(), column] as const)));
  const found: Found = { forms: [], doubts: [], values: new Map() };
  for (const clause of clauses.filter(({ form }) => form.effect === 'silent')) silent(found, clause);
  const old = new Map(before.columns.map((column) => [column.name, column]));
  for (const column of after.columns) {
    const previous = old.get(sourceColumn(column.name, renamed) ?? '');
    const definition = definitions.get(column.name.toLowerCase());
    if (previous === undefined) added(found, column, definition);
    else changed(found, { previous, column, definition });
  }
  const sources = after.columns.map(({ name }) => sourceColumn(name, renamed));
  if (before.columns.some(({ name }) => !sources.includes(name))) found.forms.push('drop');
  if (renamed.size > 0) found.forms.push('rename-column');
  const rekey = before.keyColumns.join('\0') !== after.keyColumns.map((name) => renamed.get(name) ?? name).join('\0');
  if (rekey) found.forms.push(before.keyColumns.length === 0 ? 'key-made' : 'rekey');
  if (rekey && before.keyColumns.length === 0) found.doubts.push({ form: 'key-made', what: 'PRIMARY KEY', rows: 'true' });
  return { reshape: { renamed, values: found.values, rekey }, doubts: found.doubts, refused: null, forms: found.forms };
}

interface Found {
  readonly forms: string[];
  readonly doubts: Doubt[];
  readonly values: Map<string, string>;
}

function refusalOf(before: TableSchema | null, after: TableSchema, others?: OtherTables): ChangePlan['refused'] {
  const reason = unsupportedTable(after, others) ?? unsupportedColumns(after)[0]?.message;
  if (reason !== undefined) return { form: 'unsupported', reason };
  if (before !== null && before.keyColumns.length > 0 && after.keyColumns.length === 0)
    return { form: 'key-lost', reason: SHAPE_FORMS['key-lost'].note };
  return null;
}

/** These bring rows in: an empty table is not sure either. */
const BRINGS_ROWS = new Set(['exchange-partition', 'tablespace']);

function unsureWhenEmpty(clauses: readonly AlterClause[]): ChangePlan['refused'] {
  const form = clauses.find((clause) => BRINGS_ROWS.has(clause.form.id))?.form;
  return form === undefined ? null : { form: form.id, reason: `${form.form}: ${form.note}` };
}

/** Renames of the clauses, one after the other (`CHANGE a b, CHANGE b a` swaps), as far as both shapes agree with them. */
function renamedColumns(before: TableSchema, after: TableSchema, clauses: readonly AlterClause[]): Map<string, string> {
  const find = (schema: TableSchema, name: string): string | undefined =>
    schema.columns.find((column) => column.name.toLowerCase() === name.toLowerCase())?.name;
  const renamed = new Map<string, string>();
  for (const { renames } of clauses) {
    if (renames === null) continue;
    const [from, to] = [find(before, renames[0]), find(after, renames[1])];
    if (from !== undefined && to !== undefined && from !== to) renamed.set(to, from);
  }
  return renamed;
}

/**
 * Name that a column had before; undefined for one that took the name of a renamed column and is new.
 * @param renamed new name → name before
 */
export function sourceColumn(name: string, renamed: ReadonlyMap<string, string>): string | undefined {
  const source = renamed.get(name);
  if (source !== undefined) return source;
  return [...renamed.values()].includes(name) ? undefined : name;
}

function silent(found: Found, { form }: AlterClause): void {
  found.forms.push(form.id);
  found.doubts.push({ form: form.id, what: form.form, rows: 'true' });
}

function added(found: Found, column: ColumnSchema, definition: ColumnClause | undefined): void {
  const value = definition === undefined ? undefined : addedValue(column, definition.definition);
  if (value === undefined) {
    found.forms.push('add-computed');
    found.doubts.push({ form: 'add-computed', what: column.name, rows: 'true' });
  } else if (value === null) found.forms.push('add-null');
  else {
    found.forms.push('add-constant');
    found.values.set(column.name, value);
  }
}

interface ChangedColumn {
  readonly previous: ColumnSchema;
  readonly column: ColumnSchema;
  readonly definition: ColumnClause | undefined;
}

function changed(found: Found, { previous, column, definition }: ChangedColumn): void {
  if (definition !== undefined && isGenerated(definition.definition)) {
    found.forms.push('generated');
    found.doubts.push({ form: 'generated', what: column.name, rows: 'true' });
    return;
  }
  const verdict = judgeColumn(previous, column);
  found.forms.push(...verdict.forms.filter((form) => form !== 'same'));
  found.doubts.push(...verdict.doubts);
}
