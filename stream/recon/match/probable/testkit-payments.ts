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

type Unit = () => number;

/** How the external side of a payment differs from ours. */
export interface Noise {
  /** Cents that are missing of an amount. */
  readonly loss: (cents: number, unit: Unit) => number;
  readonly lagDays: (unit: Unit) => number;
  readonly memo: (said: { readonly party: string; readonly kind: string; readonly number: number }, unit: Unit) => string;
  /** Share of the payments that only one side has, for either side. */
  readonly lone: number;
}

/** Half are paid in full, a quarter less a fee of one to three percent, the rest at another rate of exchange; one to twenty days; memos cut off or empty. */
const MIXED: Noise = {
  loss: lossOf,
  lagDays: (unit) => Math.floor(1 + unit() * unit() * 19),
  memo: ({ party, kind }, unit) => memoOf(party, kind, unit),
  lone: 0.05,
};

/** Kinds of noise that nothing was set by: other fees, rates, delays, words and strangers. */
export const NOISES: Readonly<Record<'mixed' | 'fixed fees' | 'exchange' | 'late' | 'lone' | 'words in any order', Noise>> = {
  mixed: MIXED,
  'fixed fees': { ...MIXED, loss: (cents, unit) => [0, 75, 1_500, 2_500].filter((fee) => fee * 8 < cents)[Math.floor(unit() * 4)] ?? 0 },
  exchange: { ...MIXED, loss: (cents, unit) => Math.round(cents * (unit() + unit() + unit() + unit() - 2) * 0.05) },
  late: { ...MIXED, lagDays: (unit) => 10 + Math.floor(unit() * 21) },
  lone: { ...MIXED, lone: 0.25 },
  'words in any order': {
    ...MIXED,
    memo: ({ party, kind, number }, unit) =>
      [...party.split(' '), kind, String(number)]
        .map((word) => ({ word, at: unit() }))
        .sort((one, other) => one.at - other.at)
        .map(({ word }) => word.toLowerCase())
        .join(' '),
  },
};

/** @param unit random numbers, 0 to 1 */
export function noisyPayments(count: number, unit: Unit, { loss, lagDays, memo, lone }: Noise = MIXED): PaymentPairs {
  const parties = Array.from({ length: PARTIES }, () => `${word(unit)} ${word(unit)}`);
  const [external, internal, truth]: [MatchRow[], MatchRow[], Set<string>] = [[], [], new Set()];
  for (let n = 0; n < count; n += 1) {
    const cents = amountOf(unit);
    const at = FIRST_DAY + Math.floor(unit() * DAYS) * DAY_MS;
    const [party, kind] = [parties[Math.floor(unit() * PARTIES)]!, KINDS[Math.floor(unit() * KINDS.length)]!];
    const fate = unit();
    const common = { currency: 'USD', reference: '' };
    if (fate >= lone)
      internal.push({ ...common, id: `i${n}`, amount: BigInt(cents) * 100n, at, description: `${kind} ${1_000 + (n % 9_000)} ${party}` });
    if (fate < 1 - lone) {
      const lag = lagDays(unit) * DAY_MS;
      external.push({
        ...common,
        id: `e${n}`,
        amount: BigInt(cents - loss(cents, unit)) * 100n,
        at: at + lag,
        description: memo({ party, kind, number: 1_000 + (n % 9_000) }, unit),
      });
    }
    if (fate >= lone && fate < 1 - lone) truth.add(`e${n} i${n}`);
  }
  return { external, internal, truth };
}

function amountOf(unit: Unit): number {
  const cents = Math.round(Math.exp(3 + unit() * 5) * 100);
  return unit() < 0.3 ? Math.ceil(cents / 10_000) * 10_000 : cents;
}

function lossOf(cents: number, unit: Unit): number {
  const kind = unit();
  if (kind < 0.5) return 0;
  return Math.round(cents * (kind < 0.75 ? 0.01 + unit() * 0.02 : (unit() - 0.5) * 0.02));
}

function memoOf(party: string, kind: string, unit: Unit): string {
  return unit() < 0.15 ? '' : `${party} ${kind}`.slice(0, 6 + Math.floor(unit() * 12));
}

function word(unit: Unit): string {
  return Array.from({ length: 2 + Math.floor(unit() * 2) }, () => SYLLABLES[Math.floor(unit() * SYLLABLES.length)]!).join('');
}
