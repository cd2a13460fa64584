// Rows of the wire endpoint as JSON text: integers digit for digit, decimals and everything else as strings.

import type { Cell } from './table.ts';
import type { Result, ResultColumn } from './wire-client.ts';

/** One row as a JSON object. */
export function jsonObject(columns: readonly ResultColumn[], cells: readonly Cell[]): string {
  const members = columns.map((column, i) => `${JSON.stringify(column.name)}:${jsonValue(column, cells[i] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** All rows as a JSON array, one row to a line. */
export function jsonRows({ columns, rows }: Result): string {
  return rows.length === 0 ? '[]' : `[\n${rows.map((row) => jsonObject(columns, row)).join(',\n')}\n]`;
}

function jsonValue(column: ResultColumn, cell: Cell): string {
  if (cell === null) return 'null';
  if (column.kind === 'integer') return cell;
  if (column.kind === 'boolean') return cell === 't' || cell === 'true' ? 'true' : 'false';
  if (column.kind === 'float' && Number.isFinite(Number(cell))) return cell;
  return JSON.stringify(cell);
}
