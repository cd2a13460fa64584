// ENUM and SET as the text of their members. From the binlog Debezium sends members as it stores them, with '\' before comma and
// backslash; from the snapshot as they are. Only members that have such characters need to be mapped back.

import type { ColumnSchema } from '../../schema/table-schema.ts';
import { TEXT, type Converter } from './column-type.ts';

export const enumeration: Converter = (column) => ({
  logical: column.typeName === 'SET' ? 'set' : 'enum',
  duckdbType: 'VARCHAR',
  jsonType: TEXT,
  toSilver: column.typeName === 'SET' ? (field) => unescapeSet(field, column) : (field) => unescapeMember(field, column),
});

function unescapeMember(field: string, column: ColumnSchema): string {
  const escaped = (column.enumValues ?? []).filter((member) => /[\\,]/.test(member));
  if (escaped.length === 0) return field;
  const cases = escaped.map((member) => `WHEN ${quote(member.replace(/[\\,]/g, '\\$&'))} THEN ${quote(member)}`);
  return `CASE ${field} ${cases.join(' ')} ELSE ${field} END`;
}

/** Members of a SET have no commas, so only the backslash is doubled. */
function unescapeSet(field: string, column: ColumnSchema): string {
  const escaped = (column.enumValues ?? []).some((member) => member.includes('\\'));
  return escaped ? `replace(${field}, '\\\\', '\\')` : field;
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
