import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from 'mysql2/promise';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openBank, type TestBank } from '../../test/support/test-bank.ts';
import { migrate } from './migrate.ts';
import { verifyLedger } from './verify.ts';

let server: TestMysql;
let bank: TestBank;
let service: Connection;

beforeAll(async () => {
  server = await startMysql();
  bank = await openBank(server, 'bank');
  await bank.run(`CREATE USER 'ledgerflow_service'@'%' IDENTIFIED BY 'pw'`);
  await migrate({ ...server, database: 'bank' });
  service = await bank.open({ user: 'ledgerflow_service', password: 'pw' });
  await service.query('SET @ledgerflow_service = 1');
});

afterAll(async () => {
  await bank?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const HOLD = `INSERT INTO holds (account_id, customer_id, amount, currency, expires_at, created_at, effective_at)
  SELECT account_id, customer_id, ?, currency, '2030-01-01', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM accounts WHERE account_id = ?`;

describe('held money', () => {
  it('cannot be spent by plain SQL, nor set by it', async () => {
    const account = await bank.account('100.00');
    await service.query(HOLD, ['70.00', account]);
    await service.query('UPDATE accounts SET held = 70 WHERE account_id = ?', [account]);
    expect(await bank.refusal(`INSERT INTO transactions (account_id, amount, type) VALUES (${account}, 31, 'WITHDRAWAL')`)).toMatch(
      /ck_accounts_available/,
    );
    await bank.run(`INSERT INTO transactions (account_id, amount, type) VALUES (${account}, 30, 'WITHDRAWAL')`);
    expect(await bank.balance(account)).toBe('70.0000');
    expect(await bank.refusal(`UPDATE accounts SET held = 0 WHERE account_id = ${account}`)).toMatch(/^45000 the held money of account/);
    expect(await verifyLedger(bank.connection)).toEqual([]);
  });

  it('has one resolution, and neither hold nor resolution changes', async () => {
    const account = await bank.account('100.00');
    await service.query(HOLD, ['5.00', account]);
    const [row] = await bank.rows('SELECT MAX(hold_id) AS id FROM holds');
    const id = Number(row?.['id']);
    const resolve = `INSERT INTO hold_resolutions (hold_id, outcome, captured, resolved_at) VALUES (${id}, 'voided', 0, UTC_TIMESTAMP(6))`;
    await bank.run(resolve);
    expect(await bank.refusal(resolve)).toMatch(/^23000 Duplicate entry/);
    expect(await bank.refusal(`UPDATE hold_resolutions SET outcome = 'expired' WHERE hold_id = ${id}`)).toMatch(
      /^45000 hold \d+ is voided/,
    );
    expect(await bank.refusal(`DELETE FROM holds WHERE hold_id = ${id}`)).toMatch(/^45000 hold \d+ cannot be deleted/);
    expect(
      await bank.refusal(`INSERT INTO hold_resolutions (hold_id, outcome, captured, resolved_at) VALUES (${id}, 'captured', 0, NOW())`),
    ).toMatch(/ck_resolutions_captured/);
  });
});

describe('the service login', () => {
  it('adds to its logs and cannot change them', async () => {
    for (const table of ['idempotency_keys', 'holds', 'hold_resolutions', 'account_status_changes']) {
      expect(await bank.refusal(`DELETE FROM ${table}`, service)).toMatch(/^42000 DELETE command denied/);
    }
  });

  it('writes more than two legs, which plain SQL cannot take back by halves', async () => {
    const [payer, one, two] = [await bank.account('10.00'), await bank.account('0'), await bank.account('0')];
    const at = '2026-01-01 00:00:00.000000';
    const posted = await service.query(
      `INSERT INTO transactions (account_id, customer_id, amount, status, event_ts, created_at, type, direction, counter_account_id, effective_at, posted_at)
       SELECT account_id, customer_id, 3, 'posted', '${at}', '${at}', 'TRANSFER', 'DEBIT', ?, '${at}', '${at}' FROM accounts WHERE account_id = ?`,
      [one, payer],
    );
    const id = (posted[0] as { insertId: number }).insertId;
    await service.query(
      `INSERT INTO ledger_entries (transaction_id, account_id, posting_type, amount, currency, balance_after, account_seq, created_at, leg) VALUES ?`,
      [
        [
          [id, payer, 'DEBIT', '3', 'USD', '7', 2, at, 1],
          [id, one, 'CREDIT', '1', 'USD', '1', 1, at, 2],
          [id, two, 'CREDIT', '2', 'USD', '2', 1, at, 3],
        ],
      ],
    );
    for (const [account, balance, sequence] of [
      [payer, '7', 2],
      [one, '1', 1],
      [two, '2', 1],
    ])
      // prettier-ignore
      await service.query('UPDATE accounts SET balance = ?, entry_seq = ? WHERE account_id = ?', [balance, sequence, account]);
    const reversal = `INSERT INTO transactions (account_id, amount, type, reversal_of) VALUES (${payer}, 3, 'REVERSAL', ${id})`;
    expect(await bank.refusal(reversal)).toMatch(/^45000 transaction \d+ has more than two legs/);
    expect(await verifyLedger(bank.connection)).toEqual([]);
  });
});
