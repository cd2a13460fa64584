// Changes to the syntax tree where PostgreSQL means something else than DuckDB: catalog names, pseudo types, operators, functions in FROM.
// Each function changes the node in place and says whether it did.

import { CATALOG_DATABASE, type CatalogNames, type Relation } from './catalog.ts';
import { listText } from './parameters.ts';
import { isTree, textOf, type Tree, type TreeValue } from './tree.ts';

/** Points a relation of PostgreSQL's catalog at our view. */
export function translateRelation(node: Tree, found: Relation, own: Relation): void {
  node['catalog_name'] = own.catalog;
  node['schema_name'] = own.schema;
  node['table_name'] = own.name;
  if (textOf(node, 'alias') === '') node['alias'] = found.name;
}

/** Names a relation of the published lake at one snapshot: `lake.schema.name AT (VERSION => snapshot)`. */
export function translateToLake(node: Tree, own: Relation, snapshot: number): void {
  translateRelation(node, own, own);
  const value = { type: { id: 'INTEGER', type_info: null }, is_null: false, value: snapshot };
  node['at_clause'] = { unit: 'VERSION', expr: { class: 'CONSTANT', type: 'VALUE_CONSTANT', alias: '', query_location: 0, value } };
}

/** Functions that DuckDB has under another name. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['json_build_object', 'json_object'],
  ['jsonb_build_object', 'json_object'],
  ['json_build_array', 'json_array'],
  ['jsonb_build_array', 'json_array'],
  ['json_agg', 'json_group_array'],
  ['jsonb_agg', 'json_group_array'],
  ['json_object_agg', 'json_group_object'],
  ['to_jsonb', 'to_json'],
  ['btrim', 'trim'],
  ['every', 'bool_and'],
  ['clock_timestamp', 'now'],
  ['statement_timestamp', 'now'],
]);

/** Calls our macro where we have one of that name, or DuckDB's function where it has another name. */
export function translateCall(node: Tree, name: string, names: CatalogNames): boolean {
  const renamed = RENAMED.get(name);
  if (renamed !== undefined) {
    node['function_name'] = renamed;
    return true;
  }
  if (!names.hasMacro(name)) return false;
  Object.assign(node, { catalog: CATALOG_DATABASE, schema: 'pg' });
  return true;
}

/** PostgreSQL's ~ finds a match anywhere; DuckDB's parser reads it as a match of the whole text. */
export function translateMatch(node: Tree, name: string, matchIsOperator: boolean): boolean {
  if (name === 'regexp_full_match' && matchIsOperator) {
    node['function_name'] = 'regexp_matches';
    return true;
  }
  if (name !== '~*' && name !== '!~*') return false;
  const children = Array.isArray(node['children']) ? node['children'] : [];
  const match = call('regexp_matches', [...children, constant('i')]);
  replace(node, name === '~*' ? match : { class: 'OPERATOR', type: 'OPERATOR_NOT', alias: '', query_location: 0, children: [match] });
  return true;
}

/** Types that name objects: a constant becomes the object's id, anything else the object's name. */
const OBJECT_TYPES: ReadonlyMap<string, string> = new Map([
  ['regclass', 'regclass'],
  ['regtype', 'regtype'],
  ['regproc', 'regproc'],
  ['regprocedure', 'regproc'],
  ['regnamespace', 'regnamespace'],
  ['regrole', 'regrole'],
]);

/** PostgreSQL's inner types, by the type that holds their values here. */
const INNER_TYPES: ReadonlyMap<string, string> = new Map([
  ['name', 'VARCHAR'],
  ['xid', 'BIGINT'],
  ['cid', 'BIGINT'],
  ['pg_node_tree', 'VARCHAR'],
  ['int2vector', 'VARCHAR'],
  ['oidvector', 'VARCHAR'],
  ['aclitem', 'VARCHAR'],
  ['citext', 'VARCHAR'],
  ['money', 'VARCHAR'],
]);

const CONSTANT_CLASSES: ReadonlySet<string> = new Set(['CONSTANT', 'PARAMETER', 'FUNCTION']);

export function translateCast(node: Tree): boolean {
  const type = unboundName(node['cast_type']);
  const child = node['child'];
  if (isTree(child) && isTree(node['cast_type']) && node['cast_type']['id'] === 'LIST' && translateArrayText(child)) return true;
  if (type === undefined || !isTree(child)) return translateInnerType(node['cast_type']);
  const object = OBJECT_TYPES.get(type);
  if (object === undefined) return translateInnerType(node['cast_type']);
  const inner = textOf(child, 'class') === 'CAST' && isTree(child['child']) ? child['child'] : child;
  const byName = CONSTANT_CLASSES.has(textOf(inner, 'class'));
  const text = { ...node, cast_type: plainType('VARCHAR') };
  replace(node, {
    ...call(byName ? `to_${object}` : `${object}_name`, [byName ? text : child]),
    alias: textOf(node, 'alias'),
    catalog: CATALOG_DATABASE,
    schema: 'pg',
  });
  return true;
}

