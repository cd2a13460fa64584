// Walks a statement's syntax tree: refuses what is not on the lists below, notes the relations it reads, and has PostgreSQL's meanings translated.

import type { CatalogNames, Relation } from './catalog.ts';
import { SqlFailure, refused } from './failures.ts';
import {
  isValueInFrom,
  sessionWordOf,
  translateCall,
  translateCast,
  translateMatch,
  translateRelation,
  translateSessionWord,
  translateTableFunction,
} from './translate.ts';
import { isTree, textOf, type Tree, type TreeValue } from './tree.ts';

/** A relation as the statement names it, with its place in the tree. */
export interface NamedRelation extends Relation {
  readonly node: Tree;
}

export interface Findings {
  /** Relations outside PostgreSQL's catalog. */
  readonly relations: NamedRelation[];
  /** Names of WITH queries, lower case. */
  readonly commonTables: Set<string>;
  rewritten: boolean;
}

export interface Jurisdiction {
  readonly names: CatalogNames;
  readonly database: string;
  /** False when the text itself calls regexp_full_match or uses SIMILAR TO, which look the same as ~ in the tree. */
  readonly matchIsOperator: boolean;
}

const QUERY_NODES: ReadonlySet<string> = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE', 'CTE_NODE']);
const TABLE_KINDS: ReadonlySet<string> = new Set([
  'BASE_TABLE',
  'TABLE_FUNCTION',
  'SUBQUERY',
  'JOIN',
  'EMPTY',
  'EXPRESSION_LIST',
  'PIVOT',
  'SHOW_REF',
]);
const ORDER_WORDS: ReadonlySet<string> = new Set(['ORDER_DEFAULT', 'ASCENDING', 'DESCENDING', 'INVALID']);
const EXPRESSION_CLASSES: ReadonlySet<string> = new Set([
  'BETWEEN',
  'CASE',
  'CAST',
  'COLLATE',
  'COLUMN_REF',
  'COMPARISON',
  'CONJUNCTION',
  'CONSTANT',
  'DEFAULT',
  'FUNCTION',
  'LAMBDA',
  'LAMBDA_REF',
  'OPERATOR',
  'PARAMETER',
  'POSITIONAL_REFERENCE',
  'STAR',
  'SUBQUERY',
  'TYPE',
  'WINDOW',
]);

/** Functions that may stand in FROM. Everything else there reads files, settings, secrets or the engine's inner life, or runs SQL from a text. */
export const TABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  'range',
  'generate_series',
  'unnest',
  'repeat',
  'json_each',
  'json_tree',
  'pg_timezone_names',
  'test_all_types',
]);

/** Scalar functions that write, read settings, run SQL from a text, or belong to the optimizer. */
const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set([
  'getenv',
  'getvariable',
  'nextval',
  'currval',
  'setseed',
  'write_log',
  'parse_duckdb_log_message',
  'json_serialize_plan',
  'json_execute_serialized_sql',
  'json_deserialize_sql',
  'json_serialize_sql',
  'current_query',
  'query',
  'query_table',
  'in_search_path',
  'get_block_size',
  'create_sort_key',
]);

const OWN_SCHEMAS: ReadonlySet<string> = new Set(['', 'main']);

/** @throws SqlFailure 25006 or 42501 for what may not run. Changes `tree` where PostgreSQL means something else. */
export function judge(tree: Tree, place: Jurisdiction): Findings {
  const findings: Findings = { relations: [], commonTables: new Set(), rewritten: false };
  const users: Tree[] = [];
  walk(tree, { ...place, findings, users });
  // `user` is a call only where no table could have a column of that name.
  if (findings.relations.length === 0 && users.length > 0) {
    for (const node of users) translateSessionWord(node, 'user');
    findings.rewritten = true;
  }
  return findings;
}

interface Walk extends Jurisdiction {
  readonly findings: Findings;
  readonly users: Tree[];
}

function walk(value: TreeValue | undefined, context: Walk): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, context);
  } else if (isTree(value)) visit(value, context);
}

