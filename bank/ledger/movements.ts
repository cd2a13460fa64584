// Decisions of the simple movements: deposit, withdrawal, fee, purchase, transfer.

import type { CommandOf } from './commands.ts';
import { merchantKey, type Effects, type NewMerchant, type Posting } from './effects.ts';
import { idJson, type JsonObject } from './json.ts';
import { accountOf, amountIn, fail, requireActive, requireAmount, requireCurrency, requireCustomer, requireFunds, shown } from './judge.ts';
import type { Money } from './money.ts';
import { availableOf, HOUSE, sqlTime, type AccountRow, type Direction, type LedgerState } from './state.ts';

/** What a movement may carry besides its money. */
export interface About {
  readonly description?: string | undefined;
  readonly channel?: string | undefined;
  readonly device_id?: bigint | undefined;
  readonly metadata?: object | undefined;
  readonly effective_at?: string | undefined;
  readonly merchant_id?: bigint | undefined;
  readonly merchant?: NewMerchant | undefined;
  readonly place?: object | undefined;
}

type AboutColumns = Pick<Posting, 'merchantId' | 'deviceId' | 'channel' | 'description' | 'effectiveAt' | 'metadata'>;

/** The columns of `about`; refuses an unknown device or merchant. */
export function aboutColumns(state: LedgerState, about: About): AboutColumns {
  if (about.device_id !== undefined && !state.devices.has(about.device_id))
    fail('unknown_device', `device ${about.device_id} does not exist`, 'device_id');
  if (about.merchant_id !== undefined && !state.merchants.has(about.merchant_id))
    fail('unknown_merchant', `merchant ${about.merchant_id} does not exist`, 'merchant_id');
  const metadata = about.place === undefined ? about.metadata : { ...about.metadata, place: about.place };
  return {
    merchantId:
      about.merchant === undefined ? (about.merchant_id ?? null) : (state.merchantNames.get(merchantKey(about.merchant)) ?? about.merchant),
    deviceId: about.device_id ?? null,
    channel: about.channel ?? null,
    description: about.description ?? null,
    effectiveAt: about.effective_at === undefined ? state.now : sqlTime(about.effective_at),
    metadata: metadata === undefined ? null : JSON.stringify(metadata),
  };
}

interface Kind {
  readonly type: string;
  readonly direction: Direction;
  readonly role: bigint;
}

const KINDS = {
  deposit: { type: 'DEPOSIT', direction: 'CREDIT', role: HOUSE.float },
  withdraw: { type: 'WITHDRAWAL', direction: 'DEBIT', role: HOUSE.float },
  fee: { type: 'FEE', direction: 'DEBIT', role: HOUSE.fees },
  purchase: { type: 'PURCHASE', direction: 'DEBIT', role: HOUSE.settlement },
} as const satisfies Readonly<Record<string, Kind>>;

/** One account against its house account. */
export function decideOnAccount(state: LedgerState, command: CommandOf<keyof typeof KINDS>): Effects {
  const { type, direction, role } = KINDS[command.operation];
  requireAmount(command.amount);
  const account = accountOf(state, command.account_id, 'account_id');
  const columns = aboutColumns(state, command);
  requireCustomer(account, 'account_id');
  requireActive(account, 'account_id');
  requireCurrency(account, command.currency ?? account.currency, 'currency');
  const amount = amountIn(state, account.currency, command.amount);
  const reference = command.operation === 'fee' ? (command.reference_id ?? null) : null;
  if (reference !== null && !state.originals.has(reference))
    fail('unknown_transaction', `transaction ${reference} does not exist`, 'reference_id');
  const posting = twoLegs(account, houseOf(state, account.currency, role), { type, direction, amount }, columns);
  requireFunds(state, posting.legs);
  return posted([{ ...posting, referenceId: reference }], account);
}

/** From one account to another of the same currency. */
export function decideTransfer(state: LedgerState, command: CommandOf<'transfer'>): Effects {
  requireAmount(command.amount);
  if (command.from_account_id === command.to_account_id) fail('same_account', 'from and to are the same account', 'to_account_id');
  const from = accountOf(state, command.from_account_id, 'from_account_id');
  const to = accountOf(state, command.to_account_id, 'to_account_id');
  const columns = aboutColumns(state, command);
  requireActive(from, 'from_account_id');
  requireActive(to, 'to_account_id');
  const currency = command.currency ?? from.currency;
  requireCurrency(from, currency, 'currency');
  requireCurrency(to, currency, command.currency === undefined ? 'to_account_id' : 'currency');
  const amount = amountIn(state, currency, command.amount);
  const posting = twoLegs(from, to, { type: 'TRANSFER', direction: 'DEBIT', amount }, columns);
  requireFunds(state, posting.legs);
  return posted([posting], from);
}

export function opposite(direction: Direction): Direction {
  return direction === 'CREDIT' ? 'DEBIT' : 'CREDIT';
}

export function houseOf(state: LedgerState, currency: string, role: bigint): AccountRow {
  const base = state.currencies.get(currency)?.houseBase;
  return (
    (base === undefined ? undefined : state.accounts.get(base + role)) ??
    fail('currency_not_enabled', `currency ${currency} is not enabled`, 'currency')
  );
}

interface Movement {
  readonly type: string;
  readonly direction: Direction;
  readonly amount: Money;
}

/** A posting of two legs: the account's and the opposite one of its counter account. */
export function twoLegs(account: AccountRow, counter: AccountRow, movement: Movement, columns: AboutColumns): Posting {
  const { type, direction, amount } = movement;
  return {
    type,
    accountId: account.accountId,
    customerId: account.customerId,
    counterId: counter.accountId,
    direction,
    amount,
    currency: account.currency,
    legs: [
      { accountId: account.accountId, direction, amount },
      { accountId: counter.accountId, direction: opposite(direction), amount },
    ],
    referenceId: null,
    reversalOf: null,
    ...columns,
  };
}

/** Effects of postings; the body tells the first one and what the account has afterwards. */
export function posted(postings: readonly Posting[], account: AccountRow, more: JsonObject = {}): Effects {
  const [first] = postings;
  const { type, counterId, amount, currency, effectiveAt } = first!;
  return {
    postings,
    status: 201,
    body: (state) => {
      const digits = state.currencies.get(currency)?.digits ?? 4;
      const after = state.accounts.get(account.accountId)!;
      const own = after.balance === null ? {} : { balance: shown(after.balance, digits), available: shown(availableOf(after), digits) };
      return {
        status: 'posted',
        type,
        account_id: idJson(account.accountId),
        counter_account_id: idJson(counterId),
        amount: shown(amount, digits),
        currency,
        ...own,
        ...more,
        created_at: `${state.now.replace(' ', 'T')}Z`,
        effective_at: `${effectiveAt.replace(' ', 'T')}Z`,
      };
    },
  };
}
