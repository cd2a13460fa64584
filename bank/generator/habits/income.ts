// What comes in and goes out by the calendar: salary, rent, subscriptions, fees, interest, and the moving of own money.

import type { Random } from '../random.ts';
import type { Citizen } from '../world/citizens.ts';
import { inCurrency } from '../world/citizens.ts';
import type { Intent } from '../world/intent.ts';
import type { SeededWorld } from '../world/population.ts';
import { between, type LocalDay } from './clock.ts';

const INTEREST_MONTHLY_PPM = 1_500;
const FREELANCE_PAY_CHANCE = 0.12;
/** Day of the month on which the cashback of the months before is paid. */
const CASHBACK_DAY = 3;

export function moneyIn(random: Random, citizen: Citizen, day: LocalDay): Intent[] {
  const at = between(random, day, 2, 6);
  const pay = (amount: bigint, description: string): Intent => ({
    kind: 'intent', at, account: citizen.checking, type: 'DEPOSIT', amount, channel: 'transfer', description, short: 'skip',
  }); // prettier-ignore
  if (citizen.persona === 'freelancer') {
    if (!random.chance(FREELANCE_PAY_CHANCE)) return [];
    return [pay((citizen.income * BigInt(random.int(10, 45))) / 100n, `invoice ${random.int(1_000, 9_999)}`)];
  }
  if (day.dayOfMonth !== citizen.payday) return [];
  return [pay(citizen.income, citizen.persona === 'retired' ? 'pension' : citizen.persona === 'student' ? 'allowance' : 'salary')];
}

export function bills(random: Random, citizen: Citizen, day: LocalDay, { directory }: SeededWorld): Intent[] {
  const due: Intent[] = [];
  const pay = (shop: number, amount: bigint, description: string): void => {
    due.push({
      kind: 'intent', at: between(random, day, 6, 9), account: citizen.checking, type: 'PURCHASE', amount, shop, channel: 'online', description, short: 'decline',
    }); // prettier-ignore
  };
  if (day.dayOfMonth === citizen.rentDay) pay(directory.landlords[citizen.home]!, citizen.rent, 'rent');
  for (const { shop, amount, day: dueDay } of citizen.subscriptions)
    if (day.dayOfMonth === dueDay) pay(shop, amount, directory.shops[shop]!.name);
  return due;
}

/** The bank's own month: interest on the 1st, fee on the 2nd, cashback on the 3rd; what the customer moves between own accounts after payday. */
export function ownMoney(random: Random, citizen: Citizen, day: LocalDay): Intent[] {
  const { checking, savings, credit, investment, currency } = citizen;
  const move = (account: number, rest: Pick<Intent, 'type' | 'amount' | 'description' | 'channel'> & { counter?: number }): Intent => ({
    kind: 'intent', at: between(random, day, 7, 22), account, short: 'skip', ...rest,
  }); // prettier-ignore
  const moves: Intent[] = [];
  if (day.dayOfMonth === 1 && savings !== null)
    moves.push(
      move(savings, { type: 'INTEREST', amount: { ppm: INTEREST_MONTHLY_PPM }, description: 'monthly interest', channel: 'system' }),
    );
  if (day.dayOfMonth === 2 && savings === null)
    moves.push(move(checking, { type: 'FEE', amount: inCurrency(currency, 350), description: 'account fee', channel: 'system' }));
  if (day.dayOfMonth === CASHBACK_DAY)
    for (const account of credit === null ? [checking] : [checking, credit])
      moves.push(move(account, { type: 'CASHBACK', amount: 'cashback', description: 'cashback', channel: 'system' }));
  if (day.dayOfMonth === citizen.payday && citizen.persona !== 'freelancer') {
    const own = { channel: 'online' as const };
    if (savings !== null)
      moves.push(move(checking, { ...own, type: 'TRANSFER', amount: { ppm: 120_000 }, counter: savings, description: 'to savings' }));
    if (investment !== null)
      moves.push(move(checking, { ...own, type: 'INVEST', amount: { ppm: 80_000 }, counter: investment, description: 'to investments' }));
  }
  if (credit !== null && day.dayOfMonth === ((citizen.payday + 2) % 28) + 1)
    moves.push(
      move(checking, { type: 'TRANSFER', amount: { ppm: 250_000 }, counter: credit, description: 'card repayment', channel: 'online' }),
    );
  return moves;
}
