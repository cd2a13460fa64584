// DuckDB's syntax tree as JSON. Integers beyond 2^53 survive the way through JSON.parse; positions in the text do not matter.

export type TreeValue = null | boolean | number | string | TreeValue[] | Tree;
export interface Tree {
  [key: string]: TreeValue;
}

/** A whole number of 16 digits or more after a key. Inside a JSON string the key's closing quote would be escaped, so texts never match. */
const LONG_INTEGER = /"(\w+)":(-?\d{16,})(?=[,}\]])/g;
const MARK = '\u0001exact:';
const MARKED = /"\\u0001exact:(-?\d+)"/g;
const LOCATION = /"query_location":\d+/g;

export function fromTreeText(text: string): Tree {
  return JSON.parse(text.replaceAll(LOCATION, '"query_location":0').replaceAll(LONG_INTEGER, `"$1":"\\u0001exact:$2"`)) as Tree;
}

export function toTreeText(tree: Tree): string {
  return JSON.stringify(tree).replaceAll(MARKED, '$1');
}

export function isTree(value: TreeValue | undefined): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text field, or '' when there is none. */
export function textOf(tree: Tree, key: string): string {
  const value = tree[key];
  return typeof value === 'string' && !value.startsWith(MARK) ? value : '';
}
