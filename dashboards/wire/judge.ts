// Walks a statement's syntax tree: refuses what is not on the lists below, notes the relations it reads, and renames PostgreSQL's catalog to ours.

import { CATALOG_DATABASE, type CatalogNames, type Relation } from './catalog.ts';
import { SqlFailure, refused } from './failures.ts';
import { isTree, textOf, type Tree, type TreeValue } from './tree.ts';

export interface Findings {
  readonly relations: Relation[];
  /** Names of WITH queries, lower case. */
  readonly commonTables: Set<string>;
  rewritten: boolean;
}

const QUERY_NODES: ReadonlySet<string> = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE', 'CTE_NODE']);
const TABLE_KINDS: ReadonlySet<string> = new Set(['BASE_TABLE', 'TABLE_FUNCTION', 'SUBQUERY', 'JOIN', 'EMPTY', 'EXPRESSION_LIST', 'PIVOT', 'SHOW_REF']);
const EXPRESSION_CLASSES: ReadonlySet<string> = new Set([
  'BETWEEN', 'CASE', 'CAST', 'COLLATE', 'COLUMN_REF', 'COMPARISON', 'CONJUNCTION', 'CONSTANT', 'FUNCTION', 'LAMBDA', 'LAMBDA_REF', 'OPERATOR',
  'PARAMETER', 'POSITIONAL_REFERENCE', 'STAR', 'SUBQUERY', 'TYPE', 'WINDOW',
]);

/** Functions that may stand in FROM. Everything else there reads files, settings, secrets or the engine's inner life, or runs SQL from a text. */
export const TABLE_FUNCTIONS: ReadonlySet<string> = new Set(['range', 'generate_series', 'unnest', 'repeat', 'json_each', 'json_tree', 'pg_timezone_names', 'test_all_types']);

/** Scalar functions that write, read settings, run SQL from a text, or belong to the optimizer. */
const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set([
  'getenv', 'getvariable', 'current_setting', 'nextval', 'currval', 'setseed', 'write_log', 'sleep_ms', 'parse_duckdb_log_message', 'json_serialize_plan',
  'json_execute_serialized_sql', 'json_deserialize_sql', 'json_serialize_sql', 'current_query', 'query', 'query_table', 'in_search_path', 'get_block_size',
]);

const OWN_SCHEMAS: ReadonlySet<string> = new Set(['', 'pg_catalog', 'main']);

/** @throws SqlFailure 25006 or 42501 for what may not run. Changes `tree` where catalog names stand. */
export function judge(tree: Tree, names: CatalogNames): Findings {
  const findings: Findings = { relations: [], commonTables: new Set(), rewritten: false };
  walk(tree, { findings, names });
  return findings;
}

interface Walk {
  readonly findings: Findings;
  readonly names: CatalogNames;
}

function walk(value: TreeValue | undefined, context: Walk): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, context);
  } else if (isTree(value)) visit(value, context);
}

function visit(node: Tree, context: Walk): void {
  const type = textOf(node, 'type');
  if (typeof node['class'] === 'string') {
    if (!EXPRESSION_CLASSES.has(node['class'])) throw refused(`the expression ${node['class']}`);
    if (node['class'] === 'CONSTANT') return;
    if (node['class'] === 'FUNCTION') scalarFunction(node, context);
    if (node['class'] === 'CAST') cast(node, context);
    if (node['class'] === 'COLUMN_REF') sessionWord(node, context);
  } else if (type.endsWith('_NODE')) {
    if (!QUERY_NODES.has(type)) throw refused(`a query part ${type}`);
  } else if (type === 'TABLE_FUNCTION') {
    tableFunction(node, context);
    return;
  } else if (type === 'BASE_TABLE') relation(node, context);
  else if (type === 'SHOW_REF') show(node);
  else if (type !== '' && !TABLE_KINDS.has(type) && !type.endsWith('_MODIFIER') && !type.startsWith('ORDER_')) throw refused(`the construct ${type}`);
  if (isTree(node['cte_map'])) commonTables(node['cte_map'], context);
  for (const key of Object.keys(node)) {
    if (key !== 'cast_type') walk(node[key], context);
  }
}

function commonTables(map: Tree, { findings }: Walk): void {
  const entries = map['map'];
  if (!Array.isArray(entries)) return;
  for (const entry of entries) if (isTree(entry)) findings.commonTables.add(textOf(entry, 'key').toLowerCase());
}

function relation(node: Tree, { findings, names }: Walk): void {
  const found: Relation = { catalog: textOf(node, 'catalog_name'), schema: textOf(node, 'schema_name'), name: textOf(node, 'table_name') };
  const own = names.relation(found);
  if (own === undefined) {
    findings.relations.push(found);
    return;
  }
  node['catalog_name'] = CATALOG_DATABASE;
  node['schema_name'] = own.schema;
  node['table_name'] = own.name;
  if (textOf(node, 'alias') === '') node['alias'] = found.name;
  findings.rewritten = true;
}

function show(node: Tree): void {
  if (textOf(node, 'table_name') !== '') throw refused(`SHOW ${textOf(node, 'table_name')}`, 'Use SHOW TABLES, DESCRIBE relation or SUMMARIZE relation.');
}

function functionName(node: Tree): string {
  const schema = textOf(node, 'schema').toLowerCase();
  const catalog = textOf(node, 'catalog').toLowerCase();
  const name = textOf(node, 'function_name').toLowerCase();
  if (!OWN_SCHEMAS.has(schema) || !['', 'system'].includes(catalog)) throw new SqlFailure('42501', `permission denied for function ${schema}.${name}`);
  return name;
}

function scalarFunction(node: Tree, context: Walk): void {
  const name = functionName(node);
  const own = context.names.functionSchema(name);
  if (own !== undefined) callOwn(node, own, context);
  else if (REFUSED_FUNCTIONS.has(name) || name.startsWith('__internal')) throw new SqlFailure('42501', `permission denied for function ${name}`);
  else if (textOf(node, 'schema').toLowerCase() === 'pg_catalog' && !context.names.engineFunction(name)) {
    // Clients qualify ordinary functions too (pg_catalog.array_to_string): DuckDB keeps those elsewhere.
    node['schema'] = '';
    context.findings.rewritten = true;
  }
}

function callOwn(node: Tree, schema: string, { findings }: Walk): void {
  node['catalog'] = CATALOG_DATABASE;
  node['schema'] = schema;
  findings.rewritten = true;
}

function tableFunction(node: Tree, context: Walk): void {
  const call = node['function'];
  if (!isTree(call)) throw refused('a function in FROM that has no name');
  const name = functionName(call);
  if (!TABLE_FUNCTIONS.has(name)) throw new SqlFailure('42501', `permission denied for table function ${name}`, { hint: 'Files, settings and the engine itself cannot be read through this endpoint.' });
  for (const [key, value] of Object.entries(call)) if (key !== 'function_name') walk(value, context);
}

/** current_user and its like look like columns to DuckDB's parser; PostgreSQL reserves the words. */
function sessionWord(node: Tree, context: Walk): void {
  const [word] = Array.isArray(node['column_names']) ? node['column_names'] : [];
  if (!Array.isArray(node['column_names']) || node['column_names'].length !== 1 || typeof word !== 'string') return;
  const own = context.names.sessionWord(word.toLowerCase());
  if (own === undefined) return;
  Object.assign(node, own);
  delete node['column_names'];
  context.findings.rewritten = true;
}

function cast(_node: Tree, _context: Walk): void {
  // Filled by the catalog's pseudo types.
}
