// What is sealed and when, on a real MySQL.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditBank } from '../../test/support/audit-bank.ts';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openBank } from '../../test/support/test-bank.ts';
import { checkProof, proveTransaction } from './prove.ts';
import { ENTRY_COLUMNS, TRANSACTION_COLUMNS } from './encoding.ts';

let server: TestMysql;

beforeAll(async () => {
  server = await startMysql();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

const at = (text: string) => () => new Date(text);

describe('sealing', () => {
  it('takes each posted transaction once, in order, and nothing when there is nothing', async () => {
    await using bank = await openBank(server, 'seal');
    const { seal, audit, fill } = auditBank(server, bank);
    await fill(3);
    expect(await seal()).toMatchObject({ blocks: 1, transactions: 4, blockNo: 1, open: 0 });
    expect(await seal()).toMatchObject({ blocks: 0, transactions: 0, blockNo: 1 });
    await fill(2);
    const second = await seal();
    expect(second).toMatchObject({ blocks: 1, transactions: 3, blockNo: 2 });
    expect(await audit()).toEqual({ head: second.head, found: [] });
  });

  it('fills blocks and takes several in one go', async () => {
    await using bank = await openBank(server, 'many');
    const { seal, audit } = auditBank(server, bank);
    const account = await bank.account('1.00');
    const values = Array.from({ length: 700 }, () => `(${account}, 1, 'DEPOSIT')`).join(',');
    for (let round = 0; round < 3; round += 1) await bank.run(`INSERT INTO transactions (account_id, amount, type) VALUES ${values}`);
    expect(await seal()).toMatchObject({ blocks: 3, transactions: 2_101 });
    expect((await audit()).found).toEqual([]);
    expect(await bank.rows('SELECT transactions FROM audit_blocks ORDER BY block_no')).toEqual(
      [1_000, 1_000, 101].map((transactions) => ({ transactions })),
    );
  });

  it('waits for a transaction that took its number before one that is committed, and does not make it wait', async () => {
    await using bank = await openBank(server, 'order');
    const { seal, audit } = auditBank(server, bank);
    const [slow, quick] = [await bank.account('10.00'), await bank.account('10.00')];
    await seal();
    const late = await bank.open();
    await late.beginTransaction();
    await late.query(`INSERT INTO transactions (account_id, amount, type) VALUES (${slow}, 1, 'DEPOSIT')`);
    await bank.run(`INSERT INTO transactions (account_id, amount, type) VALUES (${quick}, 2, 'DEPOSIT')`);
    expect(await seal({ settleWaitMs: 300 })).toMatchObject({ blocks: 0, open: 1 });
    // The open transaction goes on writing while a seal waits for it.
    const sealing = seal({ settleWaitMs: 20_000 });
    await late.query(`INSERT INTO transactions (account_id, amount, type) VALUES (${slow}, 3, 'DEPOSIT')`);
    await late.commit();
    await sealing;
    await seal();
    expect((await audit()).found).toEqual([]);
    const [sealed] = await bank.rows('SELECT SUM(transactions) AS n FROM audit_blocks');
    expect(Number(sealed?.['n'])).toBe(5);
  });

  it('takes a pending transaction when it is posted, and skips numbers that were rolled back', async () => {
    await using bank = await openBank(server, 'pending');
    const { seal, audit } = auditBank(server, bank);
    const account = await bank.account('10.00');
    const pending = await bank.run(
      `INSERT INTO transactions (account_id, amount, type, status) VALUES (${account}, 1, 'DEPOSIT', 'pending')`,
    );
    const undone = await bank.open();
    await undone.beginTransaction();
    await undone.query(`INSERT INTO transactions (account_id, amount, type) VALUES (${account}, 2, 'DEPOSIT')`);
    await undone.rollback();
    expect(await seal()).toMatchObject({ transactions: 1 });
    await bank.run(`UPDATE transactions SET status = 'posted' WHERE transaction_id = ${pending}`);
    expect(await seal()).toMatchObject({ transactions: 1 });
    expect((await audit()).found).toEqual([]);
  });

  it('is done by one of many callers at a time, and works with the rights of the service', async () => {
    await using bank = await openBank(server, 'callers');
    const { seal, fill } = auditBank(server, bank);
    await bank.run(`CREATE USER IF NOT EXISTS 'ledgerflow_service'@'%' IDENTIFIED BY 'pw'`);
    await (await openBank(server, 'callers'))[Symbol.asyncDispose](); // migrating once more grants the rights
    await fill(5);
    const service = { user: 'ledgerflow_service', password: 'pw' };
    const results = await Promise.all([1, 2, 3].map(() => seal(service)));
    expect(results.map(({ transactions }) => transactions).sort()).toEqual([0, 0, 6]);
    const login = await bank.open(service);
    expect(await bank.refusal('UPDATE audit_blocks SET head = previous_head', login)).toMatch(/^42000 UPDATE command denied/);
    expect(await bank.refusal('UPDATE audit_blocks SET head = previous_head')).toBe('45000 audit block 1 is sealed and cannot be changed');
    expect(await bank.refusal('DELETE FROM audit_evidence')).toBe('45000 the evidence of audit block 1 cannot be deleted');
  });

  it('closes a day with its Merkle root at the first seal of a later day', async () => {
    await using bank = await openBank(server, 'days');
    const { seal, audit, fill, tamper } = auditBank(server, bank);

    await fill(2);
    await seal({ now: at('2026-11-20T23:59:00Z') });
    await fill(2);
    await seal({ now: at('2026-11-20T23:59:59Z') });
    expect(await seal({ now: at('2026-11-21T00:00:01Z') })).toMatchObject({ days: 1, blocks: 0 });
    await fill(1);
    // A clock that goes back does not reopen the day.
    expect(await seal({ now: at('2026-11-20T23:00:00Z') })).toMatchObject({ days: 0, blocks: 1 });
    expect(await bank.rows('SELECT CAST(day AS CHAR) AS day, first_block, last_block, transactions FROM audit_days')).toEqual([
      { day: '2026-11-20', first_block: 1, last_block: 2, transactions: 6 },
    ]);
    expect((await audit()).found).toEqual([]);
    await tamper('UPDATE audit_days SET merkle_root = head');
    expect((await audit()).found).toMatchObject([{ kind: 'day', message: 'the root of 2026-11-20 does not follow from its blocks' }]);
  });

  it('proves that a transaction is in a block and, once the day is closed, in the day', async () => {
    await using bank = await openBank(server, 'proof');
    const { seal, fill } = auditBank(server, bank);
    const ids = await fill(6);
    await expect(proveTransaction(bank.connection, String(ids[2]))).rejects.toMatchObject({ code: 'LF_AUDIT_UNSEALED' });
    await seal();
    await fill(2);
    await seal();
    const open = await proveTransaction(bank.connection, String(ids[2]));
    expect(open).toMatchObject({ position: 4, block: { blockNo: 1 }, day: null });
    await seal({ now: at('2026-11-22T00:00:00Z') });
    const closed = await proveTransaction(bank.connection, String(ids[2]));
    expect(closed.day).toMatchObject({ day: '2026-11-21' });
    expect([open, closed].map(checkProof)).toEqual([true, true]);
    const forged = closed.encoding.replace('"3.0000"', '"9.0000"');
    expect(forged).not.toBe(closed.encoding);
    expect(checkProof({ ...closed, encoding: forged })).toBe(false);
  });

  it('encodes every column that the two tables have', async () => {
    await using bank = await openBank(server, 'columns');
    const columns = async (table: string) => {
      const rows = await bank.rows('SELECT column_name AS name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?', [
        'columns',
        table,
      ]);
      return rows.map(({ name }) => String(name)).sort();
    };
    expect(await columns('transactions')).toEqual([...TRANSACTION_COLUMNS].sort());
    expect(await columns('ledger_entries')).toEqual([...ENTRY_COLUMNS, 'transaction_id'].sort());
  });
});
