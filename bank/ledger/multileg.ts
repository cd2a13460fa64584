// Decisions of movements with more than two legs, and of exchanges: per currency the debits equal the credits.

import type { CommandOf } from './commands.ts';
import type { Effects, Posting } from './effects.ts';
import {
  accountOf,
  amountIn,
  digitsOf,
  fail,
  requireActive,
  requireAmount,
  requireCurrency,
  requireCustomer,
  requireFunds,
  shown,
} from './judge.ts';
import { splitByWeights, timesRate, type Money } from './money.ts';
import { aboutColumns, houseOf, posted, twoLegs, type About } from './movements.ts';
import { HOUSE, type AccountRow, type Direction, type LedgerState } from './state.ts';

type Multileg = CommandOf<'multileg'>;
type Form<F extends Multileg['form']> = Extract<Multileg, { form: F }>;

export function decideMultileg(state: LedgerState, command: Multileg): Effects {
  switch (command.form) {
    case 'legs':
      return decideLegs(state, command);
    case 'split':
      return decideSplit(state, command);
    case 'allotment':
      return decideAllotment(state, command);
    case 'transfer_with_fee':
      return decideTransferWithFee(state, command);
    case 'exchange':
      return decideExchange(state, command);
  }
}

interface Side {
  readonly account: AccountRow;
  readonly direction: Direction;
  readonly amount: Money;
}

function decideLegs(state: LedgerState, command: Form<'legs'>): Effects {
  command.legs.forEach(({ amount }, index) => requireAmount(amount, `legs.${index}.amount`));
  requireDistinct(command.legs.map(({ account_id: id }) => id), 'legs'); // prettier-ignore
  const accounts = command.legs.map(({ account_id: id }, index) => accountOf(state, id, `legs.${index}.account_id`));
  const { currency } = accounts[0]!;
  requireUsable(accounts, currency, 'legs');
  const sides = command.legs.map(({ direction, amount }, index) => {
    return { account: accounts[index]!, direction, amount: amountIn(state, currency, amount, `legs.${index}.amount`) };
  });
  const sum = sides.reduce((total, { direction, amount }) => total + (direction === 'CREDIT' ? amount : -amount), 0n);
  if (sum !== 0n) fail('unbalanced_legs', `credits less debits are ${shown(sum, digitsOf(state, currency))} ${currency}`, 'legs');
  return postSides(state, sides, command);
}

function decideSplit(state: LedgerState, command: Form<'split'>): Effects {
  requireAmount(command.amount);
  const { payer, payees } = partiesOf(state, command, command.shares, 'shares');
  const amount = amountIn(state, payer.currency, command.amount);
  const weights = command.shares.map(({ weight }) => BigInt(weight));
  const parts = splitByWeights(amount, weights, digitsOf(state, payer.currency));
  const sides = payees.map((account, index): Side => ({ account, direction: 'CREDIT', amount: parts[index]! }));
  const moving = sides.filter((side) => side.amount > 0n); // a share below the smallest unit gets nothing
  return postSides(state, [{ account: payer, direction: 'DEBIT', amount }, ...moving], command);
}

function decideAllotment(state: LedgerState, command: Form<'allotment'>): Effects {
  requireAmount(command.amount);
  command.parts.forEach(({ amount }, index) => requireAmount(amount, `parts.${index}.amount`));
  const rest = command.rest_account_id;
  const named = rest === undefined ? command.parts : [...command.parts, { account_id: rest }];
  const { payer, payees } = partiesOf(state, command, named, 'parts');
  const amount = amountIn(state, payer.currency, command.amount);
  const sides = command.parts.map((part, index): Side => {
    return { account: payees[index]!, direction: 'CREDIT', amount: amountIn(state, payer.currency, part.amount, `parts.${index}.amount`) };
  });
  const left = amount - sides.reduce((sum, side) => sum + side.amount, 0n);
  if (left < 0n || (left > 0n && rest === undefined)) {
    const digits = digitsOf(state, payer.currency);
    fail('unbalanced_legs', `the parts leave ${shown(left, digits)} of ${shown(amount, digits)}`, left < 0n ? 'parts' : 'rest_account_id');
  }
  if (left > 0n) sides.push({ account: payees.at(-1)!, direction: 'CREDIT', amount: left });
  return postSides(state, [{ account: payer, direction: 'DEBIT', amount }, ...sides], command);
}

function decideTransferWithFee(state: LedgerState, command: Form<'transfer_with_fee'>): Effects {
  requireAmount(command.amount);
  requireAmount(command.fee, 'fee');
  requireDistinct([command.from_account_id, command.to_account_id], 'to_account_id');
  const from = accountOf(state, command.from_account_id, 'from_account_id');
  const to = accountOf(state, command.to_account_id, 'to_account_id');
  requireCustomer(from, 'from_account_id');
  requireCustomer(to, 'to_account_id');
  requireUsable([from, to], from.currency, 'to_account_id');
  const amount = amountIn(state, from.currency, command.amount);
  const fee = amountIn(state, from.currency, command.fee, 'fee');
  const sides: Side[] = [
    { account: from, direction: 'DEBIT', amount: amount + fee },
    { account: to, direction: 'CREDIT', amount },
    { account: houseOf(state, from.currency, HOUSE.fees), direction: 'CREDIT', amount: fee },
  ];
  return postSides(state, sides, command);
}

