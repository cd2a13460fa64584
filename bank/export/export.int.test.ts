// The exported journal in front of the real programs: they accept it, and arrive at the balances of the ledger by their own arithmetic.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Decimal } from 'decimal.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openBank, type TestBank } from '../../test/support/test-bank.ts';
import { seedDemo } from '../generator/demo.ts';
import type { FormatName } from './formats.ts';
import { exportJournal } from './journal.ts';

const there = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const BEANCOUNT = there('bean-check');
const HLEDGER = there('hledger');
for (const [found, name] of [
  [BEANCOUNT, 'beancount'],
  [HLEDGER, 'hledger'],
] as const) {
  if (!found) process.stderr.write(`${name} is not installed: the tests with it are skipped (apt-get install ${name})\n`);
}

let server: TestMysql;
let bank: TestBank;
let folder: string;

beforeAll(async () => {
  server = await startMysql();
  bank = await openBank(server, 'journal');
  await seedDemo({ ...server, database: 'journal' });
  const rupees = await bank.account('250.00', { currency: 'INR' });
  await bank.run('INSERT INTO transactions (account_id, amount, currency, type, description) VALUES (?, ?, ?, ?, ?)', [
    rupees,
    '0.05',
    'INR',
    'FEE',
    'a "quoted\\" text; with | all\nof, it',
  ]);
  folder = mkdtempSync(path.join(tmpdir(), 'lf-journal-'));
});

afterAll(async () => {
  await bank?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

async function exported(format: FormatName): Promise<string> {
  let text = '';
  for await (const chunk of exportJournal(bank.connection, { format })) text += chunk;
  return text;
}

async function file(format: FormatName, change = (text: string) => text): Promise<string> {
  const name = path.join(folder, `journal.${format}`);
  writeFileSync(name, change(await exported(format)));
  return name;
}

const exact = (text: unknown): string => new Decimal(String(text)).toFixed(4);

/** Account id and currency to balance, debit positive, as the entries say; accounts without a movement left out. */
async function balances(): Promise<Map<string, string>> {
  const rows = await bank.rows(
    `SELECT account_id, currency, SUM(IF(posting_type = 'DEBIT', amount, -amount)) AS balance FROM ledger_entries GROUP BY 1, 2 HAVING balance <> 0`,
  );
  return new Map(rows.map(({ account_id, currency, balance }) => [`A${account_id} ${currency}`, exact(balance)]));
}

describe.skipIf(!BEANCOUNT)('beancount', () => {
  it('accepts the journal and has the same balances', async () => {
    const name = await file('beancount');
    execFileSync('bean-check', [name]);
    const text = execFileSync('bean-query', ['-q', '-f', 'csv', name, 'SELECT account, currency, sum(number) GROUP BY account, currency'], {
      encoding: 'utf8',
    });
    const found = text
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(',').map((cell) => cell.trim()));
    expect(
      new Map(
        found
          .map(([account, currency, sum]): [string, string] => [`${account!.split(':').at(-1)} ${currency}`, exact(sum)])
          .filter(([, sum]) => sum !== '0.0000'),
      ),
    ).toEqual(await balances());
  });

  it('refuses it when one amount is not what the ledger says', async () => {
    const name = await file('beancount', (text) => text.replaceAll('0.0500 INR', '0.0700 INR'));
    const { status, stderr, stdout } = spawnSync('bean-check', [name], { encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr + stdout).toMatch(/Balance failed/);
  });
});

describe.skipIf(!HLEDGER)('hledger', () => {
  it('accepts the journal and has the same balances', async () => {
    const name = await file('hledger');
    execFileSync('hledger', ['-f', name, 'check', '--strict']);
    const text = execFileSync('hledger', ['-f', name, 'balance', '--flat', '--no-total', '-N', '--layout=tidy', '-O', 'csv'], {
      encoding: 'utf8',
    });
    const found = text
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(',').map((cell) => cell.replaceAll('"', '')));
    expect(
      new Map(
        found
          .map((cells): [string, string] => [`${cells[0]!.split(':').at(-1)} ${cells.at(-2)}`, exact(cells.at(-1))])
          .filter(([, sum]) => sum !== '0.0000'),
      ),
    ).toEqual(await balances());
  });

  it('refuses it when one amount is not what the ledger says', async () => {
    const name = await file('hledger', (text) => text.replaceAll('0.0500 INR', '0.0700 INR'));
    expect(spawnSync('hledger', ['-f', name, 'check']).status).not.toBe(0);
  });
});

describe('csv', () => {
  it('has one record an entry, with texts as they are', async () => {
    const text = await exported('csv');
    const [count] = await bank.rows('SELECT COUNT(*) AS n FROM ledger_entries');
    expect(text.split('\r\n')).toHaveLength(Number(count?.['n']) + 2);
    expect(text).toContain('"a ""quoted\\"" text; with | all\nof, it"');
    expect(text.split('\r\n')[0]).toBe(
      'transaction_id,type,customer_id,merchant_id,description,event_ts,effective_at,reference_id,reversal_of,account,entry_id,leg,account_id,posting_type,amount,currency,balance_after,account_seq,created_at',
    );
  });
});
