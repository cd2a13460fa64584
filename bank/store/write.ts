// Round trip 2 of a group: all rows in multi-row statements, and the commit. Ids that the database gives are named by SQL variables:
// @m merchants, @t and @u first and linked transactions, @e entries, @h holds. The ids of one INSERT … VALUES are consecutive.

import type { Connection, ResultSetHeader } from 'mysql2/promise';
import { merchantKey, type MerchantRef, type NewMerchant } from '../ledger/effects.ts';
import { holdingKey, type AccountRow, type LedgerState } from '../ledger/state.ts';
import { quantityText } from '../ledger/trades.ts';
import type { KeyWrite, PostingRef, PostingWrite, Writes } from '../ledger/writes.ts';
import { sqlId, sqlMoney, sqlText } from './rows.ts';
import { commitGtids } from './commit-gtids.ts';

export interface Written {
  /** GTID set of the commit, `uuid:42`; empty when MySQL tells none. */
  readonly gtid: string;
  readonly primary: bigint;
  readonly linked: bigint;
  readonly entries: bigint;
  readonly holds: bigint;
  /** New merchants by merchantKey. */
  readonly merchants: ReadonlyMap<string, bigint>;
}

const POSTING_COLUMNS =
  'account_id, customer_id, merchant_id, amount, currency, status, event_ts, created_at, type, direction, counter_account_id, reference_id, reversal_of, device_id, channel, description, effective_at, posted_at, metadata';

/** Writes and commits. @throws what MySQL says; then the caller rolls back */
export async function writeGroup(
  connection: Connection,
  writes: Writes,
  state: Pick<LedgerState, 'accounts' | 'holdings' | 'now'>,
): Promise<Written> {
  const text = new GroupSql(writes, state.now);
  text.merchants();
  text.postings('primary', 't');
  text.postings('linked', 'u');
  text.entries();
  text.holds();
  text.resolutions();
  text.accounts([...writes.touched].map((id) => state.accounts.get(id)!));
  text.statusChanges();
  text.trades(state.holdings);
  text.keys();
  const [results] = (await connection.query([...text.statements, 'COMMIT'].join(';\n'))) as unknown as [ResultSetHeader[]];
  const all = Array.isArray(results) ? results : [results];
  const first = (name: string): bigint => BigInt(text.places.has(name) ? (all[text.places.get(name)!]?.insertId ?? 0) : 0);
  const merchants = new Map([...text.fresh].map(([key, at]) => [key, first('m') + BigInt(at)]));
  return {
    gtid: commitGtids(all.at(-1)).join(','),
    primary: first('t'),
    linked: first('u'),
    entries: first('e'),
    holds: first('h'),
    merchants,
  };
}

class GroupSql {
  readonly statements: string[] = [];
  /** Index of the statement that made the ids of a variable. */
  readonly places = new Map<string, number>();
  readonly fresh = new Map<string, number>();
  private readonly writes: Writes;
  private readonly now: string;

  constructor(writes: Writes, now: string) {
    this.writes = writes;
    this.now = `'${now}'`;
  }

  merchants(): void {
    const { primary, linked, holds } = this.writes;
    const rows: string[] = [];
    for (const { merchantId: ref } of [...primary.map(({ posting }) => posting), ...linked.map(({ posting }) => posting), ...holds]) {
      if (!isNew(ref) || this.fresh.has(merchantKey(ref))) continue;
      this.fresh.set(merchantKey(ref), rows.length);
      const columns = [ref.name, ref.mcc ?? null, ref.category ?? 'unclassified', ref.city ?? null, ref.country ?? null].map(sqlText);
      rows.push(`(${columns.join(',')},${this.now})`);
    }
    this.insert('merchants (name, mcc, category, city, country, created_at)', rows, 'm');
  }

  postings(list: PostingRef['list'], variable: string): void {
    const rows = this.writes[list].map((write) => this.posting(write));
    this.insert(`transactions (${POSTING_COLUMNS})`, rows, variable);
  }

  private posting({ posting, first }: PostingWrite): string {
    const { accountId, customerId, amount, currency, type, direction, counterId, reversalOf, deviceId, channel, description } = posting;
    const effective = `'${posting.effectiveAt}'`;
    const reference = posting.referenceId === 'first' ? refSql(first) : sqlId(posting.referenceId);
    const parties = `${accountId},${customerId},${this.merchant(posting.merchantId)}`;
    const money = `${sqlMoney(amount)},'${currency}','posted',${effective},${this.now},'${type}','${direction}',${counterId}`;
    const about = `${reference},${sqlId(reversalOf)},${sqlId(deviceId)},${sqlText(channel)},${sqlText(description)}`;
    return `(${parties},${money},${about},${effective},${this.now},${sqlText(posting.metadata)})`;
  }

  entries(): void {
    const rows = this.writes.entries.map(({ entry, posting }) => {
      const money = `'${entry.direction}',${sqlMoney(entry.amount)},'${entry.currency}',${sqlMoney(entry.balanceAfter)}`;
      return `(${refSql(posting)},${entry.accountId},${money},${sqlId(entry.accountSeq)},${this.now},${entry.leg})`;
    });
    const columns = 'transaction_id, account_id, posting_type, amount, currency, balance_after, account_seq, created_at, leg';
    this.insert(`ledger_entries (${columns})`, rows, 'e');
  }

