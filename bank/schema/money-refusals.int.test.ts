// What MySQL refuses, whoever asks: each rule with SQLSTATE and words. Afterwards the ledger is proven untouched.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openBank, type TestBank } from '../../test/support/test-bank.ts';
import { verifyLedger } from './verify.ts';

let server: TestMysql;
let bank: TestBank;

beforeAll(async () => {
  server = await startMysql();
  bank = await openBank(server, 'bank');
  // 1001: 100 USD. 1002: 0 USD. 1003: frozen. 1004: closed. 1005: 50 INR. Transaction 1 opens 1001, 5 is a pending purchase.
  await bank.account('100.00');
  await bank.account('0');
  await bank.account('10', { status: 'frozen' });
  await bank.account('10', { status: 'closed' });
  await bank.account('50', { currency: 'INR' });
  await bank.run(`INSERT INTO transactions (account_id, amount, merchant_id, status) VALUES (1001, 500, 1, 'pending')`);
});

afterAll(async () => {
  await bank?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const insert = (columns: string, values: string) => `INSERT INTO transactions (${columns}) VALUES (${values})`;

const REFUSED: readonly (readonly [string, string, string])[] = [
  ['zero', insert('account_id, amount', '1001, 0'), '45000 amount must be greater than zero, not 0.0000'],
  ['negative', insert('account_id, amount', '1001, -5'), '45000 amount must be greater than zero, not -5.0000'],
  ['no amount', insert('account_id', '1001'), '45000 amount must be greater than zero, not NULL'],
  ['too many digits', insert('account_id, amount', '1001, 1.005'), '45000 amount 1.0050 has more fraction digits than USD allows (2)'],
  ['five digits', insert('account_id, amount', '1001, 1.00005'), '45000 amount 1.0001 has more fraction digits than USD allows (2)'],
  ['unknown account', insert('account_id, amount', '4711, 1'), '45000 unknown account 4711'],
  ['no account', insert('amount', '1'), '45000 unknown account NULL'],
  ['frozen account', insert('account_id, amount', '1003, 1'), '45000 account 1003 is frozen'],
  ['closed account', insert('account_id, amount', '1004, 1'), '45000 account 1004 is closed'],
  ['foreign currency', insert('account_id, amount, currency', `1001, 1, 'INR'`), '45000 account 1001 is in USD, not INR'],
  ['default currency on another', insert('account_id, amount', '1005, 1'), '45000 account 1005 is in INR, not USD'],
  ['overdraft', insert('account_id, amount, merchant_id', '1001, 100.01, 1'), '45000 insufficient funds: account 1001 has 100.0000 and an overdraft limit of 0.0000, not 100.0100'],
  ["someone else's customer", insert('account_id, amount, customer_id', '1001, 1, 1002'), '45000 customer 1002 does not own account 1001'],
  ['unknown type', insert('account_id, amount, type', `1001, 1, 'GIFT'`), '45000 unknown transaction type GIFT'],
  ['unknown status', insert('account_id, amount, status', `1001, 1, 'done'`), '45000 status must be pending, posted or failed, not done'],
  ['wrong direction', insert('account_id, amount, type, direction', `1001, 1, 'FEE', 'CREDIT'`), '45000 FEE needs direction DEBIT, not CREDIT'],
  ['no direction', insert('account_id, amount, type', `1001, 1, 'ADJUSTMENT'`), '45000 ADJUSTMENT needs direction CREDIT or DEBIT'],
  ['own opening', insert('account_id, amount, type', `1001, 100, 'OPENING'`), '45000 OPENING is written by the database'],
  ['transfer to nobody', insert('account_id, amount, type', `1001, 1, 'TRANSFER'`), '45000 TRANSFER needs counter_account_id'],
  ['transfer to itself', insert('account_id, amount, type, counter_account_id', `1001, 1, 'TRANSFER', 1001`), '45000 account 1001 cannot be its own counter account'],
  ['transfer to unknown', insert('account_id, amount, type, counter_account_id', `1001, 1, 'TRANSFER', 4711`), '45000 unknown account 4711'],
  ['transfer to frozen', insert('account_id, amount, type, counter_account_id', `1001, 1, 'TRANSFER', 1003`), '45000 account 1003 is frozen'],
  ['transfer across currencies', insert('account_id, amount, type, counter_account_id', `1001, 1, 'TRANSFER', 1005`), '45000 account 1005 is in INR, not USD'],
  ['transfer without funds', insert('account_id, amount, type, counter_account_id', `1002, 1, 'TRANSFER', 1001`), '45000 insufficient funds: account 1002'],
  ['one bad row of many', 'INSERT INTO transactions (account_id, amount) VALUES (1001, 1), (1001, 0)', '45000 amount must be'],
  ['INSERT IGNORE', 'INSERT IGNORE INTO transactions (account_id, amount) VALUES (1001, 0)', '45000 amount must be'],
  ['bad merchant id', insert('account_id, amount, merchant_id', '1001, 1, -3'), '45000 merchant_id must be positive, not -3'],
  ['posting pending without funds', `UPDATE transactions SET status = 'posted' WHERE status = 'pending'`, '45000 insufficient funds: account 1001'],
  ['editing pending money', `UPDATE transactions SET amount = 5 WHERE status = 'pending'`, '45000 transaction 5 is pending: its status may change'],
  ['editing posted', 'UPDATE transactions SET amount = 5 WHERE transaction_id = 1', '45000 transaction 1 is posted and cannot be changed'],
  ['deleting posted', 'DELETE FROM transactions WHERE transaction_id = 1', '45000 transaction 1 is posted and cannot be deleted'],
  ['replacing posted', 'REPLACE INTO transactions (transaction_id, account_id, amount) VALUES (1, 1001, 5)', '45000 transaction 1 is posted'],
  ['upserting posted', 'INSERT INTO transactions (transaction_id, account_id, amount) VALUES (1, 1001, 5) ON DUPLICATE KEY UPDATE amount = 7', '45000 transaction 1 is posted'],
  ['inserting an entry', `INSERT INTO ledger_entries (transaction_id, account_id, posting_type, amount, currency, created_at, leg) VALUES (1, 1001, 'CREDIT', 9, 'USD', NOW(), 1)`, '45000 ledger entries are written by posting'],
  ['editing an entry', 'UPDATE ledger_entries SET amount = 1', '45000 ledger entry 1 is posted and cannot be changed'],
  ['deleting an entry', 'DELETE FROM ledger_entries', '45000 ledger entry 1 is posted and cannot be deleted'],
  ['moving a balance', 'UPDATE accounts SET balance = balance + 1 WHERE account_id = 1001', '45000 the balance of account 1001 moves only through transactions'],
  ['moving a balance with its sequence', 'UPDATE accounts SET balance = balance + 1, entry_seq = entry_seq + 1 WHERE account_id = 1001', '45000 the balance of account 1001'],
  ['changing a currency', `UPDATE accounts SET currency = 'INR' WHERE account_id = 1001`, '45000 account 1001 keeps its currency USD'],
  ['changing an owner', 'UPDATE accounts SET customer_id = 1002 WHERE account_id = 1001', '45000 account 1001 keeps its customer'],
  ['becoming the house', `UPDATE accounts SET account_type = 'house_fees' WHERE account_id = 1001`, '45000 account 1001 cannot become house_fees'],
  ['deleting an account with entries', 'DELETE FROM accounts WHERE account_id = 1001', '45000 account 1001 has ledger entries'],
  ['opening below the limit', 'INSERT INTO accounts (customer_id, balance) VALUES (1001, -1)', '45000 opening balance -1.0000 is below the overdraft limit of 0.0000'],
  ['opening with too many digits', 'INSERT INTO accounts (customer_id, balance) VALUES (1001, 1.005)', '45000 balance 1.0050'],
  ['a currency that is not enabled', `INSERT INTO accounts (customer_id, currency) VALUES (1001, 'CHF')`, '45000 currency CHF is unknown or not enabled'],
  ['an unknown account type', `INSERT INTO accounts (customer_id, account_type) VALUES (1001, 'piggy')`, '45000 account type must be checking, savings, credit or investment, not piggy'],
  ['a house account', `INSERT INTO accounts (customer_id, account_type) VALUES (1001, 'house_float')`, '45000 house accounts are made by'],
  ['a house id', 'INSERT INTO accounts (account_id, customer_id) VALUES (850, 1001)', '45000 account ids 801 to 999 belong to the house'],
  ['an unknown customer', 'INSERT INTO accounts (customer_id) VALUES (4711)', '23000 Cannot add or update a child row'],
  ['a negative limit', 'UPDATE accounts SET overdraft_limit = -1 WHERE account_id = 1001', '45000 overdraft limit must not be negative'],
  ['truncating entries', 'TRUNCATE TABLE ledger_entries', '42000 Cannot truncate'],
  ['truncating transactions', 'TRUNCATE TABLE transactions', '42000 Cannot truncate'],
]; // prettier-ignore

describe('refused', () => {
  it.each(REFUSED)('%s', async (_, sql, words) => {
    expect(await bank.refusal(sql)).toContain(words);
  });

  it('an entry of a client that pretends to be the posting, for posted and for pending transactions', async () => {
    const forged = (transaction: number, leg: number) =>
      `INSERT INTO ledger_entries (transaction_id, account_id, posting_type, amount, currency, created_at, leg)
       SELECT transaction_id, 1001, 'CREDIT', 9, 'USD', created_at, ${leg} FROM transactions WHERE transaction_id = ${transaction}`;
    for (const [transaction, leg, words] of [
      [1, 1, '23000 Duplicate entry'],
      [1, 3, '45000 ledger entries are written by posting'],
      [5, 1, '23000 Cannot add or update a child row'],
    ] as const) {
      await bank.run(`SET @ledger_posting = ${transaction}, @ledger_balance = 1000000, @ledger_seq = 2`);
      expect(await bank.refusal(forged(transaction, leg))).toContain(words);
    }
  });

  it('an unknown account even without foreign key checks', async () => {
    const loose = await bank.open();
    await loose.query('SET foreign_key_checks = 0');
    expect(await bank.refusal(insert('account_id, amount', '4711, 1'), loose)).toContain('45000 unknown account 4711');
  });

  it('the switch of the service in the hands of anybody else, root included', async () => {
    const pretender = await bank.open();
    await pretender.query('SET @ledgerflow_service = 1');
    expect(await bank.refusal('UPDATE accounts SET balance = 1 WHERE account_id = 1001', pretender)).toContain(
      'moves only through transactions',
    );
    await pretender.query(insert('account_id, amount', '1002, 2.50'));
    expect(await bank.balance(1002)).toBe('2.5000');
  });

  it('leaves the ledger as it was', async () => {
    expect(await verifyLedger(bank.connection)).toEqual([]);
    expect(await bank.balance(1001)).toBe('100.0000');
  });
});

describe("the bank's own service", () => {
  it('posts by itself when it says so, and like everybody when it does not', async () => {
    await bank.run(`CREATE USER 'ledgerflow_service'@'%' IDENTIFIED BY 'pw'`);
    await bank.run(`GRANT SELECT, INSERT, UPDATE, DELETE ON bank.* TO 'ledgerflow_service'@'%'`);
    const service = await bank.open({ user: 'ledgerflow_service', password: 'pw' });
    await service.query(insert('account_id, amount', '1002, 7.50'));
    expect(await bank.balance(1002)).toBe('10.0000');
    await service.query('SET @ledgerflow_service = 1');
    await service.query('BEGIN');
    const columns = 'account_id, customer_id, counter_account_id, type, direction, amount';
    const [result] = await service.query(insert(columns, `1002, 1002, 801, 'DEPOSIT', 'CREDIT', 5`));
    const id = (result as { insertId: number }).insertId;
    await service.query(
      `INSERT INTO ledger_entries (transaction_id, account_id, posting_type, amount, currency, balance_after, account_seq, created_at, leg)
       SELECT t.transaction_id, IF(l.leg = 1, 1002, 801), IF(l.leg = 1, 'CREDIT', 'DEBIT'), 5, 'USD', IF(l.leg = 1, 15, NULL), IF(l.leg = 1, 3, NULL), t.posted_at, l.leg
       FROM transactions t JOIN (SELECT 1 AS leg UNION ALL SELECT 2) l WHERE t.transaction_id = ${id}`,
    );
    await service.query('UPDATE accounts SET balance = 15, entry_seq = 3 WHERE account_id = 1002');
    await service.query('COMMIT');
    expect(await bank.balance(1002)).toBe('15.0000');
    expect(await bank.refusal('UPDATE ledger_entries SET amount = 6', service)).toContain('cannot be changed');
    expect(await bank.refusal(`UPDATE accounts SET balance = -1, entry_seq = 4 WHERE account_id = 1002`, service)).toMatch(
      /ck_accounts_(overdraft|available)/,
    );
    expect(await verifyLedger(bank.connection)).toEqual([]);
  });
});
