import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditBank } from '../../test/support/audit-bank.ts';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openBank, type TestBank } from '../../test/support/test-bank.ts';
import { checkBalances, repairBalances, type Drift } from './rebuild.ts';

let server: TestMysql;

beforeAll(async () => {
  server = await startMysql();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

async function check(bank: TestBank): Promise<{ drifts: Drift[]; accounts: number; entries: number }> {
  const drifts: Drift[] = [];
  const { accounts, entries } = await checkBalances(bank.connection, { onDrift: (drift) => drifts.push(drift) });
  return { drifts, accounts, entries };
}

describe('the rebuilt balances', () => {
  it('equal the cached ones in a bank that only posted, over several pages of accounts', async () => {
    await using bank = await openBank(server, 'rebuilt');
    const { fill } = auditBank(server, bank);
    await fill(3);
    const owner = await bank.run(`INSERT INTO customers (first_name) VALUES ('Many')`);
    await bank.run('INSERT INTO accounts (customer_id, balance) VALUES ?', [Array.from({ length: 1_500 }, (_, at) => [owner, at])]);
    const progress: number[] = [];
    const result = await checkBalances(bank.connection, {
      onDrift: () => expect.unreachable(),
      onProgress: ({ accounts, total }) => progress.push(accounts, total),
    });
    expect(result).toEqual({ accounts: 1_501, entries: 4 + 1_499, drifted: 0 });
    expect(progress).toEqual([1_000, 1_501, 1_501, 1_501]);
  });

  it('name the accounts that drifted, and how; a repair follows the entries', async () => {
    await using bank = await openBank(server, 'drifted');
    const { tamper } = auditBank(server, bank);
    const [right, wrong, lost, held] = [
      await bank.account('1.00'),
      await bank.account('20.00'),
      await bank.account('30.00'),
      await bank.account('40.00'),
    ];
    await tamper(
      `UPDATE accounts SET balance = 21 WHERE account_id = ${wrong}`,
      `DELETE FROM ledger_entries WHERE account_id = ${lost}`,
      `UPDATE accounts SET held = 5 WHERE account_id = ${held}`,
    );
    const { drifts, accounts } = await check(bank);
    expect(accounts).toBe(4);
    expect(drifts.map(({ accountId }) => accountId)).toEqual([wrong, lost, held].map(String));
    expect(drifts[0]).toEqual({
      accountId: String(wrong),
      currency: 'USD',
      cached: { balance: '21.0000', entrySeq: '1', held: '0.0000' },
      derived: { balance: '20.0000', entrySeq: '1', held: '0.0000' },
    });
    expect(drifts[1]?.derived).toEqual({ balance: '0.0000', entrySeq: '0', held: '0.0000' });
    expect(drifts[2]).toMatchObject({ cached: { held: '5.0000' }, derived: { held: '0.0000' } });
    expect(await repairBalances(await bank.open(), [right, wrong, held].map(String))).toHaveLength(2);
    expect((await check(bank)).drifts.map(({ accountId }) => accountId)).toEqual([String(lost)]);
  });
});
