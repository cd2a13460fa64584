// Why a row is not settled. Every row that no match has taken is in exactly one break.

import { AmountIndex, type Reach } from './candidates.ts';
import { groupBy } from '../../../infra/runtime/group-by.ts';
import type { Suggestion } from './fuzzy.ts';
import type { Break, BreakReason } from './match.ts';
import type { OpenRows } from './open-rows.ts';
import { sayingOf, type Prepared } from './prepared.ts';
import type { UnsureSums } from './groups.ts';
import { type RuleSet, unitsOf } from './rule-set.ts';
import { sizeOf } from './row.ts';
import { lagDays, withinWindow } from './score.ts';
import { tokenLikeness } from './text.ts';

/** How alike two descriptions must be for a row to be named as the reason of another one's break. */
const ALIKE_MIN = 0.6;
/** The same where the amounts differ too, which speaks against them. */
const ALIKE_OTHER_AMOUNT_MIN = 0.8;

/** What was found and is not certain. */
export interface Unsettled {
  readonly suggestions: readonly Suggestion[];
  readonly unsure: readonly UnsureSums[];
}

export class BreakBook {
  readonly breaks: Break[] = [];
  private readonly open: OpenRows;
  private readonly rules: RuleSet;

  constructor(open: OpenRows, rules: RuleSet) {
    this.open = open;
    this.rules = rules;
  }

  /** Rows of one side with the same number and content: all but the first, before anything is matched. */
  repeated(): void {
    for (const side of ['external', 'internal'] as const) {
      for (const rows of groupBy(this.open[side], contentOf).values()) {
        for (const row of rows.slice(1)) this.add('duplicate', [row], `the number ${row.row.id} and all else occur ${rows.length} times`);
      }
    }
  }

  /** External rows that name, by a pattern, a number that a settled row of the same amount has named: booked twice, and no other row's partner. */
  namedTwice(settled: readonly Prepared[]): void {
    if (this.rules.idPatterns.length === 0) return;
    const naming = ({ key, row }: Prepared): string => `${key} ${row.currency} ${row.amount}`;
    const first = groupBy(
      settled.filter(({ side, key }) => side === 'external' && key !== ''),
      naming,
    );
    for (const row of this.open.external) {
      const twin = first.get(naming(row))?.[0];
      if (twin !== undefined) this.add('duplicate', [row], `names the number that ${twin.row.id} names, which is settled`);
    }
  }

  /** What is left when everything has been matched, the likeliest reason first. */
  explain({ suggestions, unsure }: Unsettled, settled: readonly Prepared[], dueUntil: number): void {
    this.sameNumber();
    for (const { rows, why } of unsure) if (rows.every((row) => this.open.isOpen(row))) this.add('ambiguous', rows, why);
    this.duplicatesOf(settled);
    for (const suggestion of suggestions) this.suggested(suggestion);
    this.nearMisses(dueUntil);
    for (const row of this.open.external) this.add('missing_internal', [row], 'no internal row fits');
    for (const row of this.open.internal) this.add('missing_external', [row], 'no external row fits');
  }

  /** Rows that name each other and differ. */
  private sameNumber(): void {
    const internal = groupBy(this.open.internal, ({ key }) => key);
    for (const row of this.open.external) {
      const named = row.key === '' ? undefined : internal.get(row.key)?.find((candidate) => this.open.isOpen(candidate));
      if (named !== undefined)
        this.add(differenceOf(row, named), [row, named], `both are number ${named.row.id}; ${differences(row, named)}`);
    }
  }

  /** Rows that say what a settled one says: booked twice. Ours have numbers of their own: like words and amounts alone do not make two of them one. */
  private duplicatesOf(settled: readonly Prepared[]): void {
    for (const side of ['external', 'internal'] as const) {
      const first = groupBy(
        settled.filter((row) => row.side === side),
        sayingOf,
      );
      for (const row of this.open[side].filter(({ reference }) => side === 'external' || reference !== '')) {
        const twin = first.get(sayingOf(row))?.find((candidate) => this.mayBeTwice(row, candidate));
        if (twin !== undefined) this.add('duplicate', [row], `says what ${twin.row.id} says, which is settled`);
      }
    }
  }

  /** Booked twice within the window; where the value date is our day, both bookings have it. */
  private mayBeTwice(row: Prepared, settled: Prepared): boolean {
    const { dateBy, window } = this.rules;
    return Math.abs(lagDays(row, settled)) <= window.afterDays && (dateBy === 'booked' || row.dated === settled.dated);
  }

