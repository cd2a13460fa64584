// The ledger validation finds a cell that was changed past the triggers, and names its row; a sound ledger passes.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBank, type TestBank } from '../../test/support/test-bank.ts';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { startGold } from '../gold/testkit.ts';
import { BankWorld } from '../gold/testkit-world.ts';
import { loadValidations, validate, type Ask, type ValidationResult } from './validation.ts';

const text = (value: unknown): string | null => (value === null || typeof value === 'string' ? value : JSON.stringify(value));
const failed = (results: readonly ValidationResult[]): string[] => results.filter((result) => !result.passed).map(({ name }) => name);

describe('MySQL', () => {
  let server: TestMysql;
  let bank: TestBank;
  beforeAll(async () => {
    server = await startMysql();
    bank = await openBank(server, 'bank');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const run = (): Promise<ValidationResult[]> => {
    const ask: Ask = async (sql) =>
      (await bank.rows(sql)).map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)])),
      );
    return validate(loadValidations('mysql'), ask);
  };
  /** As root, with the triggers out of the way: what an intruder or a broken disk would do. */
  const bypassed = async (sql: string): Promise<void> => {
    const triggers = await bank.rows('SHOW TRIGGERS');
    const bodies = [];
    for (const { Trigger: name } of triggers)
      bodies.push((await bank.rows(`SHOW CREATE TRIGGER \`${String(name)}\``))[0]?.['SQL Original Statement'] as string);
    for (const { Trigger: name } of triggers) await bank.run(`DROP TRIGGER \`${String(name)}\``);
    await bank.run(sql);
    for (const body of bodies) await bank.run(body);
  };

  it('passes a ledger of deposits, purchases, fees and refunds, and names what is changed behind it', async () => {
    const account = await bank.account('1000.00');
    const move = (type: string, amount: string, more: object = {}): Promise<number> =>
      bank.run('INSERT INTO transactions SET ?', [{ account_id: account, type, amount, ...more }]);
    await move('DEPOSIT', '250.00');
    const purchase = await move('PURCHASE', '40.00');
    await move('FEE', '2.50');
    await move('REFUND', '15.00', { reference_id: purchase });
    expect((await run()).map(({ name, passed }) => [name, passed])).toEqual(
      ['balance_consistency', 'refund_reversals', 'revenue_reconciliation', 'account_rollups', 'event_sanity'].map((name) => [name, true]),
    );
    await bypassed(`UPDATE accounts SET balance = balance + 0.01 WHERE account_id = ${account}`);
    const [found] = (await run()).filter(({ passed }) => !passed);
    expect(found?.name).toBe('balance_consistency');
    expect(found?.rows).toMatchObject([{ account_id: String(account), difference: '0.0100' }]);
    await bypassed(`UPDATE accounts SET balance = balance - 0.01 WHERE account_id = ${account}`);
    await bypassed(`UPDATE ledger_entries SET amount = amount + 1 WHERE transaction_id = ${purchase} AND account_id = ${account}`);
    expect(failed(await run())).toEqual(['balance_consistency', 'account_rollups']);
    await bypassed(`UPDATE ledger_entries SET amount = amount - 1 WHERE transaction_id = ${purchase} AND account_id = ${account}`);
    await bypassed(`UPDATE transactions SET amount = 10 WHERE transaction_id = ${purchase}`);
    expect(failed(await run())).toEqual(['refund_reversals']);
  });
});

describe('gold', () => {
  it('passes gold of a random bank, and names a changed row of the store', async () => {
    await using stand = await startGold();
    const { store, refresh } = stand;
    const world = new BankWorld(11);
    await store.commit(world.opening());
    for (let batch = 0; batch < 5; batch += 1) await store.commit(world.batch());
    await refresh();
    const ask: Ask = async (sql) => {
      const reader = await store.writer.runAndReadAll(sql);
      const names = reader.columnNames();
      return reader.getRowsJson().map((row) => Object.fromEntries(names.map((name, index) => [name, text(row[index])])));
    };
    const run = (): Promise<ValidationResult[]> => validate(loadValidations('gold'), ask);
    expect(failed(await run())).toEqual([]);
    const [entry] = (
      await store.writer.runAndReadAll('SELECT entry_id, account_id FROM gold.fct_ledger_entries ORDER BY entry_id LIMIT 1')
    ).getRowsJson();
    await store.writer.run(`UPDATE gold.fct_ledger_entries SET amount = amount + 3 WHERE entry_id = ${entry?.[0] as string}`);
    const results = await run();
    expect(failed(results)).toEqual(expect.arrayContaining(['balance_consistency', 'account_rollups']));
    expect(results[0]?.rows.map(({ account_id: account }) => account)).toEqual([entry?.[1]]);
  });
});
