// The value that ADD COLUMN gives to the rows that are there, as SQL, where it follows from the text alone.
// Debezium's own default is not used: it is the literal without its quotes ('a''b' stays a''b, 0x4142 becomes 414, NOW() becomes 1970).

import { columnType } from './column-type.ts';
import { isWord, type Token } from './ddl-tokens.ts';
import type { ColumnSchema } from './table-schema.ts';
import { literal } from '../../infra/runtime/sql-text.ts';

/** null: rows get NULL. undefined: MySQL worked it out, or it is not surely the same; text: SQL of the value. */
export type AddedValue = string | null | undefined;

/** @param definition tokens after the column's name */
export function addedValue(column: ColumnSchema, definition: readonly Token[]): AddedValue {
  if (definition.some((token) => isWord(token, 'AUTO_INCREMENT', 'GENERATED', 'SERIAL')) || isGenerated(definition)) return undefined;
  const at = definition.findIndex((token) => isWord(token, 'DEFAULT'));
  if (at < 0) return column.nullable ? null : implicitDefault(column);
  return constant(column, definition.slice(at + 1));
}

/** `… AS (expression)`, with or without GENERATED ALWAYS. */
export function isGenerated(definition: readonly Token[]): boolean {
  return definition.some((token, index) => isWord(token, 'AS') && isWord(definition[index + 1], '('));
}

function implicitDefault(column: ColumnSchema): AddedValue {
  const { logical, duckdbType } = columnType(column);
  if (logical === 'integer' || logical === 'double' || logical === 'float') return `0::${duckdbType}`;
  if (logical === 'decimal') return literalOf(column, '0');
  if (logical === 'text' || logical === 'set') return `''`;
  return logical === 'enum' ? literal(column.enumValues?.[0] ?? '') : undefined;
}

function constant(column: ColumnSchema, tokens: readonly Token[]): AddedValue {
  const [first, second] = tokens;
  if (first === undefined) return undefined;
  if (isWord(first, 'NULL')) return null;
  if (isWord(first, 'TRUE', 'FALSE')) return literalOf(column, isWord(first, 'TRUE') ? '1' : '0');
  if (isWord(first, '-', '+'))
    return second?.kind === 'number' ? literalOf(column, `${first.text === '-' ? '-' : ''}${second.text}`) : undefined;
  if (first.kind === 'number')
    return columnType(column).logical === 'text' && !/^[1-9]\d*$|^0$/.test(first.text) ? undefined : literalOf(column, first.text);
  return first.kind === 'string' ? literalOf(column, first.text) : undefined; // a word is a function, or an introducer of a character set
}

const DECIMAL_TEXT = /^-?\d+(?:\.(\d+))?$/;

/** SQL of the value, where MySQL surely stores exactly this text; undefined where it may convert, round or pad. */
function literalOf(column: ColumnSchema, text: string): AddedValue {
  const { logical, duckdbType } = columnType(column);
  const decimals = DECIMAL_TEXT.exec(text);
  switch (logical) {
    case 'integer':
      return /^-?\d+$/.test(text) ? `${literal(text)}::${duckdbType}` : undefined;
    case 'decimal':
      return decimals === null || (decimals[1] ?? '').length > (column.scale ?? 0) || duckdbType === 'VARCHAR'
        ? undefined
        : `${literal(text)}::${duckdbType}`;
    case 'double':
    case 'float':
      return decimals === null ? undefined : `${literal(text)}::${duckdbType}`;
    case 'text':
      return text.endsWith(' ') || text.length > (column.length ?? text.length) ? undefined : literal(text);
    case 'enum':
      return (column.enumValues ?? []).includes(text) ? literal(text) : undefined;
    case 'set':
      return text === (column.enumValues ?? []).filter((member) => text.split(',').includes(member)).join(',') ? literal(text) : undefined;
    case 'date':
      return /^[1-9]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(text) ? `${literal(text)}::DATE` : undefined;
    case 'datetime':
      return isDateTime(text, column.length ?? 0) ? `${literal(text)}::TIMESTAMP` : undefined; // TIMESTAMP depends on the session's time zone
    case 'year':
      return /^(19|20)\d\d$/.test(text) ? `${text}::${duckdbType}` : undefined;
    default:
      return undefined;
  }
}

function isDateTime(text: string, fractionDigits: number): boolean {
  const match = /^[1-9]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.(\d+))?$/.exec(text);
  return match !== null && (match[1] ?? '').length <= fractionDigits;
}
