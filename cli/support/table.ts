// Text forms of a result: an aligned table for people, CSV (RFC 4180) and JSON lines of exact values for programs. Pure.

export interface Column {
  readonly name: string;
  readonly align?: 'left' | 'right';
}

export type Cell = string | null;

const NULL_TEXT = 'NULL';

/** An aligned table with a header; control characters in values are shown escaped so that a row stays one line. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const shown = rows.map((row) => columns.map((_column, i) => visible(row[i] ?? NULL_TEXT)));
  const widths = columns.map((column, i) => shown.reduce((width, row) => Math.max(width, row[i]!.length), column.name.length));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (columns[i]!.align === 'right' ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const head = columns.map((column) => column.name);
  const rule = widths.map((width) => '-'.repeat(width));
  return [line(head), line(rule), ...shown.map(line)].join('\n');
}

/** Names beside values, aligned. */
export function renderPairs(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd()).join('\n');
}

/** One CSV record, CRLF not included; NULL is an empty field, an empty text is `""`. */
export function csvRecord(cells: readonly Cell[]): string {
  return cells.map(csvField).join(',');
}

/** 1234567 -> 1.2 MB. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return unit === 0 ? `${value} B` : `${value.toFixed(1)} ${units[unit]!}`;
}

/** 93 -> 1m 33s. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${whole % 60}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

const ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function csvField(cell: Cell): string {
  if (cell === null) return '';
  return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
