// What a DDL does to the lake. safe: no value goes, nothing of gold changes. lossy: values go from silver. breaking: what models of gold
// read goes, or changes its name, its kind or its key. Doubts about rows are none of these: they are looked up (cdc/schema); nor is a shape
// that cannot be carried: its table is held whatever anybody approves. Pure.

import { planChange, sourceColumn } from '../../cdc/schema/change-plan.ts';
import { columnType } from '../../cdc/schema/column-type.ts';
import type { SchemaChange, TableChange } from '../../cdc/schema/schema-change.ts';
import type { ColumnSchema, TableSchema } from '../../cdc/schema/table-schema.ts';

export type DdlClass = 'safe' | 'lossy' | 'breaking';

export interface Classified {
  readonly class: DdlClass;
  /** In words, one each. */
  readonly effects: readonly string[];
  /** Tables with an effect, by the name that silver has them under. */
  readonly tables: readonly string[];
  /** Models of gold that read what goes or changes, and what is made of them. */
  readonly models: readonly string[];
  /** A table goes or changes its name: a re-snapshot could not bring it back under a hold. */
  readonly whole: boolean;
}

/** Models over a table, or over one column of it. */
export type ModelsOver = (table: string, column: string | null) => readonly string[];

/** Ghost tables of gh-ost (_t_gho, _t_ghc, _t_del) and pt-online-schema-change (_t_new, _t_old). */
const GHOST = /^_+(.+)_(?:gho|ghc|del|new|old)$/;

interface Effect {
  readonly table: string;
  readonly what: string;
  readonly models: readonly string[];
  /** Values go. */
  readonly loses: boolean;
  readonly whole?: boolean;
}

/** @param shapes tables of silver before the statement */
export function classifyDdl(change: SchemaChange, shapes: ReadonlyMap<string, TableSchema>, modelsOver: ModelsOver): Classified {
  const effects = change.changes.flatMap((found) => effectsOf(found, { change, shapes, modelsOver }));
  const counted = effects.filter(({ loses, models }) => loses || models.length > 0);
  const models = [...new Set(counted.flatMap((effect) => effect.models))].sort();
  return {
    class: models.length > 0 ? 'breaking' : counted.length > 0 ? 'lossy' : 'safe',
    effects: counted.map(({ what }) => what),
    tables: [...new Set(counted.map(({ table }) => table))],
    models,
    whole: counted.some(({ whole }) => whole === true),
  };
}

interface Around {
  readonly change: SchemaChange;
  readonly shapes: ReadonlyMap<string, TableSchema>;
  readonly modelsOver: ModelsOver;
}

function effectsOf(found: TableChange, around: Around): Effect[] {
  const { table, type, previousTable } = found;
  const { shapes, modelsOver } = around;
  if (previousTable !== undefined) return renameEffects({ ...found, previousTable }, around);
  const before = shapes.get(table);
  if (GHOST.test(table) || before === undefined) return [];
  if (type === 'DROP') return [{ table, what: `drops table ${table}`, models: modelsOver(table, null), loses: true, whole: true }];
  return type === 'ALTER' && found.schema !== null ? columnEffects(before, found.schema, around) : [];
}

/** A ghost table that takes a name is an ALTER of the table of that name. */
function renameEffects(found: TableChange & { previousTable: string }, around: Around): Effect[] {
  const { table, previousTable } = found;
  const { shapes, modelsOver } = around;
  const named = shapes.get(table);
  const after = found.schema ?? shapes.get(previousTable);
  if (GHOST.exec(previousTable)?.[1] === table && named !== undefined && after !== undefined)
    return columnEffects(named, { ...after, table }, around);
  if (GHOST.exec(table)?.[1] === previousTable) return [];
  const models = [...new Set([...modelsOver(previousTable, null), ...modelsOver(table, null)])];
  return [{ table: previousTable, what: `renames table ${previousTable} to ${table}`, models, loses: false, whole: true }];
}

function columnEffects(before: TableSchema, after: TableSchema, { change, modelsOver }: Around): Effect[] {
  const { table } = after;
  const { reshape, forms, refused } = planChange(before, after, change.statement);
  if (refused !== null) return []; // the planner holds the table as it is: nothing goes
  const effect = (what: string, column: string | null, loses: boolean): Effect => ({
    table,
    what: `${what} of ${table}`,
    models: modelsOver(table, column),
    loses,
  });
  const sources = new Map(after.columns.map((column) => [sourceColumn(column.name, reshape.renamed) ?? '', column]));
  const effects = before.columns.flatMap((column): Effect[] => {
    const now = sources.get(column.name);
    if (now === undefined) return [effect(`drops column ${column.name}`, column.name, true)];
    if (now.name !== column.name) return [effect(`renames column ${column.name} to ${now.name}`, column.name, false)];
    return family(column) === family(now)
      ? []
      : [effect(`makes ${now.typeName} of ${column.typeName} in ${column.name}`, column.name, false)];
  });
  return forms.includes('rekey') ? [...effects, effect('changes the key', null, false)] : effects;
}

/** Kind of a column's values in DuckDB: what a model computes with stays right within one. */
function family(column: ColumnSchema): string {
  const { duckdbType } = columnType(column);
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL|DOUBLE|FLOAT)/.test(duckdbType)) return 'number';
  return duckdbType.replace(/\(.*/, '');
}
