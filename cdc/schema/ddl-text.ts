// The two things that Debezium's schema-change events say only in their DDL text: a table's old name, and that rows were
// removed without a change event.

const IDENTIFIER = '(?:`(?:[^`]|``)+`|[\\w$\\u0080-\\uffff]+)';
const NAME = `(?:(?<db>${IDENTIFIER})\\s*\\.\\s*)?(?<table>${IDENTIFIER})`;
const SPACE = '(?:\\s|/\\*.*?\\*/)+';
const RENAME_TABLE = new RegExp(`^\\s*RENAME${SPACE}TABLES?${SPACE}${NAME}${SPACE}TO${SPACE}`, 'is');
const ALTER_TABLE = new RegExp(`^\\s*ALTER${SPACE}TABLE${SPACE}${NAME}${SPACE}`, 'is');
const ALTER_RENAMES = new RegExp(`\\bRENAME${SPACE}(?!COLUMN\\b|INDEX\\b|KEY\\b)(?:TO${SPACE}|AS${SPACE}|=\\s*)?${IDENTIFIER}`, 'is');
const REMOVES_ROWS = /\b(?:TRUNCATE|DROP|EXCHANGE|DISCARD|IMPORT)\s+(?:PARTITION|TABLESPACE)\b/i;

/**
 * Table that a RENAME TABLE or ALTER TABLE … RENAME statement names as the old one.
 * Debezium splits `RENAME TABLE a TO b, c TO d` into one event per table, each with its own statement.
 * @returns null when the statement renames no table, or one of another database (for us a new table)
 */
export function renamedFrom(ddl: string, database: string): string | null {
  const match = RENAME_TABLE.exec(ddl) ?? (ALTER_RENAMES.test(ddl) ? ALTER_TABLE.exec(ddl) : null);
  const table = match?.groups?.['table'];
  if (table === undefined) return null;
  const owner = match?.groups?.['db'];
  return owner === undefined || unquote(owner) === database ? unquote(table) : null;
}

/** ALTER TABLE … TRUNCATE / DROP / EXCHANGE PARTITION and the like change rows and leave no change event: silver must be read again. */
export function removesRowsSilently(ddl: string): boolean {
  return REMOVES_ROWS.test(ddl.replace(/'(?:[^'\\]|\\.|'')*'/g, "''"));
}

function unquote(identifier: string): string {
  return identifier.startsWith('`') ? identifier.slice(1, -1).replaceAll('``', '`') : identifier;
}
