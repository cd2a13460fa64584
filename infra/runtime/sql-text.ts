// Quoting for SQL text that must carry names and texts (identifiers cannot be bound as parameters, DDL binds nothing).

import { escapeId } from 'mysql2';

/** A DuckDB identifier in double quotes: any MySQL table or column name is safe. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A DuckDB string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A DuckDB string literal, or NULL. */
export function nullable(text: string | null): string {
  return text === null ? 'NULL' : literal(text);
}

/** A MySQL identifier in backticks; a dot in it is part of the name. */
export function mysqlIdent(name: string): string {
  return escapeId(name, true);
}
