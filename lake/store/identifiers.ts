// Quoting for SQL text that must carry names (identifiers cannot be bound as parameters).

/** A DuckDB identifier in double quotes: any MySQL table or column name is safe. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A DuckDB string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
