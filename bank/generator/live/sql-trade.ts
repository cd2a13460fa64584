// A paper trade by SQL: the triggers know no trades, so the service's login posts the cash leg itself, under the account's lock, with the
// trade and the holding in the same database transaction, at the last market price.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Movement } from '../world/event.ts';
import { INSTRUMENTS } from '../world/market.ts';
import type { SeededWorld } from '../world/population.ts';
import { HOUSE_ROLE } from '../write/history-rows.ts';
import { fourDigits } from '../write/market-text.ts';
import type { WorldIds } from '../write/population-rows.ts';
import { instantText } from '../write/text.ts';
import type { Outcome, When } from './counter.ts';

interface Place {
  readonly id: bigint;
  readonly world: SeededWorld;
  readonly ids: WorldIds;
}

/** Refused without a price, the money or the quantity; done when it was done before. */
export async function sqlTrade(connection: Connection, place: Place, movement: Movement, when: When): Promise<Outcome> {
  await connection.query('SET @ledgerflow_service = 1');
  await connection.query('BEGIN');
  try {
    const outcome = await trade(connection, place, movement, when);
    await connection.query(outcome === 'done' ? 'COMMIT' : 'ROLLBACK');
    return outcome;
  } catch (error) {
    await connection.query('ROLLBACK');
    if ((error as { code?: string }).code === 'ER_DUP_ENTRY') return 'done';
    throw error;
  } finally {
    await connection.query('SET @ledgerflow_service = NULL');
  }
}

async function trade(connection: Connection, { id, world, ids }: Place, movement: Movement, when: When): Promise<Outcome> {
  const { n, account, currency, trade: planned } = movement;
  const { instrument, side, quantity } = planned!;
  const accountId = ids.accounts[account]!;
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT p.price, p.tick, ROUND(p.price * ?, 2) AS amount, a.entry_seq + 1 AS seq, a.customer_id AS customer,
       a.balance + IF(? = 'buy', -1, 1) * ROUND(p.price * ?, 2) AS balance,
       a.status = 'active' AND IF(? = 'buy', a.balance - a.held - ROUND(p.price * ?, 2) >= -a.overdraft_limit, COALESCE(h.quantity, 0) >= ?) AS allowed
     FROM accounts a JOIN market_prices p ON p.symbol = ? AND p.tick = (SELECT MAX(l.tick) FROM market_prices l WHERE l.symbol = p.symbol)
       LEFT JOIN holdings h ON h.account_id = a.account_id AND h.symbol = p.symbol
     WHERE a.account_id = ? FOR UPDATE OF a`,
    [...quantities(quantity, side), INSTRUMENTS[instrument]!.symbol, accountId],
  );
  const [found] = rows;
  if (found === undefined || Number(found['allowed']) !== 1 || Number(found['amount']) <= 0) return 'refused';
  const at = instantText(when.writtenMs, n);
  const direction = side === 'buy' ? 'DEBIT' : 'CREDIT';
  const opposite = side === 'buy' ? 'CREDIT' : 'DEBIT';
  const house = ids.houseBase.get(currency)! + HOUSE_ROLE.TRADE!;
  const customer = ids.customers[world.accounts[account]!.customer]!;
  const { price, tick, amount, seq, balance } = found as Record<string, string>;
  const cash = { account_id: accountId, customer_id: customer, amount, currency };
  const times = {
    event_ts: instantText(when.effectiveMs, n),
    effective_at: instantText(when.effectiveMs, n),
    created_at: at,
    posted_at: at,
  };
  await connection.query('INSERT INTO transactions SET ?', [
    {
      ...{ transaction_id: id, ...cash, ...times, status: 'posted', type: 'TRADE', direction, counter_account_id: house },
      ...{ channel: movement.channel, description: movement.description },
    },
  ]);
  await connection.query(
    `INSERT INTO ledger_entries (transaction_id, account_id, posting_type, amount, currency, balance_after, account_seq, created_at, leg) VALUES ?`,
    [
      [
        [id, accountId, direction, amount, currency, balance, seq, at, 1],
        [id, house, opposite, amount, currency, null, null, at, 2],
      ],
    ],
  );
  await connection.query('UPDATE accounts SET balance = ?, entry_seq = ? WHERE account_id = ?', [balance, seq, accountId]);
  const symbol = INSTRUMENTS[instrument]!.symbol;
  await connection.query('INSERT INTO trades SET ?', [
    { trade_id: id, ...cash, symbol, side, quantity: fourDigits(quantity), price, price_tick: tick, transaction_id: id, traded_at: at },
  ]);
  const signed = `${side === 'buy' ? '' : '-'}${fourDigits(quantity)}`;
  await connection.query(
    `INSERT INTO holdings (account_id, symbol, quantity, updated_at) VALUES (?, ?, ${side === 'buy' ? '?' : '0'}, ?)
     ON DUPLICATE KEY UPDATE quantity = holdings.quantity + ?, updated_at = ?`,
    side === 'buy' ? [accountId, symbol, signed, at, signed, at] : [accountId, symbol, at, signed, at],
  );
  return 'done';
}

/** The parameters of the SELECT before symbol and account. */
function quantities(quantity: bigint, side: 'buy' | 'sell'): string[] {
  const text = fourDigits(quantity);
  return [text, side, text, side, text, text];
}
