// Splits a migration file into statements, as the mysql client does: a statement ends with the current delimiter at the end of a line,
// DELIMITER changes it. Convention of our files: comment lines start with `--`, and no string holds a line that ends with the delimiter.

/** The statements of `text` in order, without delimiters, comment lines in between and blank ones. */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let delimiter = ';';
  let lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const change = /^DELIMITER\s+(\S+)\s*$/i.exec(line);
    if (change?.[1] !== undefined) {
      delimiter = change[1];
      continue;
    }
    if (lines.length === 0 && (line.trim() === '' || line.startsWith('--'))) continue;
    const end = line.trimEnd();
    if (!end.endsWith(delimiter)) {
      lines.push(line);
      continue;
    }
    statements.push([...lines, end.slice(0, -delimiter.length)].join('\n').trim());
    lines = [];
  }
  if (lines.length > 0) throw new SyntaxError(`the last statement does not end with ${delimiter}`);
  return statements.filter((statement) => statement !== '');
}
