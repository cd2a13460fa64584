// Payments as two sides book them, without a common number: fees and exchange losses, days of lag, memos cut off or missing. For tests.

import type { MatchRow } from '../row.ts';
import { DAY_MS } from '../row.ts';

export interface PaymentPairs {
  readonly external: readonly MatchRow[];
  readonly internal: readonly MatchRow[];
  /** `external internal` of each pair that belongs together. */
  readonly truth: ReadonlySet<string>;
}

const SYLLABLES = ['BA', 'BE', 'DO', 'KA', 'KI', 'LU', 'MA', 'MO', 'NE', 'RI', 'SA', 'SO', 'TA', 'TU', 'VE', 'ZO'];
const KINDS = ['INVOICE', 'PAYMENT', 'SUPPLY', 'SERVICE', 'RENT', 'CONSULTING'];
const FIRST_DAY = Date.UTC(2025, 0, 1);
const DAYS = 365;
const PARTIES = 300;
const LONE = 0.05;

/** @param unit random numbers, 0 to 1 */
export function noisyPayments(count: number, unit: () => number): PaymentPairs {
  const parties = Array.from({ length: PARTIES }, () => `${word(unit)} ${word(unit)}`);
  const [external, internal, truth]: [MatchRow[], MatchRow[], Set<string>] = [[], [], new Set()];
  for (let n = 0; n < count; n += 1) {
    const cents = amountOf(unit);
    const at = FIRST_DAY + Math.floor(unit() * DAYS) * DAY_MS;
    const [party, kind] = [parties[Math.floor(unit() * PARTIES)]!, KINDS[Math.floor(unit() * KINDS.length)]!];
    const fate = unit();
    const common = { currency: 'USD', reference: '' };
    if (fate >= LONE)
      internal.push({ ...common, id: `i${n}`, amount: BigInt(cents) * 100n, at, description: `${kind} ${1_000 + (n % 9_000)} ${party}` });
    if (fate < 1 - LONE) {
      const lag = Math.floor(1 + unit() * unit() * 19) * DAY_MS;
      external.push({
        ...common,
        id: `e${n}`,
        amount: BigInt(cents - lossOf(cents, unit)) * 100n,
        at: at + lag,
        description: memoOf(party, kind, unit),
      });
    }
    if (fate >= LONE && fate < 1 - LONE) truth.add(`e${n} i${n}`);
  }
  return { external, internal, truth };
}

function amountOf(unit: () => number): number {
  const cents = Math.round(Math.exp(3 + unit() * 5) * 100);
  return unit() < 0.3 ? Math.ceil(cents / 10_000) * 10_000 : cents;
}

/** Half are paid in full, a quarter less a fee of one to three percent, the rest at another rate of exchange. */
function lossOf(cents: number, unit: () => number): number {
  const kind = unit();
  if (kind < 0.5) return 0;
  return Math.round(cents * (kind < 0.75 ? 0.01 + unit() * 0.02 : (unit() - 0.5) * 0.02));
}

function memoOf(party: string, kind: string, unit: () => number): string {
  return unit() < 0.15 ? '' : `${party} ${kind}`.slice(0, 6 + Math.floor(unit() * 12));
}

function word(unit: () => number): string {
  return Array.from({ length: 2 + Math.floor(unit() * 2) }, () => SYLLABLES[Math.floor(unit() * SYLLABLES.length)]!).join('');
}
