// Jepsen's bank test in short: random transfers while MySQL or the service itself is killed. The total is the same at every consistent
// read, every key runs once, and nothing that was answered is lost. Long forms: LEDGERFLOW_TEST_OUTAGE_ROUNDS, `npm run bank-jepsen` (HTTP).

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restartMysql, startMysql, type TestMysql } from '../../test/support/mysql-server.ts';
import { openLedger, tally, told, type TestLedger } from '../../test/support/test-ledger.ts';
import { createRandom } from '../generator/random.ts';
import { parseCommand, type Command } from '../ledger/commands.ts';
import { verifyLedger } from '../schema/verify.ts';

const ACCOUNTS = 8;
const TRANSFERS = 1_500;
const CALLERS = 48;
const ROUNDS = Number(process.env['LEDGERFLOW_TEST_OUTAGE_ROUNDS'] ?? '1');

let server: TestMysql;
let under: TestLedger;
const ids: number[] = [];

beforeAll(async () => {
  server = await startMysql();
  under = await openLedger(server, 'outages');
  for (let index = 0; index < ACCOUNTS; index += 1) {
    const { body } = await under.send('open_account', { owner: 'Outage Test', currency: 'USD' });
    ids.push(Number(body['account_id']));
    await under.send('deposit', { account_id: ids[index], amount: '100' });
  }
});

afterAll(async () => {
  await (under?.[Symbol.asyncDispose]() as Promise<void> | undefined)?.catch(() => undefined); // its connections ended with the first mysqld
  await server?.[Symbol.asyncDispose]();
});

function anyTransfer(seed: number): Command {
  const random = createRandom(seed, 5);
  const from = random.int(0, ACCOUNTS - 1);
  const to = (from + random.int(1, ACCOUNTS - 1)) % ACCOUNTS;
  return parseCommand('transfer', {
    from_account_id: ids[from],
    to_account_id: ids[to],
    amount: `${random.int(0, 20)}.${random.int(10, 99)}`,
  });
}

/** Reads the total at consistent snapshots until told to stop; a read that fails because MySQL is away does not count. */
async function watchTotals(stop: AbortSignal): Promise<Set<string>> {
  const totals = new Set<string>();
  let connection = await under.bank.open();
  while (!stop.aborted) {
    try {
      const [rows] = await connection.query('SELECT SUM(balance) AS total FROM accounts WHERE account_id IN (?)', [ids]);
      totals.add(String((rows as { total: string }[])[0]?.total));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
      connection = await under.bank.open().catch(() => connection);
    }
  }
  return totals;
}

async function transactionsOf(prefix: string): Promise<number> {
  const fresh = await under.bank.open();
  const [rows] = await fresh.query(
    `SELECT COUNT(*) AS n, COUNT(DISTINCT transaction_id) AS d FROM idempotency_keys WHERE idem_key LIKE ? AND status = 201`,
    [`${prefix}%`],
  );
  const [row] = rows as { n: number; d: number }[];
  expect(row?.n).toBe(row?.d);
  expect(await verifyLedger(fresh)).toEqual([]);
  return row!.n;
}

describe('a storm of transfers', () => {
  it.each(Array.from({ length: ROUNDS }, (_, round) => round))('survives mysqld being killed in the middle (round %i)', async (round) => {
    const stop = new AbortController();
    const totals = watchTotals(stop.signal);
    let next = 0;
    const codes: string[] = [];
    let restarted: Promise<void> | undefined;
    await Promise.all(
      Array.from({ length: CALLERS }, async () => {
        while (next < TRANSFERS) {
          const at = (next += 1);
          if (at === TRANSFERS / 3) restarted = restartMysql(server);
          codes.push(told(await under.ledger.execute(anyTransfer(at), { actor: 'storm', idempotencyKey: `down-${round}-${at}` })));
        }
      }),
    );
    await restarted;
    stop.abort();
    expect([...(await totals)]).toEqual(['800.0000']);
    const counts = tally(codes);
    expect(Object.keys(counts).filter((code) => !['201', '422 insufficient_funds'].includes(code))).toEqual([]);
    expect(await transactionsOf(`down-${round}-`)).toBe(counts['201']);
  });

  it('survives the service being killed: what was answered is there, and the same keys finish the rest', async () => {
    const program = fileURLToPath(new URL('../../test/support/ledger-storm.ts', import.meta.url));
    const input = JSON.stringify({ login: under.login, ids, transfers: TRANSFERS });
    const child = spawn(process.execPath, ['--import', 'tsx', program, input], { stdio: ['ignore', 'pipe', 'inherit'] });
    const stop = new AbortController();
    const totals = watchTotals(stop.signal);
    let output = '';
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString();
        if (output.split('\n').length > TRANSFERS / 4) child.kill('SIGKILL');
      });
      child.once('close', () => resolve());
    });
    const answered = output.split('\n').slice(0, -1).map((line) => line.split(' ') as [string, string, string]); // prettier-ignore
    expect(answered.length).toBeGreaterThan(TRANSFERS / 5);
    expect(answered.length).toBeLessThan(TRANSFERS);
    const again = await under.start();
    const answers = await Promise.all(
      Array.from(
        { length: TRANSFERS },
        async (_, at) => await again.execute(anyTransfer(at), { actor: 'storm', idempotencyKey: `killed-${at}` }),
      ),
    );
    for (const [at, status, transaction] of answered) {
      const answer = answers[Number(at)]!;
      expect([answer.replayed, String(answer.status), String(answer.body['transaction_id'] ?? '-')]).toEqual([true, status, transaction]); // eslint-disable-line @typescript-eslint/no-base-to-string
    }
    stop.abort();
    expect([...(await totals)]).toEqual(['800.0000']);
    expect(await transactionsOf('killed-')).toBe(answers.filter(({ status }) => status === 201).length);
  });
});
