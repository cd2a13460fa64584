// Differences of a comparison for people, one line each.

import type { CellDifference, RowDifference } from '../../lake/verify/compare.ts';
import type { TableOutcome } from '../../lake/verify/record.ts';

/** `accounts 1003: balance is 10.0000 in MySQL, 9.0000 in the store`. */
export function differenceLines({ table, layer, differences }: TableOutcome): string[] {
  const [left, right] = layer === 'store' ? ['MySQL', 'the store'] : ['the store', 'the published lake'];
  return (differences as readonly RowDifference[]).map(({ key, kind, cells }) => {
    const row = `${table} ${key}`;
    if (kind === 'missing') return `${row}: missing in ${right}`;
    if (kind === 'extra') return `${row}: not in ${left}`;
    return `${row}: ${cells.map((cell) => cellText(cell, left ?? '', right ?? '')).join('; ')}`;
  });
}

function cellText({ column, source, lake }: CellDifference, left: string, right: string): string {
  return `${column} is ${source ?? 'NULL'} in ${left}, ${lake ?? 'NULL'} in ${right}`;
}
