// The bank's tools as a user calls them: results, exit codes, and what they name.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditBank } from '../../test/support/audit-bank.ts';
import { startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { runProgram } from '../../test/support/pipeline.ts';
import { provideLogin } from '../../test/support/test-ledger.ts';

let server: TestMysql;
let home: string;

beforeAll(async () => {
  server = await startMysql();
  home = mkdtempSync(path.join(tmpdir(), 'lf-tools-'));
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  if (home !== undefined) rmSync(home, { recursive: true });
});

it('seed, audit, prove, rebuild and export tell what they found and end with the code for it', async () => {
  const { bank: opened, login } = await provideLogin(server, 'tools');
  await using bank = opened;
  const url = `mysql://${login.user}:${login.password}@${login.host}:${login.port}/tools`; // the service's: it alone posts by itself
  const run = (...args: string[]) => runProgram(home, [...args, '--mysql-url', url]);
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout) as Record<string, unknown>;

  const story = await json('seed', 'demo');
  const [first] = story['transactionIds'] as string[];
  expect((story['accounts'] as { balance: string }[]).map(({ balance }) => balance)).toEqual(['450.0000', '50.0000', '-500.0000']);
  expect(await json('bank', 'audit', '--advance')).toMatchObject({ transactions: 3, blocks: 1, open: 0 });
  expect(await json('bank', 'audit')).toMatchObject({ transactions: 3, findings: 0, found: [] });
  expect(await json('bank', 'audit', '--prove', first!)).toMatchObject({ transactionId: first, position: 1, day: null });
  expect(await json('bank', 'rebuild', '--check')).toMatchObject({ accounts: 2, entries: 5, drifted: 0 });
  const output = path.join(home, 'entries.csv');
  expect(await json('bank', 'export', '--format', 'csv', '--output', output)).toEqual({ format: 'csv', transactions: 3, output });
  expect(readFileSync(output, 'utf8').split('\r\n')).toHaveLength(8);

  const [alice] = story['accounts'] as { accountId: string }[];
  await auditBank(server, bank).tamper(
    `UPDATE ledger_entries SET amount = 501 WHERE transaction_id = ${first!} AND leg = 1`,
    `UPDATE accounts SET balance = 1 WHERE account_id = ${alice!.accountId}`,
  );
  const audit = await run('bank', 'audit');
  expect(audit.code).toBe(6);
  expect(audit.stdout).toContain(`transaction ${first!} is not what was sealed\n  leg 1 amount: was 500.0000, is 501.0000`);
  expect(audit.stderr).toContain(`LF_AUDIT_BROKEN: 1 findings: transactions ${first!}`);
  const rebuild = await run('bank', 'rebuild', '--check');
  expect(rebuild.code).toBe(6);
  expect(rebuild.stderr).toContain(`LF_LEDGER_DRIFT: 1 accounts differ from their entries: ${alice!.accountId}`);
  expect((await run('bank', 'rebuild')).code).toBe(2);
});