  holds(): void {
    const rows = this.writes.holds.map((hold) => {
      const parties = `${hold.accountId},${hold.customerId},${this.merchant(hold.merchantId)}`;
      const times = `'${hold.expiresAt}',${this.now},'${hold.effectiveAt}'`;
      const about = `${sqlId(hold.deviceId)},${sqlText(hold.channel)},${sqlText(hold.description)},${sqlText(hold.metadata)}`;
      return `(${parties},${sqlMoney(hold.amount)},'${hold.currency}',${times},${about})`;
    });
    const columns =
      'account_id, customer_id, merchant_id, amount, currency, expires_at, created_at, effective_at, device_id, channel, description, metadata';
    this.insert(`holds (${columns})`, rows, 'h');
  }

  resolutions(): void {
    const rows = this.writes.resolutions.map(({ resolution: { holdId, outcome, captured }, posting }) => {
      return `(${holdId},'${outcome}',${sqlMoney(captured)},${posting === null ? 'NULL' : refSql(posting)},${this.now})`;
    });
    this.insert('hold_resolutions (hold_id, outcome, captured, transaction_id, resolved_at)', rows);
  }

  /** Ascending, like the locks. */
  accounts(rows: readonly AccountRow[]): void {
    if (rows.length === 0) return;
    const values = [...rows]
      .sort((a, b) => (a.accountId < b.accountId ? -1 : 1))
      .map((row) => `ROW(${row.accountId},${sqlMoney(row.balance)},${sqlMoney(row.held)},${row.entrySeq},'${row.status}')`);
    this.statements.push(
      `UPDATE (VALUES ${values.join(',')}) v (id, b, h, q, s) STRAIGHT_JOIN accounts a ON a.account_id = v.id SET a.balance = v.b, a.held = v.h, a.entry_seq = v.q, a.status = v.s`,
    );
  }

  statusChanges(): void {
    const rows = this.writes.statusChanges.map(({ change: { accountId, from, to, reason }, actor }) => {
      return `(${accountId},'${from}','${to}',${sqlText(reason)},${sqlText(actor)},${this.now})`;
    });
    this.insert('account_status_changes (account_id, from_status, to_status, reason, actor, created_at)', rows);
  }

  trades(holdings: LedgerState['holdings']): void {
    const rows = this.writes.trades.map(({ trade, posting }) => {
      const what = `'${trade.symbol}','${trade.side}',${quantityText(trade.quantity)},${sqlMoney(trade.price)},${sqlMoney(trade.amount)}`;
      return `(${trade.accountId},${trade.customerId},${what},'${trade.currency}',${trade.tick},${refSql(posting)},${this.now})`;
    });
    const columns = 'account_id, customer_id, symbol, side, quantity, price, amount, currency, price_tick, transaction_id, traded_at';
    this.insert(`trades (${columns})`, rows);
    const held = new Map(this.writes.trades.map(({ trade }) => [holdingKey(trade.accountId, trade.symbol), trade]));
    if (held.size === 0) return;
    const quantities = [...held].map(([key, trade]) => {
      return `(${trade.accountId},'${trade.symbol}',${quantityText(holdings.get(key) ?? 0n)},${this.now})`;
    });
    this.statements.push(
      `INSERT INTO holdings (account_id, symbol, quantity, updated_at) VALUES ${quantities.join(',')} AS n
       ON DUPLICATE KEY UPDATE quantity = n.quantity, updated_at = n.updated_at`,
    );
  }

  keys(): void {
    const rows = this.writes.keys.map((key) => {
      const answer = `X'${key.fingerprint}','${key.operation}',${key.status}`;
      return `(${key.accountId},${sqlText(key.key)},${answer},${idsSql(key)},${sqlText(JSON.stringify(key.body))},${this.now})`;
    });
    const columns = 'account_id, idem_key, fingerprint, operation, status, transaction_id, sequence, hold_id, body, created_at';
    this.insert(`idempotency_keys (${columns})`, rows);
  }

  private merchant(ref: MerchantRef): string {
    return isNew(ref) ? `@m+${this.fresh.get(merchantKey(ref))}` : sqlId(ref);
  }

  private insert(target: string, rows: readonly string[], variable?: string): void {
    if (rows.length === 0) return;
    if (variable !== undefined) this.places.set(variable, this.statements.length);
    this.statements.push(`INSERT INTO ${target} VALUES ${rows.join(',')}`);
    if (variable !== undefined) this.statements.push(`SET @${variable} = LAST_INSERT_ID()`);
  }
}

function isNew(ref: MerchantRef): ref is NewMerchant {
  return typeof ref === 'object' && ref !== null;
}

function refSql({ list, at }: PostingRef): string {
  return `@${list === 'primary' ? 't' : 'u'}+${at}`;
}

function idsSql({ posting, entry, hold }: KeyWrite): string {
  return `${posting === null ? 'NULL' : refSql(posting)},${entry === null ? 'NULL' : `@e+${entry}`},${hold === null ? 'NULL' : `@h+${hold}`}`;
}
