// Decisions of refunds and reversals: new transactions with the posted legs swapped, never recomputed.

import type { CommandOf } from './commands.ts';
import type { Effects, Posting } from './effects.ts';
import { idJson } from './json.ts';
import { accountOf, amountIn, digitsOf, fail, requireActive, requireAmount, requireFunds, shown } from './judge.ts';
import { aboutColumns, opposite, posted } from './movements.ts';
import type { LedgerState, OriginalRow } from './state.ts';

const REFUNDABLE = new Set(['PURCHASE', 'FEE']);
const NEVER_REVERSED = new Set(['REVERSAL', 'REFUND', 'CHARGEBACK', 'OPENING', 'TRADE']);

/** Part of a purchase or fee, or what is left of it. */
export function decideRefund(state: LedgerState, command: CommandOf<'refund'>): Effects {
  if (command.amount !== undefined) requireAmount(command.amount);
  const original = originalOf(state, command.transaction_id);
  const account = accountOf(state, original.accountId, 'transaction_id');
  const columns = aboutColumns(state, command);
  requireActive(account, 'transaction_id');
  const asked = command.amount === undefined ? undefined : amountIn(state, original.currency, command.amount);
  if (!REFUNDABLE.has(original.type) || original.status !== 'posted' || original.legs.length !== 2)
    fail(
      'not_returnable',
      `transaction ${original.transactionId} is a ${original.status} ${original.type}, not a posted purchase or fee`,
      'transaction_id',
    );
  if (original.reversed) fail('already_reversed', `transaction ${original.transactionId} has been reversed`, 'transaction_id');
  const left = original.amount - original.returned;
  const amount = asked ?? left;
  if (amount > left || amount === 0n) {
    const digits = digitsOf(state, original.currency);
    fail('return_exceeds_original', `${shown(left, digits)} of ${shown(original.amount, digits)} can still be returned`, 'amount');
  }
  const posting: Posting = {
    ...swapped(original, 'REFUND'),
    ...columns,
    amount,
    merchantId: original.merchantId,
    referenceId: original.transactionId,
  };
  const refund = { ...posting, legs: posting.legs.map((leg) => ({ ...leg, amount })) };
  requireFunds(state, refund.legs);
  const effects = posted([refund], account, { reference_id: idJson(original.transactionId) });
  return { ...effects, returns: [{ transactionId: original.transactionId, amount }] };
}

/** The whole transaction, and with it the others of the same exchange. */
export function decideReversal(state: LedgerState, command: CommandOf<'reversal'>): Effects {
  const original = originalOf(state, command.transaction_id);
  const all = [original, ...original.linked.map((each) => state.originals.get(each.transactionId) ?? each)];
  const account = accountOf(state, original.accountId, 'transaction_id');
  const columns = aboutColumns(state, command);
  for (const { legs } of all)
    for (const { accountId } of legs) requireActive(accountOf(state, accountId, 'transaction_id'), 'transaction_id');
  for (const each of all) requireReversible(each);
  const postings = all.map((each): Posting => {
    return {
      ...swapped(each, 'REVERSAL'),
      ...columns,
      merchantId: each.merchantId,
      referenceId: each.transactionId,
      reversalOf: each.transactionId,
    };
  });
  requireFunds(state, postings.flatMap(({ legs }) => legs)); // prettier-ignore
  const effects = posted(postings, account, { reversal_of: idJson(original.transactionId) });
  return { ...effects, returns: all.map(({ transactionId }) => ({ transactionId, amount: null })) };
}

function requireReversible(original: OriginalRow): void {
  const { transactionId, type, status } = original;
  if (NEVER_REVERSED.has(type) || status !== 'posted')
    fail('not_returnable', `transaction ${transactionId} is a ${status} ${type} and cannot be reversed`, 'transaction_id');
  if (original.reversed) fail('already_reversed', `transaction ${transactionId} has been reversed`, 'transaction_id');
  if (original.returned > 0n) fail('return_exceeds_original', `part of transaction ${transactionId} has been returned`, 'transaction_id');
}

function originalOf(state: LedgerState, id: bigint): OriginalRow {
  return state.originals.get(id) ?? fail('unknown_transaction', `transaction ${id} does not exist`, 'transaction_id');
}

function swapped(original: OriginalRow, type: string): Omit<Posting, 'deviceId' | 'channel' | 'description' | 'effectiveAt' | 'metadata'> {
  const { accountId, customerId, counterId, amount, currency } = original;
  return {
    type,
    accountId,
    customerId,
    counterId,
    direction: opposite(original.direction),
    amount,
    currency,
    legs: original.legs.map((leg) => ({ ...leg, direction: opposite(leg.direction) })),
    referenceId: null,
    reversalOf: null,
    merchantId: null,
  };
}
