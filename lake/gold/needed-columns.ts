// Which captured columns gold computes with, and which it only shows: DuckDB's own parser reads every model. By name, so rather too much
// than too little: a name that a model computes with counts for all of its inputs.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Model } from './model.ts';

/**
 * read: looked into (compared with a constant, part of an expression or a sum). matched: only joined, grouped or told apart by, where any
 * value that stays equal to itself does as well.
 */
export type Need = 'read' | 'matched';

interface Json {
  readonly [key: string]: unknown;
}

interface Uses {
  readonly needs: Map<string, Need>;
  /** Column → names under which the model passes it on as it is. */
  readonly shown: Map<string, Set<string>>;
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Answers for a column of a captured table; null when gold only shows it, or does not know it. @throws LedgerflowError LF_GOLD_MODEL */
export async function neededColumns(
  connection: DuckDBConnection,
  models: readonly Model[],
): Promise<(table: string, column: string) => Need | null> {
  const uses = new Map<string, Uses>();
  for (const model of models) uses.set(model.name, await usesOf(connection, model));
  return (table, column) => {
    const first = models.filter(({ silverInputs }) => silverInputs.some((input) => input.table === table));
    return worst(first.map((model) => follow(model, column, { models, uses, seen: new Set() })));
  };
}

interface Walk {
  readonly models: readonly Model[];
  readonly uses: ReadonlyMap<string, Uses>;
  readonly seen: Set<string>;
}

function follow(model: Model, column: string, walk: Walk): Need | null {
  const place = `${model.name}.${column}`;
  if (walk.seen.has(place)) return null;
  walk.seen.add(place);
  const { needs, shown } = walk.uses.get(model.name)!;
  const names = new Set([column]);
  for (const name of names) for (const alias of shown.get(name) ?? []) names.add(alias); // a Set visits what is added meanwhile
  const here = [...names].map((name) => needs.get(name) ?? null);
  const passedOn = model.columns.filter(({ name }) => names.has(name));
  const readers = walk.models.filter(({ goldInputs }) => goldInputs.includes(model.name));
  const there = readers.flatMap((reader) => passedOn.map(({ name }) => follow(reader, name, walk)));
  return worst([...here, ...there]);
}

function worst(needs: readonly (Need | null)[]): Need | null {
  if (needs.includes('read')) return 'read';
  return needs.includes('matched') ? 'matched' : null;
}

async function usesOf(connection: DuckDBConnection, model: Model): Promise<Uses> {
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR, skip_empty := true, skip_null := true)::VARCHAR', [
    model.sql,
  ]);
  const parsed = JSON.parse(String(reader.getRows()[0]?.[0])) as Json;
  if (!Array.isArray(parsed['statements']))
    throw new LedgerflowError('LF_GOLD_MODEL', `its SELECT cannot be read: ${text(parsed['error_message'])}`, {
      where: `lake/gold/models/${model.name}.sql`,
    });
  const uses: Uses = { needs: new Map(), shown: new Map() };
  visit(parsed['statements'], null, uses);
  for (const name of [...model.key, ...model.silverInputs.flatMap(({ key }) => key)]) note(uses, name, 'matched');
  for (const name of model.sums) note(uses, name, 'read');
  return uses;
}

const READING = new Set(['FUNCTION', 'CAST', 'CASE', 'BETWEEN', 'WINDOW', 'OPERATOR']);

/** @param need what a column is needed for at this place; null in a list of results, where it is only shown */
function visit(value: unknown, need: Need | null, uses: Uses): void {
  if (Array.isArray(value)) for (const each of value) visit(each, need, uses);
  if (!isJson(value)) return;
  const kind = text(value['class']);
  if (kind === 'COLUMN_REF') {
    if (need !== null) note(uses, nameOf(value), need);
    return;
  }
  const compared = kind === 'COMPARISON' && [value['left'], value['right']].some((side) => isJson(side) && side['class'] === 'CONSTANT');
  const inside: Need | null = READING.has(kind) || compared ? 'read' : need;
  for (const [field, part] of Object.entries(value)) {
    if (field === 'select_list' && Array.isArray(part)) for (const item of part) result(item, uses);
    else visit(part, inside ?? outside(field), uses);
  }
}

/** One result of a SELECT: columns that it is put together of are shown under its name. */
function result(item: unknown, uses: Uses): void {
  const columns = isJson(item) ? shownBy(item) : null;
  if (columns === null) return visit(item, null, uses);
  for (const name of columns) uses.shown.set(name, (uses.shown.get(name) ?? new Set()).add(text((item as Json)['alias']) || name));
}

const JOINING = new Set(['||', 'concat', 'concat_ws', 'trim']);

/** Columns of an expression that shows them: a column, or text put together of some; null for any other. */
function shownBy(expression: Json): string[] | null {
  if (expression['class'] === 'COLUMN_REF') return [nameOf(expression)];
  if (expression['class'] === 'CONSTANT') return [];
  if (expression['class'] !== 'FUNCTION' || !JOINING.has(text(expression['function_name']))) return null;
  const parts = (Array.isArray(expression['children']) ? expression['children'] : []).filter(isJson).map(shownBy);
  return parts.some((part) => part === null) ? null : parts.flatMap((part) => part ?? []);
}

/** Parts of a query besides its results: conditions, groups, order. */
function outside(field: string): Need | null {
  return ['condition', 'where_clause', 'group_expressions', 'having', 'qualify', 'modifiers', 'using_columns'].includes(field)
    ? 'matched'
    : null;
}

function nameOf({ column_names: names }: Json): string {
  return Array.isArray(names) ? text(names.at(-1)) : '';
}

function note({ needs }: Uses, name: string, need: Need): void {
  if (needs.get(name) !== 'read') needs.set(name, need);
}
