// Many clients at once with random statements, good and bad: whatever is accepted or refused, no cent appears or vanishes.

import { createRandom, type Random } from '../generator/random.ts';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openBank, type TestBank } from '../../test/support/test-bank.ts';
import { verifyLedger } from './verify.ts';

const CLIENTS = 16;
const STATEMENTS_PER_CLIENT = 160;
const ACCOUNTS = 12;
const FIRST_ACCOUNT = 1001;

let server: TestMysql;
let bank: TestBank;
let clients: Connection[];

beforeAll(async () => {
  server = await startMysql();
  bank = await openBank(server, 'bank');
  for (let index = 0; index < ACCOUNTS; index += 1) {
    await bank.account(String(index * 20), { currency: index % 4 === 3 ? 'INR' : 'USD', overdraft_limit: String((index % 3) * 50) });
  }
  clients = await Promise.all(Array.from({ length: CLIENTS }, () => bank.open()));
});

afterAll(async () => {
  await bank?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

/** A statement that may be right or wrong in any way a client can get it wrong. */
function anyStatement(random: Random): string {
  const account = FIRST_ACCOUNT + random.int(0, ACCOUNTS);
  const counter = FIRST_ACCOUNT + random.int(0, ACCOUNTS - 1);
  const amount = `${random.int(-1, 80)}.${random.pick(['00', '5', '99', '001', '12345'])}`;
  const currency = random.pick(['USD', 'USD', 'USD', 'INR']);
  const status = random.pick(['posted', 'posted', 'posted', 'pending', 'failed']);
  const roll = random.unit();
  if (roll < 0.35)
    return `INSERT INTO transactions (account_id, amount, currency, status) VALUES (${account}, ${amount}, '${currency}', '${status}')`;
  if (roll < 0.6)
    return `INSERT INTO transactions (account_id, merchant_id, amount, currency, status) VALUES (${account}, ${random.int(0, 9)}, ${amount}, '${currency}', '${status}')`;
  if (roll < 0.8)
    return `INSERT INTO transactions (account_id, counter_account_id, amount, currency, type) VALUES (${account}, ${counter}, ${amount}, '${currency}', 'TRANSFER')`;
  if (roll < 0.9)
    return `UPDATE transactions SET status = '${random.pick(['posted', 'failed'])}' WHERE status = 'pending' AND transaction_id = ${random.int(1, 800)}`;
  if (roll < 0.93)
    return `INSERT INTO transactions (account_id, amount, type, reference_id) VALUES (${account}, ${amount}, 'REFUND', ${random.int(1, 800)})`;
  if (roll < 0.96)
    return `INSERT INTO transactions (account_id, amount, type, reversal_of) SELECT ${account}, ${amount}, 'REVERSAL', ${random.int(1, 800)}`;
  return `UPDATE accounts SET status = '${random.pick(['frozen', 'active', 'active', 'active'])}' WHERE account_id = ${account}`;
}

async function send(client: Connection, sql: string): Promise<string> {
  return await client.query(sql).then(
    () => 'accepted',
    (error: unknown) => String((error as { sqlState?: string }).sqlState),
  );
}

function count(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

describe('a storm of plain SQL', () => {
  it(`of ${CLIENTS * STATEMENTS_PER_CLIENT} random statements over ${CLIENTS} connections conserves money`, async () => {
    const outcomes = await Promise.all(
      clients.map(async (client, index) => {
        const random = createRandom(2_026, index);
        const seen: string[] = [];
        for (let sent = 0; sent < STATEMENTS_PER_CLIENT; sent += 1) seen.push(await send(client, anyStatement(random)));
        return seen;
      }),
    );
    const counts = count(outcomes.flat());
    expect(counts['accepted']).toBeGreaterThan(600);
    expect(counts['45000']).toBeGreaterThan(400);
    // 40001 is MySQL's "deadlock, try again": single-row statements lock in one order and never meet it (ADR 0001).
    expect(Object.keys(counts).filter((state) => !['accepted', '45000', '23000'].includes(state))).toEqual([]);
    expect(await verifyLedger(bank.connection)).toEqual([]);
  });

  it('of opposite transfers between the same accounts has no deadlock', async () => {
    await bank.run(`UPDATE accounts SET status = 'active'`);
    const pairs = await Promise.all(
      clients.map(async (client, index) => {
        const [from, to] = index % 2 === 0 ? [1005, 1006] : [1006, 1005];
        const sql = `INSERT INTO transactions (account_id, counter_account_id, amount, type) VALUES (${from}, ${to}, 0.01, 'TRANSFER')`;
        const seen: string[] = [];
        for (let sent = 0; sent < 40; sent += 1) seen.push(await send(client, sql));
        return seen;
      }),
    );
    expect(count(pairs.flat())).toEqual({ accepted: CLIENTS * 40 });
    expect(await verifyLedger(bank.connection)).toEqual([]);
  });

  it('of returns, pending ones and their resolutions among them, has no deadlock and returns nothing twice', async () => {
    const bought = await Promise.all(
      clients.map(async (client) => {
        const account = await bank.account('1000');
        const ids: number[] = [];
        for (let made = 0; made < 5; made += 1) {
          const sql = `INSERT INTO transactions (account_id, amount, merchant_id) VALUES (${account}, 10, 1)`;
          const [answer] = await client.query(sql);
          ids.push((answer as { insertId: number }).insertId);
        }
        return ids.map((id) => ({ id, account }));
      }),
    );
    const purchases = bought.flat();
    const last = Math.max(...purchases.map(({ id }) => id));
    const outcomes = await Promise.all(
      clients.map(async (client, index) => {
        const random = createRandom(77, index);
        const seen: string[] = [];
        for (let sent = 0; sent < 60; sent += 1) {
          const { id, account } = random.pick(purchases);
          const status = random.pick(['posted', 'posted', 'pending', 'failed']);
          const sql = random.pick([
            `INSERT INTO transactions (account_id, amount, type, reference_id, status) VALUES (${account}, 3, 'REFUND', ${id}, '${status}')`,
            `INSERT INTO transactions (account_id, amount, type, reversal_of, status) VALUES (${account}, 10, 'REVERSAL', ${id}, '${status}')`,
            `INSERT INTO transactions (account_id, amount, type, reference_id, status) VALUES (${account}, 1, 'FEE', ${last + random.int(1, 300)}, '${status}')`,
            `UPDATE transactions SET status = '${random.pick(['posted', 'failed'])}' WHERE status = 'pending' AND transaction_id = ${last + random.int(1, 300)}`,
          ]);
          seen.push(await send(client, sql));
        }
        return seen;
      }),
    );
    const counts = count(outcomes.flat());
    expect(counts['accepted']).toBeGreaterThan(200);
    expect(counts['45000']).toBeGreaterThan(50);
    expect(Object.keys(counts).filter((state) => !['accepted', '45000', '23000'].includes(state))).toEqual([]);
    expect(await verifyLedger(bank.connection)).toEqual([]);
  });

  it('of accounts that are opened with a balance, and of new merchants, has no deadlock', async () => {
    const outcomes = await Promise.all(
      clients.map(async (client, index) => {
        const seen: string[] = [];
        for (let sent = 0; sent < 20; sent += 1) {
          seen.push(await send(client, `INSERT INTO accounts (customer_id, balance) VALUES (1001, ${sent + 1})`));
          const merchant = 50_000 + sent;
          const device = index % 3 === 0 ? 999_999 : 'NULL'; // refused by its key, after the merchant was registered
          const columns = 'account_id, merchant_id, amount, device_id';
          seen.push(
            await send(client, `INSERT INTO transactions (${columns}) VALUES (${1006 + (index % 2)}, ${merchant}, 0.01, ${device})`),
          );
        }
        return seen;
      }),
    );
    const counts = count(outcomes.flat());
    expect(Object.keys(counts).filter((state) => !['accepted', '23000'].includes(state))).toEqual([]);
    expect(counts['23000']).toBe(Math.ceil(CLIENTS / 3) * 20);
    expect(await verifyLedger(bank.connection)).toEqual([]);
  });

  it('of multi-row inserts has no deadlock when the accounts are locked first in ascending order', async () => {
    const outcomes = await Promise.all(
      clients.map(async (client, index) => {
        const random = createRandom(7, index);
        const seen: string[] = [];
        for (let sent = 0; sent < 15; sent += 1) {
          const accounts = Array.from({ length: 6 }, () => random.pick([1001, 1002, 1003, 1005, 1006, 1007, 1009, 1010, 1011]));
          await client.query('BEGIN');
          await client.query('SELECT account_id FROM accounts WHERE account_id IN (?) ORDER BY account_id FOR UPDATE', [accounts]);
          seen.push(
            await send(client, `INSERT INTO transactions (account_id, amount) VALUES ${accounts.map((id) => `(${id}, 1)`).join(', ')}`),
          );
          await client.query('COMMIT');
        }
        return seen;
      }),
    );
    expect(count(outcomes.flat())).toEqual({ accepted: CLIENTS * 15 });
    expect(await verifyLedger(bank.connection)).toEqual([]);
  });

  it('of withdrawals from one account stops at its limit', async () => {
    const account = await bank.account('10.00', { overdraft_limit: '5.00' });
    const sql = `INSERT INTO transactions (account_id, amount, type) VALUES (${account}, 1, 'WITHDRAWAL')`;
    const outcomes = await Promise.all(clients.flatMap((client) => [send(client, sql), send(client, sql)]));
    expect(count(outcomes)).toEqual({ accepted: 15, '45000': 17 });
    expect(await bank.balance(account)).toBe('-5.0000');
  });

  it('that is rolled back leaves no trace', async () => {
    const account = await bank.account('10.00');
    const client = clients[0]!;
    await client.query('BEGIN');
    await client.query(`INSERT INTO transactions (account_id, amount) VALUES (${account}, 5), (${account}, 6)`);
    await client.query('ROLLBACK');
    expect(await bank.balance(account)).toBe('10.0000');
    expect(await verifyLedger(bank.connection)).toEqual([]);
  });
});
