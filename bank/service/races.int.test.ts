// Named races on real MySQL: whatever arrives together, the outcome is one that some order could have had, and no cent is lost.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { freshKey, openLedger, tally, told, type TestLedger } from '../../test/support/test-ledger.ts';
import { parseCommand, type Operation } from '../ledger/commands.ts';
import { verifyLedger } from '../schema/verify.ts';
import type { Ledger } from './executor.ts';

let server: TestMysql;

beforeAll(async () => {
  server = await startMysql();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe.each(['grouped', 'single'] as const)('races, %s', (execution) => {
  let bank: TestLedger;
  /** A second service on the same bank: what one process's queue orders, two processes race for. */
  let other: Ledger;

  beforeAll(async () => {
    bank = await openLedger(server, `races_${execution}`, execution);
    other = await bank.start();
  });

  afterAll(async () => {
    expect(bank.failures).toEqual([]);
    expect(await verifyLedger(bank.bank.connection)).toEqual([]);
    await bank[Symbol.asyncDispose]();
  });

  async function open(balance: string): Promise<number> {
    const { body } = await bank.send('open_account', { owner: 'Race Test', currency: 'USD' });
    const id = Number(body['account_id']);
    if (balance !== '0') await bank.send('deposit', { account_id: id, amount: balance });
    return id;
  }

  /** Sends through both services in turn; answers how often each code came. */
  async function storm(requests: readonly (readonly [Operation, object, string?])[]): Promise<Record<string, number>> {
    const answers = requests.map(async ([operation, body, key], index) => {
      const service = index % 2 === 0 ? bank.ledger : other;
      return told(await service.execute(parseCommand(operation, body), { actor: 'race', idempotencyKey: key ?? freshKey() }));
    });
    return tally(await Promise.all(answers));
  }

  it('parallel withdrawals stop at zero', async () => {
    const account = await open('50');
    const requests = Array.from({ length: 120 }, () => ['withdraw', { account_id: account, amount: '1' }] as const);
    expect(await storm(requests)).toEqual({ 201: 50, '422 insufficient_funds': 70 });
    expect(await bank.bank.balance(account)).toBe('0.0000');
  });

  it('credits of one account all arrive', async () => {
    const [account, from] = [await open('0'), await open('100')];
    const requests = Array.from({ length: 100 }, (_, index) =>
      index % 2 === 0
        ? (['deposit', { account_id: account, amount: '0.01' }] as const)
        : (['transfer', { from_account_id: from, to_account_id: account, amount: '0.02' }] as const),
    );
    expect(await storm(requests)).toEqual({ 201: 100 });
    expect(await bank.bank.balance(account)).toBe('1.5000');
  });

  it('of many reversals of one transaction one succeeds', async () => {
    const account = await open('10');
    const { body } = await bank.send('purchase', { account_id: account, amount: '4', merchant: { name: 'Race Shop' } });
    const requests = Array.from({ length: 20 }, () => ['reversal', { transaction_id: body['transaction_id'] }] as const);
    expect(await storm(requests)).toEqual({ 201: 1, '409 already_reversed': 19 });
    expect(await bank.bank.balance(account)).toBe('10.0000');
  });

  it('refunds in parallel return no more than was paid', async () => {
    const account = await open('10');
    const { body } = await bank.send('purchase', { account_id: account, amount: '4', merchant: { name: 'Race Shop' } });
    const requests = Array.from({ length: 20 }, () => ['refund', { transaction_id: body['transaction_id'], amount: '0.75' }] as const);
    expect(await storm(requests)).toEqual({ 201: 5, '422 return_exceeds_original': 15 });
    expect(await bank.bank.balance(account)).toBe('9.7500');
  });

  it('of many captures of one hold one succeeds', async () => {
    const account = await open('10');
    const { body } = await bank.send('authorise', { account_id: account, amount: '4', merchant: { name: 'Race Shop' } });
    const requests = Array.from({ length: 20 }, () => ['capture', { hold_id: body['hold_id'], amount: '3' }] as const);
    expect(await storm(requests)).toEqual({ 201: 1, '409 hold_resolved': 19 });
    expect(await bank.bank.balance(account)).toBe('7.0000');
  });

  it('capture, void and expiry of one hold: exactly one wins', async () => {
    for (let round = 0; round < 6; round += 1) {
      const account = await open('10');
      const hold = { account_id: account, amount: '4', merchant: { name: 'Race Shop' }, expires_in_seconds: 1 };
      const { body } = await bank.send('authorise', hold);
      const id = Number(body['hold_id']);
      await new Promise((resolve) => setTimeout(resolve, 960 + round * 15));
      const [outcomes, expired] = await Promise.all([
        storm(Array.from({ length: 4 }, (_, index) => [index % 2 === 0 ? 'capture' : 'void', { hold_id: id }] as const)),
        Promise.all([bank.ledger, other].map(async (service) => told(await service.expire(BigInt(id))))),
      ]);
      const won = (outcomes['201'] ?? 0) + (outcomes['200'] ?? 0) + expired.filter((code) => code === '200').length;
      expect(won).toBe(1);
      const [row] = await bank.bank.rows(
        'SELECT r.outcome, a.balance, a.held FROM hold_resolutions r JOIN holds USING (hold_id) JOIN accounts a USING (account_id) WHERE hold_id = ?',
        [id],
      );
      expect(row).toMatchObject({ balance: row?.['outcome'] === 'captured' ? '6.0000' : '10.0000', held: '0.0000' });
    }
  });

  it('a key sent many times at once runs once', async () => {
    const account = await open('10');
    const key = freshKey();
    const send = async (service: Ledger) =>
      await service.execute(parseCommand('withdraw', { account_id: account, amount: '3' }), { actor: 'race', idempotencyKey: key });
    const answers = await Promise.all(Array.from({ length: 30 }, async (_, index) => await send(index % 2 === 0 ? bank.ledger : other)));
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(answers.map(({ status, body }) => `${status} ${String(body['transaction_id'] as number)}`)).size).toBe(1);
    expect(await bank.bank.balance(account)).toBe('7.0000');
  });

  it('a key that is twice in a batch runs once, and another request under it is refused', async () => {
    const account = await open('10');
    const request = (amount: string) => ({
      command: parseCommand('withdraw', { account_id: account, amount }),
      context: { actor: 'race', idempotencyKey: 'in-batch' },
    });
    const answers = await bank.ledger.executeBatch([request('3'), request('3'), request('4')], { mode: 'continue' });
    expect(answers.map((answer) => `${told(answer)} ${answer.replayed}`)).toEqual([
      '201 false',
      '201 true',
      '422 idempotency_key_reused false',
    ]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(await bank.bank.balance(account)).toBe('7.0000');
  });

  it('a batch is all or nothing, or goes on without the refused', async () => {
    const [rich, poor] = [await open('100'), await open('0')];
    const batch = (label: string) =>
      [
        { from_account_id: rich, to_account_id: poor, amount: '10' },
        { from_account_id: poor, to_account_id: rich, amount: '11' },
        { from_account_id: poor, to_account_id: rich, amount: '4' },
      ].map((body, index) => ({
        command: parseCommand('transfer', body),
        context: { actor: 'race', idempotencyKey: `${label}-${rich}-${index}` },
      }));
    const none = await bank.ledger.executeBatch(batch('none'), { mode: 'all_or_nothing' });
    expect(none.map(told)).toEqual(['424 batch_aborted', '422 insufficient_funds', '424 batch_aborted']);
    expect([await bank.bank.balance(rich), await bank.bank.balance(poor)]).toEqual(['100.0000', '0.0000']);
    const some = await bank.ledger.executeBatch(batch('some'), { mode: 'continue' });
    expect(some.map(told)).toEqual(['201', '422 insufficient_funds', '201']);
    expect([await bank.bank.balance(rich), await bank.bank.balance(poor)]).toEqual(['94.0000', '6.0000']);
  });

  it('close against transfer: a closed account has no money', async () => {
    for (let round = 0; round < 8; round += 1) {
      const [account, from] = [await open('0'), await open('5')];
      await storm([
        ['transfer', { from_account_id: from, to_account_id: account, amount: '5' }],
        ['close', { account_id: account }],
        ['transfer', { from_account_id: account, to_account_id: from, amount: '5' }],
        ['close', { account_id: account }],
      ]);
      const [row] = await bank.bank.rows('SELECT status, balance FROM accounts WHERE account_id = ?', [account]);
      if (row?.['status'] === 'closed') expect(row['balance']).toBe('0.0000');
      expect(['active', 'closed']).toContain(row?.['status']);
    }
  });

  it('opposite transfers between the same accounts, with plain SQL in between: no deadlock reaches a caller', async () => {
    const [a, b] = [await open('100'), await open('100')];
    const sql = await bank.bank.open();
    const requests = Array.from({ length: 200 }, (_, index) => {
      const [from, to] = index % 2 === 0 ? [a, b] : [b, a];
      return ['transfer', { from_account_id: from, to_account_id: to, amount: '0.01' }] as const;
    });
    const plain = async (): Promise<void> => {
      for (let sent = 0; sent < 60; sent += 1) {
        const [from, to] = sent % 2 === 0 ? [a, b] : [b, a];
        await sql.query(
          `INSERT INTO transactions (account_id, counter_account_id, amount, type) VALUES (${from}, ${to}, 0.01, 'TRANSFER')`,
        );
      }
    };
    const [outcomes] = await Promise.all([storm(requests), plain()]);
    expect(outcomes).toEqual({ 201: 200 });
    expect([await bank.bank.balance(a), await bank.bank.balance(b)]).toEqual(['100.0000', '100.0000']);
  });

  it('an error that nobody expects fails its own request alone', async () => {
    const [good, bad] = [await open('10'), await open('10')];
    await bank.bank.run(`CREATE TRIGGER transactions_sabotage BEFORE INSERT ON transactions FOR EACH ROW
      BEGIN IF NEW.description = 'sabotage' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END IF; END`);
    const requests = Array.from({ length: 21 }, (_, index) =>
      index === 10
        ? (['withdraw', { account_id: bad, amount: '1', description: 'sabotage' }] as const)
        : (['withdraw', { account_id: good, amount: '0.10' }] as const),
    );
    expect(await storm(requests)).toEqual({ 201: 20, '500 internal_error': 1 });
    await bank.bank.run('DROP TRIGGER transactions_sabotage');
    expect([await bank.bank.balance(good), await bank.bank.balance(bad)]).toEqual(['8.0000', '10.0000']);
    expect(bank.failures.splice(0)).toHaveLength(1);
  });
});
