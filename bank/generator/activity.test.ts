import { describe, expect, it } from 'vitest';
import { planActivity, type Step } from './activity.ts';
import { moneyText } from './write/text.ts';
import { planWorld, type World } from './world.ts';

const SIZE = { customers: 12, merchants: 20 };

function take(world: World, seed: number, count: number): Step[] {
  const steps = planActivity(world, seed, 0, 1);
  return Array.from({ length: count }, () => steps.next().value);
}

describe('the seeded world', () => {
  it('is the same for the same seed and another for another', () => {
    expect(planWorld(7, SIZE)).toEqual(planWorld(7, SIZE));
    expect(planWorld(7, SIZE)).not.toEqual(planWorld(8, SIZE));
    const world = planWorld(7, SIZE);
    expect(take(world, 7, 300)).toEqual(take(world, 7, 300));
    expect(take(world, 7, 300)).not.toEqual(take(world, 8, 300));
  });

  it('has two accounts a customer and every kind of movement', () => {
    const world = planWorld(1, SIZE);
    expect(world.accounts).toHaveLength(24);
    const steps = take(world, 1, 2_000);
    const kinds = new Set(steps.map((step) => (step.kind === 'resolution' ? `resolved ${step.status}` : `${step.type} ${step.status}`)));
    for (const kind of [
      'PURCHASE posted',
      'PURCHASE pending',
      'PURCHASE failed',
      'DEPOSIT posted',
      'TRANSFER posted',
      'REFUND posted',
      'FEE posted',
      'WITHDRAWAL posted',
      'resolved posted',
      'resolved failed',
    ]) {
      expect(kinds).toContain(kind);
    }
  });

  it('never plans a debit beyond what an account has', () => {
    const world = planWorld(3, SIZE);
    const room = world.accounts.map((account) => account.opening + account.overdraftLimit);
    const pending = new Map<number, { account: number; amount: bigint }>();
    for (const step of take(world, 3, 5_000)) {
      if (step.kind === 'resolution') {
        const { account, amount } = pending.get(step.of)!;
        if (step.status === 'failed') room[account] = room[account]! + amount;
        continue;
      }
      if (step.status === 'failed') continue;
      if (step.status === 'pending') pending.set(step.sequence, step);
      const credit = ['DEPOSIT', 'REFUND', 'INTEREST', 'CASHBACK'].includes(step.type);
      room[step.account] = room[step.account]! + (credit ? step.amount : -step.amount);
      if (step.counter !== undefined) room[step.counter] = room[step.counter]! + step.amount;
      expect(room[step.account]! >= 0n && step.amount > 0n).toBe(true);
    }
  });

  it('gives every shard customers of its own', () => {
    const world = planWorld(5, SIZE);
    const owners = [0, 1, 2].map((shard) => {
      const steps = planActivity(world, 5, shard, 3);
      const accounts = Array.from({ length: 200 }, () => steps.next().value).flatMap((step) =>
        step.kind === 'movement' ? [step.account] : [],
      );
      return new Set(accounts.map((account) => world.accounts[account]!.customer % 3));
    });
    expect(owners).toEqual([new Set([0]), new Set([1]), new Set([2])]);
  });

  it('writes minor units as decimals', () => {
    expect([0n, 5n, 100n, 123_456n, -250n].map(moneyText)).toEqual(['0.00', '0.05', '1.00', '1234.56', '-2.50']);
  });
});
