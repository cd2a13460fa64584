// Where each column of gold comes from: DuckDB's own parser reads a model's SELECT, and every output column is followed through joins,
// subqueries, CTEs and unions to columns of the models and captured tables it reads. Values only: what a WHERE or a join merely
// filters by is not an origin; what a count counts is the rows of a relation, written `relation.*`.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Model } from './model.ts';
import { fullSelect } from './sums.ts';

/** `silver.transactions.amount`, `gold.fct_transactions.*`. */
export type Origin = string;
/** Column → where its values come from. */
export type ColumnOrigins = ReadonlyMap<string, ReadonlySet<Origin>>;

interface Json {
  readonly [key: string]: unknown;
}

/** A relation in a FROM: its columns, and what its rows are. */
interface Relation {
  readonly columns: Map<string, Set<Origin>>;
  /** Base relations take columns by name without being asked for them before. */
  readonly base: string | null;
  readonly rows: Set<Origin>;
}

type Scope = ReadonlyMap<string, Relation>;
type Named = ReadonlyMap<string, Relation>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Origins of each column of a model, one step back. @throws LedgerflowError LF_GOLD_MODEL when DuckDB cannot read its SELECT */
export async function columnOrigins(
  connection: DuckDBConnection,
  model: Model,
  columnsOf: (relation: string) => readonly string[],
): Promise<ColumnOrigins> {
  const sql = model.refresh === 'history' ? model.sql : fullSelect(model);
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR, skip_empty := true, skip_null := true)::VARCHAR', [
    sql,
  ]);
  const parsed = JSON.parse(String(reader.getRows()[0]?.[0])) as Json;
  const [statement] = objects(parsed['statements']);
  if (statement === undefined)
    throw new LedgerflowError('LF_GOLD_MODEL', `its SELECT cannot be read: ${text(parsed['error_message'])}`, {
      where: `lake/gold/models/${model.name}.sql`,
    });
  const found = new Resolver(columnsOf).query(statement['node'], new Map()).columns;
  const origins = new Map(model.columns.map(({ name }) => [name, found.get(name) ?? new Set<Origin>()]));
  if (model.refresh !== 'history') return origins;
  const [{ table } = { table: '' }] = model.silverInputs;
  for (const name of ['valid_from', 'valid_to', 'is_current', 'is_first']) origins.set(name, new Set([`silver.${table}.*`]));
  return origins;
}

class Resolver {
  private readonly columnsOf: (relation: string) => readonly string[];

  constructor(columnsOf: (relation: string) => readonly string[]) {
    this.columnsOf = columnsOf;
  }

  query(node: unknown, outer: Named): Relation {
    if (!isJson(node)) return { columns: new Map(), base: null, rows: new Set() };
    const named = new Map(outer);
    const ctes = isJson(node['cte_map']) ? objects(node['cte_map']['map']) : [];
    for (const { key, value } of ctes)
      if (isJson(value) && isJson(value['query'])) named.set(text(key), this.query(value['query']['node'], named));
    if (node['type'] === 'SET_OPERATION_NODE') return this.union(node, named);
    return this.select(node, named);
  }

  /** Columns by position, under the names of the first part. */
  private union(node: Json, named: Named): Relation {
    const parts = [node['left'], node['right'], ...objects(node['children'])].filter(isJson).map((part) => this.query(part, named));
    const [first] = parts;
    const columns = new Map(
      [...(first?.columns.keys() ?? [])].map((name, index) => [
        name,
        new Set(parts.flatMap((part) => [...([...part.columns.values()][index] ?? [])])),
      ]),
    );
    return { columns, base: null, rows: new Set(parts.flatMap(({ rows }) => [...rows])) };
  }

  private select(node: Json, named: Named): Relation {
    const scope = new Map<string, Relation>();
    this.from(node['from_table'], { named, scope });
    const rows = new Set([...scope.values()].flatMap((relation) => [...relation.rows]));
    const columns = new Map<string, Set<Origin>>();
    for (const [index, item] of objects(node['select_list']).entries()) {
      if (item['class'] === 'STAR') for (const [name, origins] of this.star(item, scope)) columns.set(name, origins);
      else columns.set(nameOf(item, index), this.origins(item, { scope, named, rows, columns }));
    }
    return { columns, base: null, rows };
  }

