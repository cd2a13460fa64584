// The seed's paths over the sample, uploads, breaks worked by two people, refusals, and the two documentation pages.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { BreakActions } from '../breaks/actions.ts';
import { audit } from '../run/audit.ts';
import { ReconStand } from '../run/testkit.ts';
import { buildReconApp } from './serve.ts';

const DATE = '2025-07-13';
const LEDGER = `INSERT INTO silver.transactions VALUES
  (1001, 1, NULL, 500.00, 'USD', 'posted', 'DEPOSIT', 'CREDIT', '2025-07-13 09:15:00', 'Internal Float to Alice'),
  (1002, 1, NULL, 100.00, 'USD', 'posted', 'WITHDRAWAL', 'DEBIT', '2025-07-13 10:00:00', 'Alice to Bob'),
  (1003, 1, NULL, 50.00, 'USD', 'posted', 'DEPOSIT', 'CREDIT', '2025-07-13 11:30:00', 'Refund from Bob to Alice')`;
const DUMP = `txn_id,date,amount,currency,reference,description
1001,2025-07-13,500.00,USD,,Internal Float to Alice
1002,2025-07-13,-100.00,USD,,Alice to Bob
BK-9,2025-07-14,44.00,USD,,unheard of
`;

let stand: ReconStand;
let app: FastifyInstance;
let closed: FastifyInstance;

beforeAll(async () => {
  stand = await ReconStand.open();
  await stand.store.run(LEDGER);
  const common = {
    desk: stand.desk,
    actions: new BreakActions(stand.desk),
    bankUrl: () => 'http://127.0.0.1:9',
    version: '1',
    log: pino({ level: 'silent' }),
  };
  app = await buildReconApp({ ...common, auth: 'off' });
  closed = await buildReconApp({ ...common, auth: 'on' });
});

afterAll(async () => {
  await app.close();
  await closed.close();
  await stand[Symbol.asyncDispose]();
});

async function call(method: 'GET' | 'POST', url: string, more: Pick<InjectOptions, 'payload' | 'headers'> = {}) {
  const response = await app.inject({ method, url, ...more });
  return { status: response.statusCode, body: response.json<Record<string, never>>() };
}

