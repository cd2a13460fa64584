// What stands behind type codes in records 03 and 16: amounts, counts, and the funds type with as many fields as it has. Pure.

import { LineProblem } from '../problem.ts';

export interface Summary {
  readonly type: string;
  /** Minor units, signed; empty: none stated. */
  readonly amount: string;
  readonly count: string;
}

/** Groups of type, amount, count and funds type until the fields end. */
export function summariesOf(fields: readonly string[]): Summary[] {
  const found: Summary[] = [];
  let at = 0;
  while (at < fields.length) {
    const [type = '', amount = '', count = ''] = fields.slice(at, at + 3).map((it) => it.trim());
    at = afterFunds(fields, at + 3);
    if (type === '' && amount === '') continue; // an account without any summary
    if (!/^\d{3}$/.test(type)) throw new LineProblem(`"${type}" is no type code`);
    found.push({ type, amount, count });
  }
  return found;
}

/** Where the fields behind a funds type begin: S has three amounts, V a date and a time, D a number of pairs. */
export function afterFunds(fields: readonly string[], at: number): number {
  switch (fields[at]?.trim()) {
    case 'S':
      return at + 4;
    case 'V':
      return at + 3;
    case 'D': {
      const pairs = fields[at + 1]?.trim() ?? '';
      if (!/^\d{1,3}$/.test(pairs)) throw new LineProblem(`the funds type D has "${pairs}" availabilities`);
      return at + 2 + 2 * Number(pairs);
    }
    default:
      return at + 1;
  }
}
