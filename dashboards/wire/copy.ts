// Rows as lines of COPY … TO STDOUT, in PostgreSQL's text and CSV forms.

import type { DuckDBValue } from '@duckdb/node-api';
import { copyData } from './messages.ts';
import type { Encoder, RowWriter } from './portal.ts';

export interface CopyForm {
  readonly csv: boolean;
  readonly delimiter: string;
}

const TEXT_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
};

export function copyLine(form: CopyForm): RowWriter {
  return (out, { columns, encoders }, row) => {
    const fields = columns.map((column, index) => field(column[row], encoders[index]));
    copyData(out.messages, lineOf(fields, form));
  };
}

/** One line from texts; null is `\N` in the text form and an unquoted empty field in CSV. */
export function lineOf(fields: readonly (string | null)[], { csv, delimiter }: CopyForm): string {
  const write = csv ? csvField : textField;
  return `${fields.map((text) => write(text, delimiter)).join(delimiter)}\n`;
}

function field(value: DuckDBValue | undefined, encode: Encoder | undefined): string | null {
  return value === null || value === undefined || encode === undefined ? null : String(encode(value));
}

function textField(text: string | null, delimiter: string): string {
  if (text === null) return '\\N';
  const escaped = text.replaceAll(/[\\\n\r\t\b\f\v]/g, (character) => TEXT_ESCAPES[character] ?? character);
  return delimiter === '\t' ? escaped : escaped.replaceAll(delimiter, `\\${delimiter}`);
}

function csvField(text: string | null, delimiter: string): string {
  if (text === null) return '';
  return text === '' || /["\r\n]/.test(text) || text.includes(delimiter) || text === '\\.' ? `"${text.replaceAll('"', '""')}"` : text;
}
