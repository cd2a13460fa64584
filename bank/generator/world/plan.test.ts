import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventText, type Movement, type WorldEvent } from './event.ts';
import { planPopulation, type SeededWorld } from './population.ts';
import { planEvents, type Span } from './plan.ts';

const SPAN: Span = {
  fromMs: Date.parse('2026-09-01T00:00:00Z'),
  untilMs: Date.parse('2026-10-01T00:00:00Z'),
  fraudRate: 0.02,
  faultRate: 0.01,
};

function hashOf(events: Iterable<WorldEvent>): string {
  const hash = createHash('sha256');
  for (const event of events) hash.update(`${eventText(event)}\n`);
  return hash.digest('hex');
}

function movementsOf(world: SeededWorld, span: Span): Movement[] {
  return [...planEvents(world, span)].filter((event): event is Movement => event.kind === 'movement');
}

describe('the seeded world', () => {
  it('is the same byte for byte for the same seed, and another for another', () => {
    const first = hashOf(planEvents(planPopulation(11, 60), SPAN));
    expect(hashOf(planEvents(planPopulation(11, 60), SPAN))).toBe(first);
    expect(hashOf(planEvents(planPopulation(12, 60), SPAN))).not.toBe(first);
  });

  it('does not depend on how much of it is asked for: a shorter span is the beginning of a longer one', () => {
    const world = planPopulation(5, 40);
    const whole = [...planEvents(world, SPAN)].map(eventText);
    const short = [...planEvents(world, { ...SPAN, untilMs: Date.parse('2026-09-11T07:30:00Z') })].map(eventText);
    expect(short.length).toBeGreaterThan(500);
    expect(whole.slice(0, short.length)).toEqual(short);
  });

  it('is in order of time, inside its span, numbered without gaps', () => {
    const events = [...planEvents(planPopulation(3, 40), SPAN)];
    const times = events.map(({ at }) => at);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times[0]).toBeGreaterThanOrEqual(SPAN.fromMs);
    expect(times.at(-1)).toBeLessThan(SPAN.untilMs);
    const numbers = events.flatMap((event) => (event.kind === 'movement' ? [event.n] : []));
    expect(numbers).toEqual(numbers.map((_, index) => index));
  });

  it('never spends what an account has not', () => {
    const world = planPopulation(9, 60);
    const balance = world.accounts.map(({ opening }) => opening);
    const move = ({ account, counter, direction, amount }: Movement): void => {
      const signed = direction === 'CREDIT' ? amount : -amount;
      balance[account] = balance[account]! + signed;
      if (counter !== null) balance[counter] = balance[counter]! - signed;
      expect(amount > 0n && balance[account] >= -world.accounts[account]!.overdraftLimit).toBe(true);
    };
    for (const event of planEvents(world, SPAN)) {
      if (event.kind === 'movement' && event.status === 'posted') move(event);
      if (event.kind === 'resolution' && event.status === 'posted') move(event.of);
    }
  });

  it('has everything a bank sees in a month', () => {
    const seen = new Set(movementsOf(planPopulation(4, 150), SPAN).map(({ type, status }) => `${type} ${status}`));
    const wanted = ['PURCHASE posted', 'PURCHASE pending', 'PURCHASE failed', 'DEPOSIT posted', 'WITHDRAWAL posted', 'TRANSFER posted'];
    for (const kind of [...wanted, 'INVEST posted', 'REFUND posted', 'FEE posted', 'INTEREST posted']) expect(seen).toContain(kind);
  });

  it('pays and defrauds only inside a community, so communities can be written side by side', () => {
    const world = planPopulation(6, 200);
    expect(world.communities).toBe(8);
    const communityOf = (account: number): number => world.citizens[world.accounts[account]!.customer]!.community;
    for (const { account, counter } of movementsOf(world, SPAN))
      if (counter !== null) expect(communityOf(counter)).toBe(communityOf(account));
  });

  it('follows the day and the week: more at noon than at night, more on Saturday than on Monday', () => {
    const world = planPopulation(8, 150);
    const home = (account: number): number => world.citizens[world.accounts[account]!.customer]!.home;
    const purchases = movementsOf(world, { ...SPAN, fraudRate: 0, faultRate: 0 }).filter(
      ({ type, account, channel }) => type === 'PURCHASE' && channel === 'card' && home(account) === 0,
    );
    const local = purchases.map(({ at }) => new Date(at - 5 * 3_600_000));
    const hours = (from: number, to: number): number => local.filter((it) => it.getUTCHours() >= from && it.getUTCHours() < to).length;
    expect(hours(11, 14)).toBeGreaterThan(5 * hours(1, 5));
    const weekday = (day: number): number => local.filter((it) => it.getUTCDay() === day).length;
    expect(weekday(6)).toBeGreaterThan(weekday(1));
  });

  it('labels faults in the data, at about the rate asked for', () => {
    const movements = movementsOf(planPopulation(2, 150), SPAN);
    const faulty = movements.filter(({ fault }) => fault !== null);
    expect(faulty.length / movements.length).toBeGreaterThan(0.004);
    expect(faulty.length / movements.length).toBeLessThan(0.02);
    for (const { fault, at, eventAt } of faulty) {
      if (fault === 'late_arrival') expect(at - eventAt).toBeGreaterThanOrEqual(2 * 86_400_000);
      if (fault === 'future_event_time') expect(eventAt).toBeGreaterThan(at);
    }
  });
});