  private star(item: Json, scope: Scope): Map<string, Set<Origin>> {
    const of = text(item['relation_name']);
    const relations = of === '' ? [...scope.values()] : [scope.get(of)].filter((relation) => relation !== undefined);
    return new Map(
      relations.flatMap(({ base, columns }) =>
        base === null ? [...columns] : this.columnsOf(base).map((name): [string, Set<Origin>] => [name, new Set([`${base}.${name}`])]),
      ),
    );
  }

  private from(ref: unknown, into: { readonly named: Named; readonly scope: Map<string, Relation> }): void {
    if (!isJson(ref)) return;
    const { named, scope } = into;
    if (ref['type'] === 'JOIN') {
      this.from(ref['left'], into);
      this.from(ref['right'], into);
    } else if (ref['type'] === 'BASE_TABLE') {
      const [schema, table] = [text(ref['schema_name']), text(ref['table_name'])];
      const cte = schema === '' ? named.get(table) : undefined;
      const base = `${schema}.${table}`;
      scope.set(text(ref['alias']) || table, cte ?? { columns: new Map(), base, rows: new Set([`${base}.*`]) });
    } else if (ref['type'] === 'SUBQUERY' && isJson(ref['subquery'])) {
      scope.set(text(ref['alias']) || `_${scope.size}`, renamed(this.query(ref['subquery']['node'], named), ref['column_name_alias']));
    } else {
      scope.set(text(ref['alias']) || `_${scope.size}`, { columns: new Map(), base: null, rows: new Set() });
    }
  }

  /** Columns an expression takes its value from. */
  private origins(
    expression: unknown,
    at: { scope: Scope; named: Named; rows: Set<Origin>; columns: Map<string, Set<Origin>> },
  ): Set<Origin> {
    const found = new Set<Origin>();
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(visit);
      if (!isJson(value)) return;
      if (value['class'] === 'COLUMN_REF') for (const origin of this.column(value['column_names'], at)) found.add(origin);
      else if (value['class'] === 'SUBQUERY' && isJson(value['subquery']))
        for (const origins of this.query(value['subquery']['node'], at.named).columns.values())
          for (const origin of origins) found.add(origin);
      else {
        if (value['function_name'] === 'count_star' || value['type'] === 'WINDOW_ROW_NUMBER' || value['function_name'] === 'row_number')
          for (const origin of at.rows) found.add(origin);
        Object.values(value).forEach(visit);
      }
    };
    visit(expression);
    return found;
  }

  /** A reference may be column, table.column, or either with fields of a struct behind; what nobody has is a lambda's parameter. */
  private column(names: unknown, { scope, columns }: { scope: Scope; columns: Map<string, Set<Origin>> }): Iterable<Origin> {
    const [first = '', second] = Array.isArray(names) ? names.map(text) : [];
    const table = second === undefined ? undefined : scope.get(first);
    if (table !== undefined && second !== undefined) return this.ofRelation(table, second) ?? [];
    for (const relation of scope.values()) {
      const found = this.ofRelation(relation, first);
      if (found !== null) return found;
    }
    return columns.get(first) ?? [];
  }

  private ofRelation({ base, columns }: Relation, name: string): Iterable<Origin> | null {
    if (base === null) return columns.get(name) ?? null;
    const known = this.columnsOf(base);
    return known.length > 0 && !known.includes(name) ? null : [`${base}.${name}`];
  }
}

function nameOf(item: Json, index: number): string {
  const names = item['column_names'];
  return text(item['alias']) || (Array.isArray(names) ? text(names.at(-1)) : '') || `_${index}`;
}

function renamed(relation: Relation, aliases: unknown): Relation {
  const names = Array.isArray(aliases) ? aliases.map(text) : [];
  if (names.length === 0) return relation;
  const columns = [...relation.columns].map(([name, origins], index): [string, Set<Origin>] => [names[index] ?? name, origins]);
  return { ...relation, columns: new Map(columns) };
}
