// Round trip 1 of a group: begin, lock every account in ascending order, then read keys, time and what may have changed about facts.

import type { Connection } from 'mysql2/promise';
import { holdingKey, type AccountRow, type HoldRow, type OriginalRow, type QuoteRow } from '../ledger/state.ts';
import { quantityOf } from '../ledger/trades.ts';
import { moneyFromSql } from '../ledger/money.ts';
import { keyName, type StoredAnswer } from '../ledger/plan.ts';
import type { JsonObject } from '../ledger/json.ts';
import { ACCOUNT_COLUMNS, accountFromRow, id, idList, idOrNull, sqlText, text, type Row } from './rows.ts';

export interface LockRequest {
  /** Customer accounts; those that do not exist are left out of the answer. */
  readonly accounts: ReadonlySet<bigint>;
  readonly keys: readonly { readonly accountId: bigint; readonly key: string }[];
  /** Brought up to date in place. */
  readonly originals: ReadonlyMap<bigint, OriginalRow>;
  readonly holds: ReadonlyMap<bigint, HoldRow>;
  /** What the group's trades name. */
  readonly trades: readonly { readonly accountId: bigint; readonly symbol: string }[];
}

export interface Locked {
  readonly accounts: Map<bigint, AccountRow>;
  readonly stored: Map<string, StoredAnswer>;
  readonly quotes: Map<string, QuoteRow>;
  readonly holdings: Map<string, bigint>;
  /** Server time, UTC, once all locks were held: per account it never goes back. */
  readonly now: string;
}

/** FORCE INDEX: while the statistics are empty or stale the optimizer would scan. */
export async function lockGroup(connection: Connection, request: LockRequest): Promise<Locked> {
  const originals = [...request.originals.values()];
  const statements = [
    'BEGIN',
    `SELECT ${ACCOUNT_COLUMNS} FROM accounts FORCE INDEX (PRIMARY) WHERE account_id IN (${idList(request.accounts)}) ORDER BY account_id FOR UPDATE`,
    'SELECT UTC_TIMESTAMP(6)',
    ...(request.keys.length === 0 ? [] : [keysSql(request.keys)]),
  ];
  const keysAt = request.keys.length === 0 ? -1 : 3;
  const originalsAt = originals.length === 0 ? -1 : statements.push(...returnsSql(originals)) - 2;
  const holdsAt = request.holds.size === 0 ? -1 : statements.push(resolutionsSql(request.holds)) - 1;
  const tradesAt = request.trades.length === 0 ? -1 : statements.push(...marketSql(request.trades)) - 2;
  const [results] = (await connection.query(statements.join(';'))) as unknown as [Row[][]];
  if (originalsAt >= 0) updateOriginals(request.originals, results[originalsAt]!, results[originalsAt + 1]!);
  if (holdsAt >= 0) for (const row of results[holdsAt]!) request.holds.get(id(row[0]))!.resolution = text(row[1]);
  return {
    accounts: new Map(results[1]!.map((row) => [id(row[0]), accountFromRow(row)])),
    stored: new Map((keysAt < 0 ? [] : results[keysAt]!).map(storedFromRow)),
    now: text(results[2]![0]![0]),
    quotes: new Map((tradesAt < 0 ? [] : results[tradesAt]!).map((row) => [text(row[0]), quoteFromRow(row)])),
    holdings: new Map(
      (tradesAt < 0 ? [] : results[tradesAt + 1]!).map((row) => [holdingKey(id(row[0]), text(row[1])), quantityOf(text(row[2]))]),
    ),
  };
}

function keysSql(keys: LockRequest['keys']): string {
  const pairs = keys.map(({ accountId, key }) => `(${accountId},${sqlText(key)})`).join(',');
  return `SELECT account_id, idem_key, LOWER(HEX(fingerprint)), status, body, transaction_id, sequence, hold_id
    FROM idempotency_keys FORCE INDEX (PRIMARY) WHERE (account_id, idem_key) IN (${pairs})`;
}

function storedFromRow(row: Row): [string, StoredAnswer] {
  const [account, key, fingerprint, status, body] = row;
  const ids = { transactionId: idOrNull(row[5]), sequence: idOrNull(row[6]), holdId: idOrNull(row[7]) };
  const answer = { fingerprint: text(fingerprint), status: Number(status), body: JSON.parse(text(body)) as JsonObject };
  return [keyName(id(account), text(key)), { ...answer, ...ids }];
}

/** A reversal that failed or is pending occupies the unique key as well. */
function returnsSql(originals: readonly OriginalRow[]): [string, string] {
  const ids = idList(originals.map(({ transactionId }) => transactionId));
  return [
    `SELECT reference_id, SUM(amount) FROM transactions WHERE reference_id IN (${ids}) AND type IN ('REFUND', 'CHARGEBACK') AND status = 'posted' GROUP BY reference_id`,
    `SELECT reversal_of FROM transactions WHERE reversal_of IN (${ids})`,
  ];
}

function updateOriginals(originals: ReadonlyMap<bigint, OriginalRow>, returned: readonly Row[], reversed: readonly Row[]): void {
  for (const row of returned) originals.get(id(row[0]))!.returned = moneyFromSql(text(row[1]));
  for (const row of reversed) originals.get(id(row[0]))!.reversed = true;
}

/** The last price of each instrument, and what the accounts hold of it. */
function marketSql(trades: LockRequest['trades']): [string, string] {
  const symbols = [...new Set(trades.map(({ symbol }) => sqlText(symbol)))].join(',');
  const pairs = [...new Set(trades.map(({ accountId, symbol }) => `(${accountId},${sqlText(symbol)})`))].join(',');
  return [
    `SELECT i.symbol, i.currency, i.enabled, p.price, p.tick FROM instruments i
       LEFT JOIN LATERAL (SELECT price, tick FROM market_prices m WHERE m.symbol = i.symbol ORDER BY tick DESC LIMIT 1) p ON TRUE
     WHERE i.symbol IN (${symbols})`,
    `SELECT account_id, symbol, quantity FROM holdings FORCE INDEX (PRIMARY) WHERE (account_id, symbol) IN (${pairs}) FOR UPDATE`,
  ];
}

function quoteFromRow([symbol, currency, enabled, price, tick]: Row): QuoteRow {
  const last = price === null ? null : moneyFromSql(text(price));
  return { symbol: text(symbol), currency: text(currency), enabled: Number(enabled) === 1, price: last, tick: idOrNull(tick) };
}

function resolutionsSql(holds: ReadonlyMap<bigint, HoldRow>): string {
  return `SELECT hold_id, outcome FROM hold_resolutions WHERE hold_id IN (${idList(holds.keys())})`;
}
