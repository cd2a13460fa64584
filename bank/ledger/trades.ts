// The decision of a paper trade: cash against the bank's settlement account at the last market price, and the quantity held. A sell needs
// the quantity, a buy the cash. A trade is never taken back: trade the other way.

import type { CommandOf } from './commands.ts';
import type { Effects, NewTrade, Posting } from './effects.ts';
import { accountOf, amountIn, digitsOf, fail, requireActive, requireAmount, requireCurrency, requireCustomer, requireFunds, shown } from './judge.ts'; // prettier-ignore
import { MONEY_MAX, timesRate, type Money } from './money.ts';
import { aboutColumns, houseOf, posted, twoLegs } from './movements.ts';
import { HOUSE, holdingKey, type LedgerState, type QuoteRow } from './state.ts';

const QUANTITY_DIGITS = 8;

export function decideTrade(state: LedgerState, command: CommandOf<'trade'>): Effects {
  if (command.fee !== undefined) requireAmount(command.fee, 'fee');
  const account = accountOf(state, command.account_id, 'account_id');
  const columns = aboutColumns(state, command);
  const quote = quoteOf(state, command.symbol);
  requireCustomer(account, 'account_id');
  requireActive(account, 'account_id');
  requireCurrency(account, quote.currency, 'symbol');
  const fee = command.fee === undefined ? undefined : amountIn(state, account.currency, command.fee, 'fee');
  const trade = tradeOf(state, command, { ...quote, customerId: account.customerId });
  const direction = trade.side === 'buy' ? 'DEBIT' : 'CREDIT';
  const cash = twoLegs(
    account,
    houseOf(state, quote.currency, HOUSE.settlement),
    { type: 'TRADE', direction, amount: trade.amount },
    columns,
  );
  const charged = fee === undefined ? [] : [feePosting(state, cash, fee)];
  if (trade.side === 'sell') requireHolding(state, trade);
  requireFunds(state, [cash, ...charged].flatMap(({ legs }) => legs)); // prettier-ignore
  const digits = digitsOf(state, quote.currency);
  const more = {
    symbol: trade.symbol,
    side: trade.side,
    quantity: quantityText(trade.quantity),
    price: shown(trade.price, digits),
    ...(fee === undefined ? {} : { fee: shown(fee, digits) }),
  };
  const { body, ...effects } = posted([cash, ...charged], account, more);
  const holding = holdingKey(account.accountId, trade.symbol);
  return { ...effects, trade, body: (after) => ({ ...body(after), holding: quantityText(after.holdings.get(holding) ?? 0n) }) };
}

function quoteOf(state: LedgerState, symbol: string): QuoteRow {
  const quote = state.quotes.get(symbol);
  if (quote === undefined) fail('unknown_instrument', `instrument ${symbol} does not exist`, 'symbol');
  if (!quote.enabled) fail('unknown_instrument', `instrument ${symbol} is not traded`, 'symbol');
  return quote;
}

function tradeOf(state: LedgerState, command: CommandOf<'trade'>, quote: QuoteRow & { readonly customerId: bigint }): NewTrade {
  const { account_id: accountId, side, quantity } = command;
  const { symbol, currency, price, tick, customerId } = quote;
  if (price === null || tick === null) fail('no_price', `instrument ${symbol} has no price yet`, 'symbol');
  const amount = timesRate(price, quantity, { digits: digitsOf(state, currency), rounding: 'half_even' });
  if (amount === 0n)
    fail('amount_not_positive', `${quantity} of ${symbol} is worth less than the smallest amount of ${currency}`, 'quantity');
  if (amount > MONEY_MAX) fail('amount_overflow', `${quantity} of ${symbol} is worth more than the ledger can hold`, 'quantity');
  return { accountId, customerId, symbol, side, quantity: quantityOf(quantity), price, tick, amount, currency };
}

function feePosting(state: LedgerState, cash: Posting, amount: Money): Posting {
  const account = state.accounts.get(cash.accountId)!;
  const { merchantId, deviceId, channel, effectiveAt } = cash;
  const columns = { merchantId, deviceId, channel, description: 'fee of a trade', effectiveAt, metadata: null };
  const fee = twoLegs(account, houseOf(state, cash.currency, HOUSE.fees), { type: 'FEE', direction: 'DEBIT', amount }, columns);
  return { ...fee, referenceId: 'first' };
}

function requireHolding(state: LedgerState, { accountId, symbol, quantity }: NewTrade): void {
  const held = state.holdings.get(holdingKey(accountId, symbol)) ?? 0n;
  if (held < quantity)
    fail(
      'insufficient_holding',
      `account ${accountId} holds ${quantityText(held)} of ${symbol}; ${quantityText(quantity)} to sell`,
      'quantity',
    );
}

/** Decimal text with at most 8 fraction digits as hundred-millionths of a unit. */
export function quantityOf(text: string): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(QUANTITY_DIGITS, '0'));
}

export function quantityText(quantity: bigint): string {
  const digits = quantity.toString().padStart(QUANTITY_DIGITS + 1, '0');
  const fraction = digits.slice(-QUANTITY_DIGITS).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -QUANTITY_DIGITS) : `${digits.slice(0, -QUANTITY_DIGITS)}.${fraction}`;
}
