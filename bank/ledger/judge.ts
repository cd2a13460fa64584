// The rules every movement obeys, in the documented order: unknown account, closed or frozen, currency, limit, funds.

import { moneyText, parseAmount, MONEY_MAX, type Money } from './money.ts';
import { refuse, type Refusal } from './refusal.ts';
import { availableOf, type AccountRow, type Leg, type LedgerState } from './state.ts';

/** Thrown inside a decision to end it; never leaves decide(). */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export function fail(...[code, message, field]: Parameters<typeof refuse>): never {
  throw new Refused(refuse(code, message, field));
}

/** The account, or unknown_account. */
export function accountOf(state: LedgerState, id: bigint, field: string): AccountRow {
  return state.accounts.get(id) ?? fail('unknown_account', `account ${id} does not exist`, field);
}

export function requireActive(account: AccountRow, field: string): void {
  if (account.status === 'closed') fail('account_closed', `account ${account.accountId} is closed`, field);
  if (account.status === 'frozen') fail('account_frozen', `account ${account.accountId} is frozen`, field);
}

export function requireCustomer(account: AccountRow, field: string): void {
  if (account.balance === null) fail('house_account', `account ${account.accountId} is a house account`, field);
}

export function requireCurrency(account: AccountRow, currency: string, field: string): void {
  if (account.currency !== currency)
    fail('currency_mismatch', `account ${account.accountId} is in ${account.currency}, not ${currency}`, field);
}

/** Refuses an amount that no currency could have: text, sign. What depends on the currency comes later, with amountIn. */
export function requireAmount(text: string, field = 'amount'): void {
  const parsed = parseAmount(text, Number.MAX_SAFE_INTEGER);
  if (!parsed.ok && (parsed.why === 'amount_invalid' || parsed.why === 'amount_not_positive'))
    fail(
      parsed.why,
      parsed.why === 'amount_invalid' ? `${text} is not an amount` : `the amount must be greater than zero, not ${text}`,
      field,
    );
}

/** The amount in a currency. */
export function amountIn(state: LedgerState, currency: string, text: string, field = 'amount'): Money {
  const digits = digitsOf(state, currency);
  const parsed = parseAmount(text, digits);
  if (parsed.ok) return parsed.money;
  const says = { amount_too_precise: `${text} has more fraction digits than ${currency} (${digits})` } as Readonly<Record<string, string>>;
  return fail(parsed.why, says[parsed.why] ?? `${text} is not an amount that the ledger can hold`, field);
}

export function digitsOf(state: LedgerState, currency: string): number {
  const known = state.currencies.get(currency);
  return known?.digits ?? fail('currency_not_enabled', `currency ${currency} is not enabled`, 'currency');
}

/** Limit and funds of every account that the legs touch, in their order. */
export function requireFunds(state: LedgerState, legs: readonly Leg[]): void {
  const moved = new Map<bigint, Money>();
  for (const { accountId, direction, amount } of legs)
    moved.set(accountId, (moved.get(accountId) ?? 0n) + (direction === 'CREDIT' ? amount : -amount));
  for (const [accountId, change] of moved) requireRoom(state.accounts.get(accountId)!, change);
  for (const [accountId, change] of moved) requireAvailable(state, state.accounts.get(accountId)!, change);
}

function requireRoom(account: AccountRow, change: Money): void {
  if (account.balance === null) return;
  const after = account.balance + change;
  if (after > MONEY_MAX || after < -MONEY_MAX)
    fail('amount_overflow', `the balance of account ${account.accountId} would be larger than the ledger can hold`, 'amount');
}

/** A debit needs available − amount ≥ −overdraft limit. */
export function requireAvailable(state: LedgerState, account: AccountRow, change: Money): void {
  if (account.balance === null || change >= 0n || availableOf(account) + change >= -account.overdraftLimit) return;
  const digits = state.currencies.get(account.currency)?.digits ?? 4;
  const has = `account ${account.accountId} has ${shown(availableOf(account), digits)} available`;
  const wanted = `${shown(-change, digits)} ${account.currency} wanted`;
  if (account.type === 'credit')
    fail('limit_exceeded', `${has} and a limit of ${shown(account.overdraftLimit, digits)}; ${wanted}`, 'amount');
  fail('insufficient_funds', `${has} and an overdraft limit of ${shown(account.overdraftLimit, digits)}; ${wanted}`, 'amount');
}

/** Money for people: with the currency's digits, or more where the value has them. */
export function shown(money: Money, digits: number): string {
  return money % 10n ** BigInt(4 - digits) === 0n ? moneyText(money, digits) : moneyText(money);
}
