// Rows whose columns are not known beforehand: names become headings, states become badges, times become short.

import type { AnyRow } from '../../../api/answers/operator.ts';
import { moment, shortGtid, title } from '../format.ts';
import { StateBadge } from './badge.tsx';
import { Table } from './table.tsx';

const STATES = new Set(['state', 'status', 'passed']);
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;
const NUMBER = /^-?\d+(\.\d+)?$/;
const GTID = /^[0-9a-f]{8}-[0-9a-f-]{27}:[\w:-]+$/;
const TEXT_MAX = 160;

interface AnyTableProps {
  readonly label: string;
  readonly rows: readonly AnyRow[];
  /** Columns that are not shown. */
  readonly without?: readonly string[];
}

interface IndexedRow {
  readonly row: AnyRow;
  readonly index: number;
}

export function AnyTable({ label, rows, without = [] }: AnyTableProps) {
  const names = Object.keys(rows[0] ?? {}).filter(
    (name) => !without.includes(name) && rows.some(({ [name]: cell }) => (cell ?? null) !== null),
  );
  return (
    <Table<IndexedRow>
      label={label}
      rows={rows.map((row, index) => ({ row, index }))}
      keyOf={({ index }) => String(index)}
      columns={names.map((name) => ({
        name: title(name),
        numeric: rows.every(({ [name]: cell }) => NUMBER.test(cell ?? '0')) && rows.some(({ [name]: cell }) => (cell ?? null) !== null),
        cell: ({ row }) => <Value name={name} text={row[name] ?? null} />,
      }))}
    />
  );
}

function Value({ name, text }: { readonly name: string; readonly text: string | null }) {
  if (text === null) return <span class="muted">–</span>;
  if (STATES.has(name) && text.length < 24) return <StateBadge state={name === 'passed' ? (text === 't' ? 'passed' : 'failed') : text} />;
  if (text === 't' || text === 'f') return <>{text === 't' ? 'yes' : 'no'}</>;
  if (INSTANT.test(text))
    return <span class="nowrap">{moment(text.includes('T') ? text : `${text.slice(0, 19).replace(' ', 'T')}Z`)}</span>;
  if (GTID.test(text)) return <code title={text}>{shortGtid(text)}</code>;
  return <span title={text.length > TEXT_MAX ? text : undefined}>{text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text}</span>;
}