describe('the reconciliation API', () => {
  it('takes an upload and answers status, logs and summary by the paths of the seed', async () => {
    const sent = await call('POST', `/recon/upload?source=bank_csv&date=${DATE}&name=dump.csv`, {
      payload: DUMP,
      headers: { 'content-type': 'text/csv' },
    });
    expect(sent).toMatchObject({ status: 200, body: { state: 'succeeded', file_name: 'dump.csv', summary: { exact: 2, breaks: 2 } } });
    expect(await call('GET', `/recon/status/${DATE}`)).toMatchObject({
      status: 200,
      body: { runs: [{ source: 'bank_csv', attempt: 1, state: 'succeeded' }] },
    });
    const logs = (await call('GET', `/recon/logs?source=bank_csv&date=${DATE}&matched=false`)).body as unknown as {
      logs: { reason: string; matched: boolean }[];
    };
    expect(logs.logs.map(({ reason, matched }) => [reason, matched])).toEqual([['missing_internal', false], ['missing_external', false]]); // prettier-ignore
    expect(await call('GET', `/recon/summary/${DATE}`)).toMatchObject({ body: { summaries: [{ external_rows: 3, reasons: { missing_external: 1, missing_internal: 1 } }] } }); // prettier-ignore
  });

  it("runs a source's own place, which has no file here, as a refusal that stays", async () => {
    const run = await call('POST', '/recon/run', { payload: { source: 'bank_csv', date: '2025-07-20' } });
    expect(run).toMatchObject({ status: 200, body: { state: 'refused', code: 'LF_STATEMENT_INPUT', attempt: 1 } });
  });

  it('refuses what is malformed or unknown in one shape', async () => {
    expect((await call('POST', '/recon/run', { payload: { source: 'bank_csv' } })).status).toBe(400);
    expect(await call('POST', '/recon/run', { payload: { source: 'none', date: DATE } })).toMatchObject({
      status: 404,
      body: { error: { code: 'LF_RECON_SOURCE' } },
    });
    expect((await call('GET', '/recon/status/yesterday')).status).toBe(400);
    expect((await call('GET', '/recon/nowhere')).status).toBe(404);
    const foreign = await app.inject({
      method: 'POST',
      url: `/recon/upload?source=bank_csv&date=${DATE}`,
      payload: 'x',
      headers: { 'content-type': 'text/plain' },
    });
    expect(foreign.statusCode).toBe(415);
  });

  it('asks for an operator’s token where the bank does', async () => {
    for (const headers of [{}, { authorization: 'Bearer x.y.z' }]) {
      const response = await closed.inject({ method: 'GET', url: `/recon/status/${DATE}`, headers });
      expect(response.statusCode).toBe(401);
    }
  });

  it('moves breaks, matches by hand and takes back, and keeps every step', async () => {
    const { breaks } = (await call('GET', '/recon/breaks?reason=missing_internal')).body as unknown as { breaks: { break_id: string }[] };
    const id = breaks[0]!.break_id;
    const as = (name: string) => ({ 'ledgerflow-actor': name });
    expect(
      (await call('POST', '/recon/breaks/move', { payload: { breaks: [id], action: 'acknowledge' }, headers: as('ana') })).status,
    ).toBe(200);
    expect(await call('POST', '/recon/breaks/move', { payload: { breaks: [id], action: 'reopen' } })).toMatchObject({
      status: 409,
      body: { error: { code: 'LF_RECON_NOT_ALLOWED' } },
    });
    expect((await call('POST', '/recon/breaks/journal', { payload: { break: id, account: '1' }, headers: as('ana') })).body).toMatchObject({
      journal: { path: '/v1/deposits', body: { account_id: '1', amount: '44.00' } },
    });
    expect((await call('POST', '/recon/breaks/approve', { payload: { break: id }, headers: as('ana') })).body).toMatchObject({
      error: { code: 'LF_RECON_NOT_ALLOWED' },
    });
    expect(await call('POST', '/recon/breaks/approve', { payload: { break: id }, headers: as('ben') })).toMatchObject({
      status: 502,
      body: { error: { code: 'LF_RECON_BANK' } },
    });
    const matched = await call('POST', '/recon/breaks/match', {
      payload: { source: 'bank_csv', external: ['BK-9'], internal: ['1003'], reason: 'asked' },
      headers: as('ben'),
    });
    expect((await call('GET', '/recon/breaks')).body).toEqual({ breaks: [] });
    const { match } = matched.body as unknown as { match: number };
    expect((await call('POST', '/recon/breaks/unmatch', { payload: { match, reason: 'wrong' }, headers: as('ana') })).body).toMatchObject({
      break: `u${match}`,
    });
    await stand.run('bank_csv', DATE, stand.file('again.csv', DUMP));
    expect((await call('GET', '/recon/breaks')).body).toMatchObject({
      breaks: [{ break_id: `u${match}`, reason: 'undone', state: 'open' }],
    });
    expect(await stand.rows(`SELECT count(*) FROM ops.recon_break_events WHERE break_id = '${id}'`)).toEqual([[4n]]);
    expect((await call('GET', '/recon/audit')).body).toMatchObject({ runs: 2 });
  });

  it('shows Swagger UI, ReDoc and the document they read', async () => {
    const { body } = await call('GET', '/openapi.json');
    const paths = Object.keys((body as unknown as { paths: object }).paths);
    expect(paths).toEqual(
      expect.arrayContaining(['/recon/run', '/recon/upload', '/recon/status/{date}', '/recon/logs', '/recon/summary/{date}']),
    );
    for (const page of ['/docs', '/redoc']) expect((await app.inject({ method: 'GET', url: page })).statusCode).toBeLessThan(400);
  });
});

describe('the audit', () => {
  it.each([
    [`UPDATE ops.recon_log SET score = 0.5 WHERE kind = 'match' AND seq = 3`, /entry 3 is not what was written/],
    [
      `DELETE FROM ops.recon_log WHERE seq = (SELECT max(seq) FROM ops.recon_log WHERE run_id = 1) AND run_id = 1`,
      /entries, .* were written/,
    ],
    [`UPDATE ops.recon_break_events SET actor = 'somebody' WHERE seq = 1`, /entry 1 is not what was written/],
    [`DELETE FROM ops.recon_runs WHERE run_id = 1`, /belong to no run|does not begin where/],
  ])('names what was changed: %s', async (tamper, message) => {
    await stand.desk.exclusive(async (connection) => {
      await audit(connection);
      await connection.run(tamper);
      await expect(audit(connection)).rejects.toThrow(message);
      throw new Error('undo'); // the stand stays as it was
    }).catch((error: unknown) => expect((error as Error).message).toBe('undo')); // prettier-ignore
  });
});
