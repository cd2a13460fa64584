// What a change past the triggers looks like to an audit, on a real MySQL.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditBank } from '../../test/support/audit-bank.ts';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openBank } from '../../test/support/test-bank.ts';
import { TRANSACTION_COLUMNS } from './encoding.ts';

let server: TestMysql;

beforeAll(async () => {
  server = await startMysql();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe('a change past the triggers', () => {
  it('of one cell is found and named with what it was', async () => {
    await using bank = await openBank(server, 'cell');
    const { seal, audit, fill, tamper } = auditBank(server, bank);

    const ids = await fill(4);
    await seal();
    await tamper(`UPDATE ledger_entries SET amount = 900 WHERE transaction_id = ${ids[1]} AND leg = 1`);
    expect((await audit()).found).toEqual([
      {
        kind: 'changed',
        blockNo: 1,
        transactionId: String(ids[1]),
        message: `transaction ${ids[1]} is not what was sealed`,
        differences: [{ field: 'leg 1 amount', was: '2.0000', is: '900.0000' }],
      },
    ]);
  });

  it('of any column of transactions is named', async () => {
    await using bank = await openBank(server, 'cells');
    const { seal, audit, fill, tamper } = auditBank(server, bank);

    const columns = TRANSACTION_COLUMNS.filter((column) => column !== 'transaction_id');
    const ids = await fill(columns.length);
    await seal();
    const values: Record<string, string> = {
      amount: '99',
      currency: `'INR'`,
      direction: `'DEBIT'`,
      metadata: `'{"a": 1}'`,
      status: `'failed'`,
    };
    const valueOf = (column: string) => values[column] ?? (/_at$|_ts$/.test(column) ? `'2020-01-01'` : `'77'`);
    await tamper(
      ...['ck_transactions_posted', 'ck_transactions_status'].map((name) => `ALTER TABLE transactions DROP CHECK ${name}`),
      ...columns.map((column, at) => `UPDATE transactions SET ${column} = ${valueOf(column)} WHERE transaction_id = ${ids[at]}`),
    );
    const { found } = await audit();
    expect(found.map(({ transactionId, differences }) => [transactionId, differences.map(({ field }) => field)])).toEqual(
      columns.map((column, at) => [String(ids[at]), [column]]),
    );
  });

  it('that deletes, inserts or swaps is named', async () => {
    await using bank = await openBank(server, 'rows');
    const { seal, audit, fill, tamper } = auditBank(server, bank);

    const [first, second, third, fourth] = await fill(4);
    await fill(1);
    await seal();
    await tamper(
      `DELETE FROM ledger_entries WHERE transaction_id = ${first}`,
      `DELETE FROM transactions WHERE transaction_id = ${first}`,
      `UPDATE ledger_entries SET transaction_id = CASE transaction_id WHEN ${second} THEN ${third} ELSE ${second} END WHERE transaction_id IN (${second}, ${third}) AND leg = 1`,
      `INSERT INTO ledger_entries SELECT 3, transaction_id, account_id, posting_type, amount, currency, balance_after, 99, created_at, 3 FROM ledger_entries WHERE transaction_id = ${fourth} AND leg = 1`,
    );
    const { found } = await audit();
    expect(found.map(({ kind, transactionId, differences }) => [kind, transactionId, differences.map(({ field }) => field)])).toEqual([
      ['deleted', String(first), ['transaction', 'leg 1', 'leg 2']],
      ['changed', String(second), expect.arrayContaining(['leg 1 entry_id', 'leg 1 amount'])],
      ['changed', String(third), expect.arrayContaining(['leg 1 entry_id', 'leg 1 amount'])],
      ['changed', String(fourth), ['leg 3']],
    ]);
  });

  it('that puts a transaction into the past is named', async () => {
    await using bank = await openBank(server, 'past');
    const { seal, audit, fill, tamper } = auditBank(server, bank);

    const ids = await fill(2);
    await tamper('UPDATE ledger_entries SET entry_id = entry_id + 100 ORDER BY entry_id DESC'); // before the seal: makes room
    await seal();
    await tamper(
      'INSERT INTO transactions SELECT 500, account_id, customer_id, merchant_id, amount, currency, status, event_ts, created_at, type, direction, counter_account_id, ' +
        `reference_id, reversal_of, device_id, channel, description, effective_at, posted_at, metadata FROM transactions WHERE transaction_id = ${ids[0]}`,
      `INSERT INTO ledger_entries SELECT entry_id - 90, 500, account_id, posting_type, amount, currency, balance_after, account_seq + 50, created_at, leg FROM ledger_entries WHERE transaction_id = ${ids[0]}`,
    );
    expect((await audit()).found).toMatchObject([{ kind: 'inserted', transactionId: '500', blockNo: 1 }]);
  });

  it('of the evidence or of the chain is named by its block, and one that is hidden everywhere by a head known elsewhere', async () => {
    await using bank = await openBank(server, 'evidence');
    const { seal, audit, fill, tamper } = auditBank(server, bank);

    const heads = new Map<number, string>();
    for (let round = 0; round < 3; round += 1) {
      await fill(2);
      const { blockNo, head } = await seal();
      heads.set(blockNo, head);
    }
    await tamper('DELETE FROM audit_evidence WHERE block_no = 1', 'UPDATE audit_evidence SET encodings = 0x00 WHERE block_no = 2');
    expect((await audit(heads)).found).toMatchObject([
      { kind: 'evidence', blockNo: 1 },
      { kind: 'evidence', blockNo: 2 },
    ]);
    // Everything removed and sealed anew with one amount changed: only who kept a head can tell.
    await tamper(
      'DELETE FROM audit_evidence',
      'DELETE FROM audit_blocks',
      'UPDATE ledger_entries SET amount = 9 ORDER BY entry_id LIMIT 1',
    );
    await seal();
    expect((await audit()).found).toEqual([]);
    expect((await audit(heads)).found.map(({ kind, blockNo }) => [kind, blockNo])).toEqual([
      ['chain', 1],
      ['chain', 2],
      ['chain', 3],
    ]);
  });

  it('that removes a block breaks the chain', async () => {
    await using bank = await openBank(server, 'removed');
    const { seal, audit, fill, tamper } = auditBank(server, bank);

    for (let round = 0; round < 3; round += 1) {
      await fill(1);
      await seal();
    }
    await tamper('DELETE FROM audit_evidence WHERE block_no = 2', 'DELETE FROM audit_blocks WHERE block_no = 2');
    expect((await audit()).found.map(({ message }) => message)).toEqual([
      'block 2 is missing: the next one is 3',
      expect.stringMatching(/^block 3 begins after entry \d+, the block before it ends with \d+$/),
      'block 3 begins at place 5, not 3',
    ]);
  });
});
