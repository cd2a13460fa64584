// Writes a price of every enabled instrument at a fixed interval, whether anybody trades or not. Several processes may run it: a tick is
// written once, because its number is its key.

import type { Connection, RowDataPacket } from 'mysql2/promise';
import { isAborted } from '../../infra/runtime/errors.ts';
import type { Log } from '../../infra/runtime/log.ts';
import { sleep } from '../../infra/runtime/sleep.ts';
import { connectBank, type BankLogin } from '../generator/connect.ts';
import { nextPrice } from './price-walk.ts';

export interface SimulatorOptions {
  readonly login: BankLogin;
  readonly seed: number;
  readonly intervalMs: number;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Runs until `signal` aborts. A failed tick is logged and tried again at the next interval. */
export async function runMarket(options: SimulatorOptions): Promise<void> {
  const { intervalMs, log, signal } = options;
  while (!signal.aborted) {
    try {
      const connection = await connectBank(options.login);
      try {
        await writeTick(connection, options.seed, new Date());
      } finally {
        connection.destroy();
      }
    } catch (error) {
      log.warn({ err: error }, 'market prices were not written');
    }
    await sleep(intervalMs, signal).catch((error: unknown) => {
      if (!isAborted(error)) throw error;
    });
  }
}

interface LastRow extends RowDataPacket {
  readonly symbol: string;
  readonly currency: string;
  readonly initialPrice: string;
  readonly drift: string;
  readonly volatility: string;
  readonly tick: string | number | null;
  readonly price: string | null;
}

/** One more price of each enabled instrument, the first one its initial price; answers how many were written (0: another process did). */
export async function writeTick(connection: Pick<Connection, 'query'>, seed: number, now: Date): Promise<number> {
  const [rows] = await connection.query<LastRow[]>(
    `SELECT i.symbol, i.currency, i.initial_price AS initialPrice, i.drift, i.volatility, p.tick, p.price
     FROM instruments i LEFT JOIN market_prices p ON p.symbol = i.symbol
       AND p.tick = (SELECT MAX(l.tick) FROM market_prices l WHERE l.symbol = i.symbol)
     WHERE i.enabled ORDER BY i.symbol`,
  );
  if (rows.length === 0) return 0;
  const at = now.toISOString().slice(0, -1).replace('T', ' ');
  const values = rows.map((row) => {
    // Ticks below zero are the backdated history of a seeded world: the count begins at 0 after them, from their last price.
    const last = row.tick === null ? -1n : BigInt(row.tick);
    const tick = last < 0n ? 0n : last + 1n;
    const price = row.price === null ? row.initialPrice : nextPrice(row, seed, tick, row.price);
    return [row.symbol, tick, price, row.currency, at];
  });
  try {
    await connection.query('INSERT INTO market_prices (symbol, tick, price, currency, priced_at) VALUES ?', [values]);
    return rows.length;
  } catch (error) {
    if ((error as { code?: string }).code === 'ER_DUP_ENTRY') return 0;
    throw error;
  }
}