/** Two linked transactions, one per currency, against the FX house accounts; the arriving amount is floored, in favour of the house. */
function decideExchange(state: LedgerState, command: Form<'exchange'>): Effects {
  requireAmount(command.amount);
  if (command.fee !== undefined) requireAmount(command.fee, 'fee');
  requireDistinct([command.from_account_id, command.to_account_id], 'to_account_id');
  const from = accountOf(state, command.from_account_id, 'from_account_id');
  const to = accountOf(state, command.to_account_id, 'to_account_id');
  const columns = aboutColumns(state, { ...command, metadata: { ...command.metadata, rate: command.rate } });
  requireCustomer(from, 'from_account_id');
  requireCustomer(to, 'to_account_id');
  requireActive(from, 'from_account_id');
  requireActive(to, 'to_account_id');
  if (from.currency === to.currency)
    fail('currency_mismatch', `both accounts are in ${from.currency}: nothing to exchange`, 'to_account_id');
  const amount = amountIn(state, from.currency, command.amount);
  const digits = digitsOf(state, to.currency);
  const arriving = timesRate(amount, command.rate, { digits, rounding: 'floor' });
  if (arriving <= 0n)
    fail('amount_not_positive', `${command.amount} ${from.currency} at ${command.rate} is less than the smallest ${to.currency}`, 'amount');
  const leave = twoLegs(from, houseOf(state, from.currency, HOUSE.fx), { type: 'FX', direction: 'DEBIT', amount }, columns);
  const arrive = twoLegs(to, houseOf(state, to.currency, HOUSE.fx), { type: 'FX', direction: 'CREDIT', amount: arriving }, columns);
  const postings: Posting[] = [leave, { ...arrive, referenceId: 'first' }];
  if (command.fee !== undefined) {
    const fee = amountIn(state, from.currency, command.fee, 'fee');
    const house = houseOf(state, from.currency, HOUSE.fees);
    postings.push({ ...twoLegs(from, house, { type: 'FEE', direction: 'DEBIT', amount: fee }, columns), referenceId: 'first' });
  }
  requireFunds(state, postings.flatMap(({ legs }) => legs)); // prettier-ignore
  return posted(postings, from, {
    to_account_id: Number(to.accountId),
    to_amount: shown(arriving, digits),
    to_currency: to.currency,
    rate: command.rate,
  });
}

interface Paying extends About {
  readonly account_id: bigint;
  readonly currency?: string | undefined;
}

function partiesOf(state: LedgerState, command: Paying, named: readonly { readonly account_id: bigint }[], field: string) {
  requireDistinct([command.account_id, ...named.map(({ account_id: id }) => id)], field);
  const payer = accountOf(state, command.account_id, 'account_id');
  const payees = named.map(({ account_id: id }, index) => accountOf(state, id, `${field}.${index}.account_id`));
  requireUsable([payer, ...payees], command.currency ?? payer.currency, field);
  return { payer, payees };
}

function requireDistinct(ids: readonly bigint[], field: string): void {
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) fail('same_account', `account ${twice} is named twice`, field);
}

function requireUsable(accounts: readonly AccountRow[], currency: string, field: string): void {
  for (const account of accounts) requireActive(account, field);
  for (const account of accounts) requireCurrency(account, currency, field);
}

/** One transaction of all sides. Its own account is that of the first debit, its amount the sum of the debits. */
function postSides(state: LedgerState, sides: readonly Side[], about: About): Effects {
  const own = sides.findIndex(({ direction }) => direction === 'DEBIT');
  if (own < 0) fail('unbalanced_legs', 'there is no debit', 'legs');
  const counter = sides.findIndex(({ direction }) => direction === 'CREDIT');
  const [first, second] = [sides[own]!, sides[counter]!];
  const others = sides.filter((_, index) => index !== own && index !== counter);
  const amount = sides.reduce((sum, side) => sum + (side.direction === 'DEBIT' ? side.amount : 0n), 0n);
  const columns = aboutColumns(state, about);
  const legs = [first, second, ...others].map((side) => ({
    accountId: side.account.accountId,
    direction: side.direction,
    amount: side.amount,
  }));
  const posting = { ...twoLegs(first.account, second.account, { type: 'TRANSFER', direction: 'DEBIT', amount }, columns), legs };
  requireFunds(state, posting.legs);
  const digits = digitsOf(state, posting.currency);
  const told = legs.map((leg) => ({ account_id: Number(leg.accountId), direction: leg.direction, amount: shown(leg.amount, digits) }));
  return posted([posting], first.account, { legs: told });
}
