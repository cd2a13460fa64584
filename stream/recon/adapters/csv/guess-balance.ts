// Whether the balances of a column follow from the amounts, and in which order of lines. Pure.

import { RecordMapper } from '../mapper.ts';
import type { FieldRef, Mapping } from '../mapping.ts';
import { Exact, type DecimalMark } from '../money.ts';
import { LineProblem } from '../problem.ts';
import type { CsvRecord } from './records.ts';

/** So many neighbours at least must follow; the others are what the balances are checked for. */
const SHARE_MIN = 0.5;

/** The mapping with the running balance, if there is one; a single line proves nothing. */
export function withBalance(
  mapping: Mapping,
  column: string,
  body: readonly CsvRecord[],
  { decimal, at }: { decimal: DecimalMark; at: (field: FieldRef) => number },
): Mapping {
  const reading: Mapping = { ...mapping, runningBalance: { field: column, order: 'oldest-first' } };
  const fieldOf = (record: CsvRecord, field: FieldRef): string | null => record.cells[at(field)] ?? null;
  const mapper = new RecordMapper({ mapping: reading, fieldOf, timezone: 'UTC', decimal, dateFormat: 'iso' });
  const steps = body.flatMap((record) => {
    try {
      const { amount, balance } = mapper.moneyOf(record);
      return balance === undefined ? [] : [{ amount: new Exact(amount), balance: new Exact(balance) }];
    } catch (error) {
      if (!(error instanceof LineProblem)) throw error;
      return [];
    }
  });
  const pairs = steps.slice(1).map((now, index) => ({ before: steps[index]!, now }));
  const oldest = pairs.filter(({ before, now }) => before.balance.plus(now.amount).equals(now.balance)).length;
  const newest = pairs.filter(({ before, now }) => before.balance.minus(before.amount).equals(now.balance)).length;
  if (pairs.length === 0 || Math.max(oldest, newest) < Math.max(1, pairs.length * SHARE_MIN)) return mapping;
  return { ...mapping, runningBalance: { field: column, order: oldest >= newest ? 'oldest-first' : 'newest-first' } };
}
