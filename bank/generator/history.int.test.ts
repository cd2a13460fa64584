import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openBank, type TestBank } from '../../test/support/test-bank.ts';
import { grantTableRights } from '../schema/grants.ts';
import { verifyLedger } from '../schema/verify.ts';
import { requireWhole } from './check-references.ts';
import { generateSeeded, type SeededOptions } from './seeded.ts';
import { monthsBefore } from './span.ts';

const UNTIL_MS = Date.parse('2026-11-21T00:00:00Z');
const WORLD = { customers: 60, months: 4, untilMs: UNTIL_MS, fraudRate: 0.03, faultRate: 0.01, breakRate: 0.05 };

let server: TestMysql;
let folder: string;

beforeAll(async () => {
  server = await startMysql();
  folder = mkdtempSync(path.join(tmpdir(), 'lf-truth-'));
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

function optionsFor(database: string, seed: number): SeededOptions {
  const { host, port } = server;
  return { host, port, user: 'ledgerflow_service', password: 'pw', database, seed, ...WORLD };
}

function lines(file: string): Record<string, unknown>[] {
  const text = readFileSync(path.join(folder, file), 'utf8').trim();
  return text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** `ledgerflow generate` in a process of its own, killed when both of its connections have written something and not all. */
async function killedInTheMiddle({ connection, database }: TestBank): Promise<void> {
  const url = `mysql://ledgerflow_service:pw@${server.host}:${server.port}/${database}`;
  const { customers, months, fraudRate, faultRate } = WORLD;
  const sizes = ['--customers', customers, '--history', months, '--fraud-rate', fraudRate, '--fault-rate', faultRate, '--seed', 17];
  const given = ['generate', '--mysql-url', url, '--until', new Date(UNTIL_MS).toISOString(), ...sizes].map(String);
  const child = spawn(process.execPath, ['cli/ledgerflow.mjs', ...given], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  const least = async (): Promise<number> => {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT MIN(steps) AS least FROM generator_lanes');
    return Number(rows[0]?.['least'] ?? 0);
  };
  while (child.exitCode === null && (await least()) === 0) await sleep(2);
  child.kill('SIGKILL');
  await ended;
  expect(child.signalCode).toBe('SIGKILL');
}

describe('a seeded history on a real bank', () => {
  it('is right to the cent, labelled, and the same in another bank where it was killed in the middle, ids and files included', async () => {
    const contents: unknown[] = [];
    await using first = await openBank(server, 'one');
    await first.run(`CREATE USER 'ledgerflow_service'@'%' IDENTIFIED BY 'pw'`);
    await using second = await openBank(server, 'two');
    for (const bank of [first, second]) {
      await grantTableRights(bank.connection, bank.database);
      if (bank === second) await killedInTheMiddle(bank);
      const summary = await generateSeeded({ ...optionsFor(bank.database, 17), truthDirectory: path.join(folder, bank.database) });
      expect(summary.found > 0).toBe(bank === second);
      expect(await verifyLedger(bank.connection)).toEqual([]);
      const [counts] = await bank.rows(
        `SELECT SUM(status = 'posted') AS posted, SUM(status = 'pending') AS pending, SUM(status = 'failed') AS failed,
           MIN(created_at) >= '2026-07-21' AND MAX(created_at) < '2026-11-21' AS inside
         FROM transactions WHERE type <> 'OPENING'`,
      );
      const { posted, pending, failed } = summary;
      expect(counts).toEqual({ posted: `${posted}`, pending: `${pending}`, failed: `${failed}`, inside: 1 });
      expect(posted).toBeGreaterThan(10_000);
      contents.push([
        summary.eventsSha256,
        await bank.rows('SELECT * FROM transactions ORDER BY transaction_id'),
        await bank.rows(
          'SELECT transaction_id, account_id, leg, amount, balance_after, account_seq, created_at FROM ledger_entries ORDER BY 1, 3',
        ),
        await bank.rows('SELECT * FROM accounts WHERE account_id > 1000 ORDER BY account_id'),
        await bank.rows('SELECT * FROM trades ORDER BY trade_id'),
        await bank.rows('SELECT * FROM holdings ORDER BY account_id, symbol'),
        await bank.rows('SELECT * FROM devices ORDER BY device_id'),
        await bank.rows('SELECT * FROM cards ORDER BY card_id'),
        ['customers.jsonl', 'fraud.jsonl', 'faults.jsonl'].map((file) => readFileSync(path.join(folder, bank.database, file), 'utf8')),
      ]);
    }
    expect(contents[1]).toEqual(contents[0]);

    const labelled = lines('one/fraud.jsonl').filter((line) => line['transaction_id'] !== undefined);
    expect(labelled.length).toBeGreaterThan(50);
    const rows = await first.rows('SELECT transaction_id, account_id, type, status FROM transactions WHERE transaction_id IN (?)', [
      labelled.map((line) => line['transaction_id']),
    ]);
    const byId = new Map(rows.map((row) => [String(row['transaction_id']), row]));
    for (const label of labelled) {
      const { account_id, type, status } = byId.get(String(label['transaction_id']))!;
      expect({ account_id: String(account_id), type, status }).toEqual({
        account_id: label['account_id'],
        type: label['type'],
        status: label['status'],
      });
    }
  });

  it('leaves ids and constraints fit for clients that go on', async () => {
    await using bank = await openBank(server, 'one');
    const [account] = await bank.rows(`SELECT account_id FROM accounts WHERE account_type = 'checking' LIMIT 1`);
    const [before] = await bank.rows('SELECT MAX(transaction_id) AS id FROM transactions');
    const id = await bank.run(`INSERT INTO transactions (account_id, amount, type) VALUES (?, 5, 'DEPOSIT')`, [account!['account_id']]);
    expect(id).toBeGreaterThan(before!['id'] as number);
    expect(await verifyLedger(bank.connection)).toEqual([]);
  });

  it('is written once: the same command again finds it', async () => {
    await using bank = await openBank(server, 'one');
    const count = async (): Promise<unknown> => (await bank.rows('SELECT COUNT(*) AS n, MAX(transaction_id) AS last FROM transactions'))[0];
    const before = await count();
    const { posted, failed, pending, found } = await generateSeeded({ ...optionsFor('one', 17), untilMs: undefined });
    expect(found).toBe(posted + failed + pending);
    expect(await count()).toEqual(before);
  });

  it('names every reference that does not resolve, and every balance that is not the sum of its entries', async () => {
    await using bank = await openBank(server, 'two');
    await bank.run('SET foreign_key_checks = 0');
    const [trade] = await bank.rows('SELECT MAX(trade_id) AS id FROM trades');
    await bank.run('DROP TRIGGER trades_before_update');
    await bank.run('UPDATE trades SET transaction_id = 999999999 WHERE trade_id = ?', [trade!['id']]);
    await expect(requireWhole(bank.connection)).rejects.toMatchObject({
      code: 'LF_BANK_REFERENCES',
      message: expect.stringContaining(`fk_trades_transaction: trades ${trade!['id']}`) as string,
    });
    await bank.run('UPDATE trades SET transaction_id = ? WHERE trade_id = ?', [trade!['id'], trade!['id']]);
    await requireWhole(bank.connection);
    await bank.run('DROP TRIGGER accounts_before_update');
    const [account] = await bank.rows(`SELECT account_id AS id FROM accounts WHERE account_type = 'checking' LIMIT 1`);
    await bank.run('UPDATE accounts SET balance = balance + 1 WHERE account_id = ?', [account!['id']]);
    await expect(requireWhole(bank.connection)).rejects.toMatchObject({
      code: 'LF_LEDGER_DRIFT',
      message: expect.stringContaining(`${account!['id']} has `) as string,
    });
  });

  it('refuses another login, because only the service may post by itself', async () => {
    await using bank = await openBank(server, 'three');
    await expect(generateSeeded({ ...optionsFor('three', 1), ...server, database: 'three' })).rejects.toMatchObject({ code: 'LF_USAGE' });
    expect(await bank.rows('SELECT 1 FROM transactions LIMIT 1')).toEqual([]);
  });
});

describe('the span of a history', () => {
  it('begins the same day of an earlier month, or on its last', () => {
    const from = (until: string, months: number): string => new Date(monthsBefore(Date.parse(until), months)).toISOString().slice(0, 10);
    expect([from('2026-11-21T00:00:00Z', 6), from('2026-03-31T00:00:00Z', 1), from('2026-01-15T00:00:00Z', 13)]).toEqual([
      '2026-05-21',
      '2026-02-28',
      '2024-12-15',
    ]);
  });
});
