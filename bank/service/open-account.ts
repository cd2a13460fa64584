// Opening an account: a new customer when only a name is given, and the account with a balance of zero.

import type { Connection, ResultSetHeader } from 'mysql2/promise';
import { refusalAnswer, type Answer } from '../ledger/answer.ts';
import type { CommandOf } from '../ledger/commands.ts';
import { idJson } from '../ledger/json.ts';
import { amountIn, digitsOf, Refused, shown } from '../ledger/judge.ts';
import { moneyText, type Money } from '../ledger/money.ts';
import { refuse } from '../ledger/refusal.ts';
import type { LedgerState } from '../ledger/state.ts';
import type { Reference } from '../store/reference.ts';
import type { Row } from '../store/rows.ts';
import { commitGtids } from '../store/commit-gtids.ts';

/** One transaction. @throws what MySQL says */
export async function openAccount(
  connection: Connection,
  reference: Reference,
  command: CommandOf<'open_account'>,
  dryRun: boolean,
): Promise<Answer> {
  const limit = limitOf(reference, command);
  if ('status' in limit) return limit;
  const { owner, customer_id: customer, currency, type, label } = command;
  if ((owner === undefined) === (customer === undefined))
    return refusalAnswer(refuse('malformed_request', 'give either owner or customer_id', 'owner'));
  await connection.query('BEGIN');
  const customerId = customer ?? (await newCustomer(connection, owner!));
  const [known] = (await connection.query('SELECT customer_id FROM customers WHERE customer_id = ? FOR SHARE', [
    customerId.toString(),
  ])) as unknown as [Row[]];
  if (known.length === 0) {
    await connection.query('ROLLBACK');
    return refusalAnswer(refuse('unknown_customer', `customer ${customerId} does not exist`, 'customer_id'));
  }
  const columns = 'customer_id, account_type, currency, overdraft_limit, label, balance';
  const values = [customerId.toString(), type, currency, moneyText(limit.money), label ?? owner ?? null];
  const [account] = await connection.query<ResultSetHeader>(`INSERT INTO accounts (${columns}) VALUES (?, ?, ?, ?, ?, 0)`, values);
  const [commit] = await connection.query<ResultSetHeader>(dryRun ? 'ROLLBACK' : 'COMMIT');
  const digits = reference.currencies.get(currency)!.digits;
  const ids = dryRun ? { dry_run: true } : { account_id: idJson(BigInt(account.insertId)), customer_id: idJson(customerId) };
  const body = { ...ids, type, currency, status: 'active', balance: shown(0n, digits), overdraft_limit: shown(limit.money, digits) };
  return { status: dryRun ? 200 : 201, body, gtid: dryRun ? null : commitGtids(commit).join(','), sequence: null, replayed: false };
}

function limitOf({ currencies }: Reference, { currency, overdraft_limit: limit }: CommandOf<'open_account'>): Answer | { money: Money } {
  const state = { currencies } as unknown as LedgerState;
  try {
    digitsOf(state, currency);
    return { money: limit === undefined || /^0(\.0+)?$/.test(limit) ? 0n : amountIn(state, currency, limit, 'overdraft_limit') };
  } catch (error) {
    if (error instanceof Refused) return refusalAnswer(error.refusal);
    throw error;
  }
}

async function newCustomer(connection: Connection, owner: string): Promise<bigint> {
  const [first = '', ...rest] = owner.trim().split(/\s+/);
  const names = [first.slice(0, 80), rest.join(' ').slice(0, 80)];
  const [made] = await connection.query<ResultSetHeader>('INSERT INTO customers (first_name, last_name) VALUES (?, ?)', names);
  return BigInt(made.insertId);
}
