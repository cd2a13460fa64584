// Every rule of the ledger, said to MySQL in plain SQL by an ordinary client: what is accepted, and what is refused with which words.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openBank, type TestBank } from '../../test/support/test-bank.ts';
import { verifyLedger } from './verify.ts';

let server: TestMysql;
let bank: TestBank;
let account: number;

const SEED_COLUMNS = '(account_id, customer_id, merchant_id, amount, currency, status, event_ts)';

beforeAll(async () => {
  server = await startMysql();
  bank = await openBank(server, 'bank');
});

beforeEach(async () => {
  account = await bank.account('100.00');
});

afterAll(async () => {
  if (bank !== undefined) expect(await verifyLedger(bank.connection)).toEqual([]);
  await bank?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

async function entriesOf(transaction: number): Promise<string[]> {
  const rows = await bank.rows('SELECT * FROM ledger_entries WHERE transaction_id = ? ORDER BY leg', [transaction]);
  return rows.map((row) => `${row['posting_type']} ${row['account_id']} ${row['amount']} ${row['balance_after'] ?? '-'}`);
}

describe('a plain INSERT INTO transactions', () => {
  it('with a merchant is a purchase: two entries, debit of the account', async () => {
    const [owner] = await bank.rows('SELECT customer_id FROM accounts WHERE account_id = ?', [account]);
    const values = [account, owner?.['customer_id'], 7, '12.34', 'USD', 'posted', '2026-11-21 10:00:00'];
    const id = await bank.run(`INSERT INTO transactions ${SEED_COLUMNS} VALUES (?)`, [values]);
    expect(await entriesOf(id)).toEqual([`DEBIT ${account} 12.3400 87.6600`, 'CREDIT 802 12.3400 -']);
    expect(await bank.balance(account)).toBe('87.6600');
    expect((await bank.rows('SELECT name, category FROM merchants WHERE merchant_id = 7'))[0]).toEqual({
      name: 'Merchant 7',
      category: 'unclassified',
    });
  });

  it('without one is a deposit, with everything that was left out filled in', async () => {
    const id = await bank.run(`INSERT INTO transactions (account_id, amount) VALUES (${account}, 1)`);
    expect(await entriesOf(id)).toEqual([`CREDIT ${account} 1.0000 101.0000`, 'DEBIT 801 1.0000 -']);
    const [row] = await bank.rows(
      'SELECT *, event_ts = created_at AND posted_at = created_at AS same FROM transactions WHERE transaction_id = ?',
      [id],
    );
    expect(row).toMatchObject({
      type: 'DEPOSIT',
      direction: 'CREDIT',
      status: 'posted',
      currency: 'USD',
      counter_account_id: 801,
      same: 1,
    });
    expect(row?.['customer_id']).not.toBeNull();
  });

  it('takes any subset of the columns, explicit NULLs, many rows, and a session without strict mode', async () => {
    const loose = await bank.open();
    await loose.query(`SET SESSION sql_mode = ''`);
    await loose.query(
      `INSERT INTO transactions (account_id, amount, customer_id, currency, status, event_ts, created_at, type)
       VALUES (${account}, 1, NULL, NULL, NULL, NULL, NULL, NULL), (${account}, 2, NULL, NULL, NULL, NULL, NULL, NULL)`,
    );
    expect(await bank.balance(account)).toBe('103.0000');
    expect(await bank.refusal(`INSERT INTO transactions (account_id, amount) VALUES (${account}, 'much')`, loose)).toContain(
      'greater than zero',
    );
  });

  it('moves nothing while pending or failed, and posts when pending turns posted', async () => {
    const pending = await bank.run(
      `INSERT INTO transactions (account_id, amount, merchant_id, status) VALUES (${account}, 40, 1, 'PENDING')`,
    );
    const failed = await bank.run(
      `INSERT INTO transactions (account_id, amount, merchant_id, status) VALUES (${account}, 41, 1, 'failed')`,
    );
    expect(await entriesOf(pending)).toEqual([]);
    await bank.run(`UPDATE transactions SET status = 'posted' WHERE transaction_id = ${pending}`);
    expect(await entriesOf(pending)).toEqual([`DEBIT ${account} 40.0000 60.0000`, 'CREDIT 802 40.0000 -']);
    expect(await bank.refusal(`UPDATE transactions SET status = 'posted' WHERE transaction_id = ${failed}`)).toContain(
      'is failed and cannot be changed',
    );
    await bank.run(`DELETE FROM transactions WHERE transaction_id = ${failed}`);
    expect(await bank.balance(account)).toBe('60.0000');
  });

  it('posts every type on its side', async () => {
    const moved: Record<string, string> = {};
    for (const type of ['WITHDRAWAL', 'FEE', 'CASHBACK', 'REFUND', 'CHARGEBACK', 'INTEREST', 'DEPOSIT', 'PURCHASE']) {
      const id = await bank.run(`INSERT INTO transactions (account_id, amount, type) VALUES (${account}, 1, '${type}')`);
      moved[type] = (await entriesOf(id)).map((entry) => entry.split(' ').slice(0, 2).join(' ').replace(String(account), 'it')).join(', ');
    }
    expect(moved).toEqual({
      WITHDRAWAL: 'DEBIT it, CREDIT 801',
      FEE: 'DEBIT it, CREDIT 803',
      CASHBACK: 'CREDIT it, DEBIT 804',
      REFUND: 'CREDIT it, DEBIT 802',
      CHARGEBACK: 'CREDIT it, DEBIT 802',
      INTEREST: 'CREDIT it, DEBIT 807',
      DEPOSIT: 'CREDIT it, DEBIT 801',
      PURCHASE: 'DEBIT it, CREDIT 802',
    });
    const adjustment = await bank.run(
      `INSERT INTO transactions (account_id, amount, type, direction) VALUES (${account}, 3, 'ADJUSTMENT', 'DEBIT')`,
    );
    expect(await entriesOf(adjustment)).toEqual([`DEBIT ${account} 3.0000 99.0000`, 'CREDIT 808 3.0000 -']);
  });

  it('transfers between customers, and keeps both balances', async () => {
    const other = await bank.account('0');
    await bank.run(`INSERT INTO transactions (account_id, counter_account_id, amount, type) VALUES (${account}, ${other}, 30, 'TRANSFER')`);
    await bank.run(`INSERT INTO transactions (account_id, counter_account_id, amount, type) VALUES (${other}, ${account}, 5, 'transfer')`);
    expect([await bank.balance(account), await bank.balance(other)]).toEqual(['75.0000', '25.0000']);
  });

  it('undoes with a reversal once, returns with refunds up to the whole', async () => {
    const buy = await bank.run(`INSERT INTO transactions (account_id, amount, merchant_id) VALUES (${account}, 60, 1)`);
    const refund = (amount: number) =>
      `INSERT INTO transactions (account_id, amount, type, reference_id) VALUES (${account}, ${amount}, 'REFUND', ${buy})`;
    await bank.run(refund(20));
    expect(await bank.refusal(refund(41))).toContain(`transaction ${buy} of 60.0000 has 20.0000 returned already, not 41.0000 more`);
    const reverse = (amount: number, of: number) =>
      `INSERT INTO transactions (account_id, amount, type, reversal_of) VALUES (${account}, ${amount}, 'REVERSAL', ${of})`;
    expect(await bank.refusal(reverse(60, buy))).toContain('returned already');
    const fee = await bank.run(`INSERT INTO transactions (account_id, amount, type) VALUES (${account}, 9, 'FEE')`);
    expect(await bank.refusal(reverse(8, fee))).toContain('REVERSAL returns the whole 9.0000');
    const undone = await bank.run(reverse(9, fee));
    expect(await entriesOf(undone)).toEqual([`CREDIT ${account} 9.0000 60.0000`, 'DEBIT 803 9.0000 -']);
    expect(await bank.refusal(reverse(9, fee))).toContain('returned already');
    expect(await bank.refusal(reverse(9, 999_999))).toContain('unknown transaction 999999');
  });
});

describe('a plain INSERT INTO accounts', () => {
  it('with a balance gets an opening transaction against opening equity', async () => {
    const rows = await bank.rows('SELECT transaction_id, type, counter_account_id FROM transactions WHERE account_id = ?', [account]);
    expect(rows.map(({ type, counter_account_id }) => `${type} ${counter_account_id}`)).toEqual(['OPENING 806']);
    expect(await entriesOf(rows[0]?.['transaction_id'])).toEqual([`CREDIT ${account} 100.0000 100.0000`, 'DEBIT 806 100.0000 -']);
    expect(await bank.balance(account)).toBe('100.0000');
  });

  it('with none gets none, with a negative one within its limit a debit', async () => {
    expect(await bank.balance(await bank.account('0'))).toBe('0.0000');
    const card = await bank.account('-50', { account_type: 'credit', overdraft_limit: '500' });
    expect(await bank.balance(card)).toBe('-50.0000');
    await bank.run(`INSERT INTO transactions (account_id, amount, merchant_id) VALUES (${card}, 450, 1)`);
    expect(await bank.refusal(`INSERT INTO transactions (account_id, amount, merchant_id) VALUES (${card}, 0.01, 1)`)).toContain(
      'insufficient funds',
    );
  });

  it('in another enabled currency uses the house accounts of that currency', async () => {
    const rupees = await bank.account('10', { currency: 'INR' });
    const id = await bank.run(`INSERT INTO transactions (account_id, amount, currency) VALUES (${rupees}, 5, 'INR')`);
    expect(await entriesOf(id)).toEqual([`CREDIT ${rupees} 5.0000 15.0000`, 'DEBIT 811 5.0000 -']);
    await bank.run(`CALL ledger_enable_currency('JPY')`);
    const yen = await bank.account('1000', { currency: 'JPY' });
    expect(await bank.refusal(`INSERT INTO transactions (account_id, amount, currency) VALUES (${yen}, 0.5, 'JPY')`)).toContain(
      'more fraction digits than JPY allows (0)',
    );
  });
});
