// What the bank API measures about itself, and the check that cached balances follow from the entries, on a real MySQL.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBankMetrics } from '../../infra/runtime/bank-metrics.ts';
import { createLog } from '../../infra/runtime/log.ts';
import { freshKey, startTestApi, type TestApi } from '../../test/support/bank-api.ts';
import { checkOnce } from '../audit/drift-job.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
});

describe('/metrics', () => {
  it('counts requests by route and status, and groups by size', async () => {
    const [a, b] = [await api.account('10'), await api.account()];
    const send = (amount: string) => api.post('/v1/transfers', { from_account_id: a, to_account_id: b, amount }, { key: freshKey() });
    await Promise.all(Array.from({ length: 8 }, () => send('1')));
    expect((await send('100')).status).toBe(422);
    await api.get(`/v1/accounts/${a}`);
    const { text, headers } = await api.get('/metrics');
    expect(headers.get('content-type')).toContain('text/plain');
    expect(text).toContain('ledgerflow_bank_requests_total{route="/v1/transfers",method="POST",status="201"} 8');
    expect(text).toContain('ledgerflow_bank_requests_total{route="/v1/transfers",method="POST",status="422"} 1');
    expect(text).toContain('ledgerflow_bank_requests_total{route="/v1/accounts/:id",method="GET",status="200"} 1');
    expect(text).toContain('ledgerflow_bank_request_duration_seconds_count{route="/v1/transfers"} 9');
    const requests = Number(/^ledgerflow_bank_group_requests_sum (\d+)$/m.exec(text)?.[1]);
    const groups = Number(/^ledgerflow_bank_group_requests_count (\d+)$/m.exec(text)?.[1]);
    expect(requests).toBe(10); // the deposit that opened account a among them
    expect(groups).toBeLessThanOrEqual(requests);
    expect(text).not.toMatch(/^ledgerflow_bank_drifted_accounts /m); // not checked yet: unknown is not zero
  });
});

describe('the check for drift', () => {
  it('finds nothing in a right ledger, and makes a changed balance a critical incident that names the account', async () => {
    const account = await api.account('25');
    const metrics = createBankMetrics();
    const lines: string[] = [];
    const log = createLog({ level: 'info', part: 'bank', destination: { write: (line) => void lines.push(line) } });
    const { host, port, user, password } = api.mysql;
    const options = { login: { host, port, user, password, database: 'bank' }, log, metrics, signal: new AbortController().signal };
    expect(await checkOnce(options)).toBe(0);
    expect(await metrics.registry.metrics()).toMatch(/^ledgerflow_bank_drifted_accounts 0$/m);
    expect(lines).toEqual([]);
    const thief = await api.bank.open({ user: 'ledgerflow_service', password: 'service-password' });
    await thief.query('SET @ledgerflow_service = 1');
    await thief.query('UPDATE accounts SET balance = balance + 1000 WHERE account_id = ?', [account]);
    expect(await checkOnce(options)).toBe(1);
    expect(await metrics.registry.metrics()).toMatch(/^ledgerflow_bank_drifted_accounts 1$/m);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'error',
      incident: 'ledger_drift',
      severity: 'critical',
      drifted: 1,
      accounts: [{ accountId: String(account), cached: { balance: '1025.0000' }, derived: { balance: '25.0000' } }],
    });
  });
});
