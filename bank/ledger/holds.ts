// Decisions of two-phase money: authorise reserves at once; capture, void and expiry resolve a hold, one of them and once.

import type { CommandOf } from './commands.ts';
import type { Effects } from './effects.ts';
import { idJson } from './json.ts';
import {
  accountOf,
  amountIn,
  digitsOf,
  fail,
  requireActive,
  requireAmount,
  requireAvailable,
  requireCurrency,
  requireCustomer,
  shown,
} from './judge.ts';
import type { Money } from './money.ts';
import { aboutColumns, houseOf, posted, twoLegs } from './movements.ts';
import { availableOf, HOUSE, isoTime, type HoldRow, type LedgerState } from './state.ts';

export function decideAuthorise(state: LedgerState, command: CommandOf<'authorise'>): Effects {
  requireAmount(command.amount);
  const account = accountOf(state, command.account_id, 'account_id');
  const columns = aboutColumns(state, command);
  requireCustomer(account, 'account_id');
  requireActive(account, 'account_id');
  requireCurrency(account, command.currency ?? account.currency, 'currency');
  const amount = amountIn(state, account.currency, command.amount);
  requireAvailable(state, account, -amount);
  const expiresAt = addSeconds(state.now, command.expires_in_seconds);
  const { accountId, customerId, currency } = account;
  const hold = { accountId, customerId, amount, currency, expiresAt, ...columns };
  const body: Effects['body'] = (after) => {
    const digits = digitsOf(after, currency);
    return {
      status: 'authorised',
      account_id: idJson(accountId),
      amount: shown(amount, digits),
      currency,
      available: shown(availableOf(after.accounts.get(accountId)!), digits),
      expires_at: isoTime(expiresAt),
      created_at: isoTime(after.now),
    };
  };
  return { postings: [], hold, status: 201, body };
}

/** Posts the hold or part of it as a purchase; the held money counts as available for it, the rest is released. */
export function decideCapture(state: LedgerState, command: CommandOf<'capture'>): Effects {
  if (command.amount !== undefined) requireAmount(command.amount);
  const hold = holdOf(state, command.hold_id);
  const account = accountOf(state, hold.accountId, 'hold_id');
  const columns = { ...aboutColumns(state, command), merchantId: hold.merchantId };
  requireActive(account, 'hold_id');
  const amount = command.amount === undefined ? hold.amount : amountIn(state, hold.currency, command.amount);
  requireOpen(hold);
  if (hold.expiresAt <= state.now) fail('hold_expired', `hold ${hold.holdId} expired at ${isoTime(hold.expiresAt)}`, 'hold_id');
  const digits = digitsOf(state, hold.currency);
  if (amount > hold.amount)
    fail('capture_exceeds_hold', `hold ${hold.holdId} is of ${shown(hold.amount, digits)} ${hold.currency}`, 'amount');
  requireAvailable(state, { ...account, held: account.held - hold.amount }, -amount);
  const house = houseOf(state, account.currency, HOUSE.settlement);
  const posting = twoLegs(account, house, { type: 'PURCHASE', direction: 'DEBIT', amount }, columns);
  const effects = posted([posting], account, { hold_id: idJson(hold.holdId), released: shown(hold.amount - amount, digits) });
  return { ...effects, resolution: resolve(hold, 'captured', amount) };
}

/** Releases the hold; also of a frozen account, whose owner loses nothing by it. */
export function decideVoid(state: LedgerState, command: CommandOf<'void'>): Effects {
  const hold = holdOf(state, command.hold_id);
  requireOpen(hold);
  return released(state, hold, 'voided');
}

/** What the expiry job does with a hold whose time has come. */
export function decideExpiry(state: LedgerState, holdId: bigint): Effects {
  const hold = holdOf(state, holdId);
  requireOpen(hold);
  if (hold.expiresAt > state.now) fail('malformed_request', `hold ${holdId} is good until ${isoTime(hold.expiresAt)}`, 'hold_id');
  return released(state, hold, 'expired');
}

function released(state: LedgerState, hold: HoldRow, outcome: 'voided' | 'expired'): Effects {
  const digits = digitsOf(state, hold.currency);
  const body: Effects['body'] = (after) => ({
    status: outcome,
    hold_id: idJson(hold.holdId),
    account_id: idJson(hold.accountId),
    released: shown(hold.amount, digits),
    currency: hold.currency,
    available: shown(availableOf(after.accounts.get(hold.accountId)!), digits),
    created_at: isoTime(after.now),
  });
  return { postings: [], resolution: resolve(hold, outcome, 0n), status: 200, body };
}

function resolve(hold: HoldRow, outcome: 'captured' | 'voided' | 'expired', captured: Money) {
  return { holdId: hold.holdId, accountId: hold.accountId, outcome, released: hold.amount, captured };
}

function holdOf(state: LedgerState, id: bigint): HoldRow {
  return state.holds.get(id) ?? fail('unknown_hold', `hold ${id} does not exist`, 'hold_id');
}

function requireOpen(hold: HoldRow): void {
  if (hold.resolution !== null) fail('hold_resolved', `hold ${hold.holdId} is ${hold.resolution}`, 'hold_id');
}

/** Microseconds are kept: the time stays comparable as text. */
function addSeconds(sql: string, seconds: number): string {
  const whole = new Date(`${sql.slice(0, 19).replace(' ', 'T')}Z`).getTime() + seconds * 1_000;
  return `${new Date(whole).toISOString().slice(0, 19).replace('T', ' ')}${sql.slice(19)}`;
}
