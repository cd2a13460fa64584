// The heart: state and command in, effects or a refusal out. Pure; the same for one command, a group, a batch and a dry run.

import type { CommandOf, LedgerCommand } from './commands.ts';
import type { Effects } from './effects.ts';
import { decideAuthorise, decideCapture, decideExpiry, decideVoid } from './holds.ts';
import { idJson } from './json.ts';
import { accountOf, fail, Refused, requireCustomer } from './judge.ts';
import { decideOnAccount, decideTransfer } from './movements.ts';
import { decideMultileg } from './multileg.ts';
import type { Refusal } from './refusal.ts';
import { decideRefund, decideReversal } from './returns.ts';
import { decideTrade } from './trades.ts';
import { isoTime, type AccountRow, type AccountStatus, type LedgerState } from './state.ts';

export type Decision = { readonly effects: Effects } | { readonly refusal: Refusal };

export function decide(state: LedgerState, command: LedgerCommand): Decision {
  try {
    return { effects: effectsOf(state, command) };
  } catch (error) {
    if (error instanceof Refused) return { refusal: error.refusal };
    throw error;
  }
}

function effectsOf(state: LedgerState, command: LedgerCommand): Effects {
  switch (command.operation) {
    case 'deposit':
    case 'withdraw':
    case 'fee':
    case 'purchase':
      return decideOnAccount(state, command);
    case 'transfer':
      return decideTransfer(state, command);
    case 'multileg':
      return decideMultileg(state, command);
    case 'refund':
      return decideRefund(state, command);
    case 'reversal':
      return decideReversal(state, command);
    case 'trade':
      return decideTrade(state, command);
    case 'authorise':
      return decideAuthorise(state, command);
    case 'capture':
      return decideCapture(state, command);
    case 'void':
      return decideVoid(state, command);
    case 'expire':
      return decideExpiry(state, command.hold_id);
    case 'freeze':
    case 'unfreeze':
    case 'close':
    case 'reopen':
      return decideStatus(state, command);
  }
}

const TARGETS = { freeze: 'frozen', unfreeze: 'active', close: 'closed', reopen: 'active' } as const satisfies Readonly<
  Record<string, AccountStatus>
>;

/** Asking for the status that is already there is answered and changes nothing. */
function decideStatus(state: LedgerState, command: CommandOf<keyof typeof TARGETS>): Effects {
  const account = accountOf(state, command.account_id, 'account_id');
  requireCustomer(account, 'account_id');
  const to = TARGETS[command.operation];
  requireChange(account, command.operation, to);
  const body = () => ({ account_id: idJson(account.accountId), status: to, changed: from !== to, created_at: isoTime(state.now) });
  const from = account.status;
  const reason = command.reason ?? null;
  return { postings: [], status: 200, body, ...(from === to ? {} : { statusChange: { accountId: account.accountId, from, to, reason } }) };
}

function requireChange(account: AccountRow, operation: keyof typeof TARGETS, to: AccountStatus): void {
  const { accountId, status } = account;
  if (status === to) return;
  if (status === 'closed' && operation !== 'reopen') fail('account_closed', `account ${accountId} is closed`, 'account_id');
  if (status === 'frozen' && operation !== 'unfreeze') fail('account_frozen', `account ${accountId} is frozen`, 'account_id');
  if (to === 'closed' && (account.balance !== 0n || account.held !== 0n))
    fail('account_not_empty', `account ${accountId} has money or open holds`, 'account_id');
}
