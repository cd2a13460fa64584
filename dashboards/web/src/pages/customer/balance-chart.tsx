// Balances of all accounts of a currency over the last ninety days, carried on over days without activity.

import { useMemo } from 'preact/hooks';
import type { BalanceDayRow } from '../../../../api/answers/customer.ts';
import { money, pixels } from '../../format.ts';
import { Empty } from '../../parts/card.tsx';
import { Chart } from '../../parts/chart.tsx';

const DAYS = 90;
const DAY_SECONDS = 86_400;

export function BalanceChart({ rows }: { readonly rows: readonly BalanceDayRow[] }) {
  const { times, lines, currency } = useMemo(() => seriesOf(rows, Date.now()), [rows]);
  if (times.length < 2) return <Empty>A line needs two days: it begins tomorrow.</Empty>;
  const newest = lines[0]?.values.at(-1) ?? 0;
  const compact = new Intl.NumberFormat('en', { notation: 'compact', style: 'currency', currency, maximumFractionDigits: 1 });
  return (
    <Chart
      label={`Balance over the last ${times.length} days, now ${money(String(newest), currency)}`}
      times={times}
      lines={lines}
      format={(value) => compact.format(value)}
      stepped
    />
  );
}

interface Series {
  readonly times: number[];
  readonly lines: { name: string; values: (number | null)[] }[];
  readonly currency: string;
}

/** Pure: one line a currency, the customer's main one first. */
export function seriesOf(rows: readonly BalanceDayRow[], nowMs: number): Series {
  const today = Math.floor(nowMs / 1_000 / DAY_SECONDS);
  const first = Math.max(today - DAYS + 1, Math.min(...rows.map(({ day }) => dayNumber(day))));
  const days = Array.from({ length: today - first + 1 }, (_, index) => first + index);
  const currencies = [...new Set(rows.map(({ currency }) => currency))];
  const lines = currencies.map((currency) => ({ name: currency, values: days.map((at) => totalAt(rows, currency, at)) }));
  return { times: days.map((at) => at * DAY_SECONDS), lines: lines.slice(0, 1), currency: currencies[0] ?? 'USD' };
}

function totalAt(rows: readonly BalanceDayRow[], currency: string, at: number): number | null {
  const newest = new Map<string, number>();
  for (const row of rows) if (row.currency === currency && dayNumber(row.day) <= at) newest.set(row.account_id, pixels(row.closing));
  return newest.size === 0 ? null : [...newest.values()].reduce((before, value) => before + value, 0);
}

function dayNumber(text: string): number {
  return Math.floor(Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / 1_000 / DAY_SECONDS);
}