/** '{1,2}'::BIGINT[] as pgx writes it; DuckDB's lists have square brackets. */
function translateArrayText(child: Tree): boolean {
  const value = child['class'] === 'CONSTANT' && isTree(child['value']) ? child['value'] : undefined;
  const text = value === undefined ? '' : textOf(value, 'value');
  if (value === undefined || listText(text) === text) return false;
  value['value'] = listText(text);
  return true;
}

function translateInnerType(type: Tree[string] | undefined): boolean {
  if (!isTree(type)) return false;
  const info = type['type_info'];
  if (isTree(info) && isTree(info['child_type'])) return translateInnerType(info['child_type']);
  const holder = INNER_TYPES.get(unboundName(type) ?? '');
  if (holder === undefined) return false;
  replace(type, plainType(holder));
  return true;
}

function unboundName(type: Tree[string] | undefined): string | undefined {
  if (!isTree(type) || type['id'] !== 'UNBOUND' || !isTree(type['type_info'])) return undefined;
  return textOf(type['type_info'], 'name').toLowerCase();
}

/** Words that PostgreSQL reads as calls without brackets. `user` may be a column's name here. */
const SESSION_WORDS: ReadonlySet<string> = new Set(['current_user', 'session_user', 'current_role', 'current_catalog', 'user']);

/** The session word a column reference spells, if it does. */
export function sessionWordOf(node: Tree): string | undefined {
  const names = node['column_names'];
  const [word] = Array.isArray(names) && names.length === 1 ? names : [];
  return typeof word === 'string' && SESSION_WORDS.has(word.toLowerCase()) ? word.toLowerCase() : undefined;
}

export function translateSessionWord(node: Tree, word: string): void {
  replace(node, { ...call(word, []), alias: textOf(node, 'alias'), catalog: CATALOG_DATABASE, schema: 'pg' });
}

/** Functions whose only column PostgreSQL names by the alias: FROM generate_series(1, 3) AS i has a column i. */
const ONE_COLUMN: ReadonlySet<string> = new Set(['generate_series', 'unnest']);

/** Functions of one value that clients put into FROM (Grafana: string_to_array(…) s). */
const VALUES_IN_FROM: ReadonlySet<string> = new Set([
  'string_to_array',
  'current_schemas',
  'current_schema',
  'current_database',
  'version',
  'now',
  'current_setting',
]);

export function isValueInFrom(name: string): boolean {
  return VALUES_IN_FROM.has(name);
}

export function translateTableFunction(node: Tree, name: string, inner: Tree): boolean {
  const alias = textOf(node, 'alias');
  const aliases = node['column_name_alias'];
  if (VALUES_IN_FROM.has(name)) {
    const column = Array.isArray(aliases) && typeof aliases[0] === 'string' ? aliases[0] : alias === '' ? name : alias;
    replace(node, subquery({ ...inner, alias: column }, alias === '' ? name : alias));
    return true;
  }
  if (!ONE_COLUMN.has(name) || alias === '' || (Array.isArray(aliases) && aliases.length > 0)) return false;
  node['column_name_alias'] = [alias];
  return true;
}

function replace(node: Tree, by: Tree): void {
  const next = { ...by };
  for (const key of Object.keys(node)) Reflect.deleteProperty(node, key);
  Object.assign(node, next);
}

function plainType(id: string): Tree {
  return { id, type_info: null };
}

function constant(text: string): Tree {
  return {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    query_location: 0,
    value: { type: plainType('VARCHAR'), is_null: false, value: text },
  };
}

function call(name: string, children: TreeValue[]): Tree {
  return {
    class: 'FUNCTION',
    type: 'FUNCTION',
    alias: '',
    query_location: 0,
    function_name: name,
    schema: '',
    children,
    filter: null,
    order_bys: { type: 'ORDER_MODIFIER', orders: [] },
    distinct: false,
    is_operator: false,
    export_state: false,
    catalog: '',
  };
}

/** (SELECT value) AS alias */
function subquery(value: Tree, alias: string): Tree {
  const node: Tree = {
    type: 'SELECT_NODE',
    modifiers: [],
    cte_map: { map: [] },
    select_list: [value],
    from_table: { type: 'EMPTY', alias: '', sample: null, query_location: 0 },
    where_clause: null,
    group_expressions: [],
    group_sets: [],
    aggregate_handling: 'STANDARD_HANDLING',
    having: null,
    sample: null,
    qualify: null,
  };
  return { type: 'SUBQUERY', alias, sample: null, query_location: 0, subquery: { node, named_param_map: [] }, column_name_alias: [] };
}