function visit(node: Tree, context: Walk): void {
  const type = textOf(node, 'type');
  if (typeof node['class'] === 'string') {
    if (node['class'] === 'CONSTANT') return;
    expression(node, node['class'], context);
  } else if (type === 'TABLE_FUNCTION') return tableFunction(node, context);
  else if (type === 'BASE_TABLE') relation(node, context);
  else if (type === 'SHOW_REF') show(node);
  else if (type !== '' && !TABLE_KINDS.has(type) && !QUERY_NODES.has(type) && !type.endsWith('_MODIFIER') && !ORDER_WORDS.has(type))
    throw refused(`the construct ${type}`);
  if (isTree(node['cte_map'])) commonTables(node['cte_map'], context);
  walkChildren(node, context);
}

function walkChildren(node: Tree, context: Walk): void {
  for (const key of Object.keys(node)) if (key !== 'cast_type') walk(node[key], context);
}

function commonTables(map: Tree, { findings }: Walk): void {
  const entries = map['map'];
  if (!Array.isArray(entries)) return;
  for (const entry of entries) if (isTree(entry)) findings.commonTables.add(textOf(entry, 'key').toLowerCase());
}

function relation(node: Tree, { findings, names, database }: Walk): void {
  const found: Relation = { catalog: textOf(node, 'catalog_name'), schema: textOf(node, 'schema_name'), name: textOf(node, 'table_name') };
  const own = names.relation(found, database);
  if (own === undefined) {
    findings.relations.push({ ...found, node });
    return;
  }
  translateRelation(node, found, own);
  findings.rewritten = true;
}

function show(node: Tree): void {
  if (textOf(node, 'table_name') !== '')
    throw refused(`SHOW ${textOf(node, 'table_name')}`, 'Use SHOW TABLES, DESCRIBE relation or SUMMARIZE relation.');
}

function expression(node: Tree, kind: string, context: Walk): void {
  if (!EXPRESSION_CLASSES.has(kind)) throw refused(`the expression ${kind}`);
  const { findings } = context;
  if (kind === 'FUNCTION') findings.rewritten = scalarFunction(node, context) || findings.rewritten;
  else if (kind === 'CAST') findings.rewritten = translateCast(node) || findings.rewritten;
  else if (kind === 'WINDOW') checkCall(nameOf(node));
  else if (kind === 'COLUMN_REF') sessionWord(node, context);
}

function nameOf(node: Tree, names?: CatalogNames): string {
  const schema = textOf(node, 'schema').toLowerCase();
  const catalog = textOf(node, 'catalog').toLowerCase();
  const name = textOf(node, 'function_name').toLowerCase();
  const known = OWN_SCHEMAS.has(schema) || (schema === 'information_schema' && names?.hasMacro(name) === true);
  if (!known || !['', 'system'].includes(catalog)) throw new SqlFailure('42501', `permission denied for function ${schema}.${name}`);
  return name;
}

function checkCall(name: string): void {
  if (REFUSED_FUNCTIONS.has(name) || name.startsWith('__internal')) throw new SqlFailure('42501', `permission denied for function ${name}`);
}

function scalarFunction(node: Tree, { names, matchIsOperator }: Walk): boolean {
  const name = nameOf(node, names);
  checkCall(name);
  return translateCall(node, name, names) || translateMatch(node, name, matchIsOperator);
}

function tableFunction(node: Tree, context: Walk): void {
  const inner = node['function'];
  if (!isTree(inner)) throw refused('a function in FROM that has no name');
  const name = nameOf(inner);
  if (!TABLE_FUNCTIONS.has(name) && !isValueInFrom(name)) {
    throw new SqlFailure('42501', `permission denied for table function ${name}`, {
      hint: 'Files, settings and the engine itself cannot be read through this endpoint.',
    });
  }
  if (translateTableFunction(node, name, inner)) context.findings.rewritten = true;
  if (isValueInFrom(name)) walk(node, context);
  else walkChildren(inner, context);
}

/** current_user and its like look like columns to DuckDB's parser; PostgreSQL reserves the words. */
function sessionWord(node: Tree, { findings, users }: Walk): void {
  const word = sessionWordOf(node);
  if (word === undefined) return;
  if (word === 'user') {
    users.push(node);
    return;
  }
  translateSessionWord(node, word);
  findings.rewritten = true;
}