  private suggested({ external, internal, score, components, margin, verdict, why: made }: Suggestion): void {
    if (!this.open.isOpen(external) || !this.open.isOpen(internal)) return;
    const pair = [external, internal];
    if (verdict === 'ambiguous') return this.add('ambiguous', pair, 'another pair of these rows scores the same', { score, components });
    const next = margin === null ? '' : `; the next best pair is ${(-margin).toFixed(4)} away`;
    const found = made ?? `score ${score.toFixed(4)}`;
    const why = `${found} is not enough to confirm it${next}; ${differences(external, internal)}`;
    this.add(differenceOf(external, internal), pair, why, { score, components });
  }

  /** Rows that speak of the same but miss a gate; an internal one that may still get a row of its own is left to it, unless the value date ties them. */
  private nearMisses(dueUntil: number): void {
    const { nearMiss } = this.rules;
    const percent = unitsOf(nearMiss.amountPercent);
    const reach: Reach = {
      beforeDays: nearMiss.days,
      afterDays: nearMiss.days,
      sizes: (size) => ({ from: size - (size * percent) / 1_000_000n, to: size + (size * percent) / 1_000_000n }),
    };
    const index = new AmountIndex(this.open.internal.filter(({ at }) => this.rules.dateBy === 'value' || at < dueUntil));
    for (const row of this.open.external) {
      const near = this.bestNear(row, index, reach);
      if (near !== null) this.add(differenceOf(row, near), [row, near], differences(row, near));
    }
  }

  /** The one open row that says the same and differs in amount or in date, not in both; null when two are equally near. */
  private bestNear(row: Prepared, index: AmountIndex, reach: Reach): Prepared | null {
    let best: { readonly row: Prepared; readonly cost: number } | null = null;
    let equal = false;
    for (const candidate of index.near(row, reach)) {
      const lag = lagDays(row, candidate);
      const [late, other] = [!withinWindow(lag, this.rules.window), candidate.row.amount !== row.row.amount];
      const dated = this.rules.dateBy === 'booked' || row.dated === candidate.dated;
      if (
        !this.open.isOpen(candidate) ||
        (late && other) ||
        !dated ||
        !saysTheSame(row, candidate, other ? ALIKE_OTHER_AMOUNT_MIN : ALIKE_MIN)
      )
        continue;
      const cost = Math.abs(lag) + (100 * Number(sizeOf(row.row.amount - candidate.row.amount))) / Number(sizeOf(row.row.amount) + 1n);
      equal = best !== null && Math.abs(cost - best.cost) < 1e-9;
      if (best === null || cost < best.cost) best = { row: candidate, cost };
    }
    return equal ? null : (best?.row ?? null);
  }

  private add(reason: BreakReason, rows: readonly Prepared[], why: string, scored: Pick<Break, 'score' | 'components'> = UNSCORED): void {
    for (const row of rows) this.open.setAside(row);
    const of = (side: Prepared['side']) => rows.filter((row) => row.side === side).map(({ row }) => row);
    this.breaks.push({ reason, external: of('external'), internal: of('internal'), ...scored, why });
  }
}

const UNSCORED = { score: null, components: null } as const;

function contentOf({ row }: Prepared): string {
  return JSON.stringify([row.id, String(row.amount), row.currency, row.at, row.reference, row.description]);
}

function saysTheSame(one: Prepared, other: Prepared, alikeMin: number): boolean {
  if (one.reference !== '' && one.reference === other.reference) return true;
  return one.tokens.length > 0 && other.tokens.length > 0 && tokenLikeness(one.tokens, other.tokens) >= alikeMin;
}

function differenceOf(external: Prepared, internal: Prepared): BreakReason {
  if (external.row.currency !== internal.row.currency) return 'currency';
  return external.row.amount === internal.row.amount ? 'date' : 'amount';
}

function differences(external: Prepared, internal: Prepared): string {
  const { row } = external;
  if (row.currency !== internal.row.currency) return `the currency is ${row.currency}, not ${internal.row.currency}`;
  const found: string[] = [];
  if (row.amount !== internal.row.amount) found.push(`the amount differs by ${unitsText(row.amount - internal.row.amount)}`);
  const lag = lagDays(external, internal);
  if (lag !== 0) found.push(`the external row is ${Math.abs(lag).toFixed(2)} days ${lag > 0 ? 'later' : 'earlier'}`);
  return found.length === 0 ? 'amount and time are equal' : found.join(', ');
}

/** Ten-thousandths as decimal text. */
export function unitsText(units: bigint): string {
  const text = String(sizeOf(units)).padStart(5, '0');
  return `${units < 0n ? '-' : ''}${text.slice(0, -4)}.${text.slice(-4)}`;
}
