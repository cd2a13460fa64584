import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { provideLogin } from '../../test/support/test-ledger.ts';
import { verifyLedger } from '../schema/verify.ts';
import { tellDemo } from './alice-and-bob.ts';

let server: TestMysql;

beforeAll(async () => {
  server = await startMysql();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

it('the demo ends at 450, 50 and -500, also when it is told twice', async () => {
  const { bank: opened, login } = await provideLogin(server, 'story');
  await using bank = opened;
  for (const told of [1, 2]) {
    const { accounts, transactionIds } = await tellDemo(login);
    expect(accounts.map(({ name, balance }) => [name, balance])).toEqual([
      ['Alice', '450.0000'],
      ['Bob', '50.0000'],
      ['Float', '-500.0000'],
    ]);
    expect(transactionIds).toHaveLength(3);
    const [alice, bob] = accounts.map(({ accountId }) => Number(accountId));
    expect([await bank.balance(alice!), await bank.balance(bob!)]).toEqual(['450.0000', '50.0000']);
    const [float] = await bank.rows(
      `SELECT SUM(IF(posting_type = 'CREDIT', amount, -amount)) AS balance FROM ledger_entries WHERE account_id = 801`,
    );
    expect(float?.['balance']).toBe(told === 1 ? '-500.0000' : '-1000.0000');
  }
  expect(await verifyLedger(bank.connection)).toEqual([]);
});
