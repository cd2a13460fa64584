// Names of result columns that have no alias, as PostgreSQL gives them: `count` for count(*), `?column?` for 1 + 1. DuckDB prints the whole expression.

import { isTree, textOf, type Tree, type TreeValue } from './tree.ts';

const UNNAMED = '?column?';
const FUNCTION_NAMES: Readonly<Record<string, string>> = { count_star: 'count', date_part: 'extract', list_value: 'array' };
const TYPE_NAMES: Readonly<Record<string, string>> = {
  BOOLEAN: 'bool',
  TINYINT: 'int2',
  SMALLINT: 'int2',
  INTEGER: 'int4',
  BIGINT: 'int8',
  FLOAT: 'float4',
  DOUBLE: 'float8',
  DECIMAL: 'numeric',
  HUGEINT: 'numeric',
  VARCHAR: 'text',
  DATE: 'date',
  TIME: 'time',
  TIMESTAMP: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
  INTERVAL: 'interval',
  UUID: 'uuid',
  BLOB: 'bytea',
};

/** Names in the order of the columns, or undefined where a star or the like hides how many there are. */
export function columnNames(tree: Tree): string[] | undefined {
  const [statement] = Array.isArray(tree['statements']) ? tree['statements'] : [];
  let node = isTree(statement) ? statement['node'] : undefined;
  while (isTree(node) && node['type'] === 'SET_OPERATION_NODE') node = isTree(node['left']) ? node['left'] : firstChild(node);
  if (!isTree(node) || !Array.isArray(node['select_list'])) return undefined;
  const names: string[] = [];
  for (const item of node['select_list']) {
    if (!isTree(item) || item['class'] === 'STAR' || hasStar(item)) return undefined;
    names.push(textOf(item, 'alias') || nameOf(item) || UNNAMED);
  }
  return names;
}

function firstChild(node: Tree): TreeValue | undefined {
  return Array.isArray(node['children']) ? node['children'][0] : undefined;
}

/** COLUMNS(…) inside an expression multiplies it. */
function hasStar(value: TreeValue): boolean {
  if (Array.isArray(value)) return value.some(hasStar);
  if (!isTree(value)) return false;
  return (
    value['class'] === 'STAR' ||
    Object.entries(value).some(([key, child]) => key !== 'subquery' && typeof child === 'object' && child !== null && hasStar(child))
  );
}

function nameOf(item: Tree): string | undefined {
  switch (item['class']) {
    case 'COLUMN_REF':
      return lastText(item['column_names']);
    case 'FUNCTION':
    case 'WINDOW':
      return functionName(textOf(item, 'function_name'), item['is_operator'] === true);
    case 'CAST':
      return (isTree(item['child']) ? nameOf(item['child']) : undefined) ?? typeName(item['cast_type']);
    case 'CASE':
      return 'case';
    case 'SUBQUERY':
      return subqueryName(item);
    case 'COLLATE':
      return isTree(item['child']) ? nameOf(item['child']) : undefined;
    case 'OPERATOR':
      return item['type'] === 'OPERATOR_COALESCE' ? 'coalesce' : undefined;
    default:
      return undefined;
  }
}

function functionName(name: string, operator: boolean): string | undefined {
  return operator || !/^[a-z_]/i.test(name) ? undefined : (FUNCTION_NAMES[name] ?? name);
}

function typeName(type: TreeValue | undefined): string | undefined {
  if (!isTree(type)) return undefined;
  const unbound = isTree(type['type_info']) ? textOf(type['type_info'], 'name') : '';
  return TYPE_NAMES[textOf(type, 'id')] ?? (unbound === '' ? undefined : unbound.toLowerCase());
}

function subqueryName(item: Tree): string | undefined {
  if (item['subquery_type'] === 'EXISTS') return 'exists';
  if (item['subquery_type'] !== 'SCALAR' || !isTree(item['subquery'])) return undefined;
  return columnNames({ statements: [item['subquery']] })?.[0];
}

function lastText(names: TreeValue | undefined): string | undefined {
  const last = Array.isArray(names) ? names.at(-1) : undefined;
  return typeof last === 'string' ? last : undefined;
}
