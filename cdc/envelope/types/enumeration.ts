// ENUM and SET as the text of their members. From the binlog Debezium sends members as it stores them, with '\' before comma and
// backslash; from the snapshot as they are. Only members that have such characters need to be mapped back.

import type { ColumnSchema } from '../../schema/table-schema.ts';
import { UnsupportedColumn } from '../../schema/unsupported-column.ts';
import { TEXT, type Converter } from './column-type.ts';
import { literal } from '../../../infra/runtime/sql-text.ts';

export const enumeration: Converter = (column) => ({
  logical: column.typeName === 'SET' ? 'set' : 'enum',
  duckdbType: 'VARCHAR',
  jsonType: TEXT,
  toSilver: column.typeName === 'SET' ? (field) => unescapeSet(field, column) : (field) => unescapeMember(field, column),
});

function unescapeMember(field: string, column: ColumnSchema): string {
  const members = column.enumValues ?? [];
  if (members.some((member) => member.includes('\0'))) throw new UnsupportedColumn(column, 'a member that contains a NUL character');
  const cases = members.flatMap((member) =>
    writtenForms(member)
      .filter((form) => !members.includes(form))
      .map((form) => `WHEN ${literal(form)} THEN ${literal(member)}`),
  );
  return cases.length === 0 ? field : `CASE ${field} ${cases.join(' ')} ELSE ${field} END`;
}

/** Control characters as SHOW CREATE TABLE writes them, which is how Debezium stores them. */
const CONTROLS: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\0': '\\0', '\u001a': '\\Z', '\t': '\\t', '\b': '\\b' };

/** The forms, other than itself, in which a member may come. */
function writtenForms(member: string): string[] {
  const escaped = member.replace(/[\\,]/g, '\\$&');
  const written = escaped.replace(/[\n\r\0\u001a\t\b]/g, (control) => CONTROLS[control] ?? control);
  return [...new Set([escaped, written])].filter((form) => form !== member);
}

/** Members of a SET have no commas, so only the backslash is doubled. */
function unescapeSet(field: string, column: ColumnSchema): string {
  const escaped = (column.enumValues ?? []).some((member) => member.includes('\\'));
  return escaped ? `replace(${field}, '\\\\', '\\')` : field;
}
