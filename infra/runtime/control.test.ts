import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { controlCommand, controlFilePath, newControlToken, writeControlFile } from './control.ts';
import { LedgerflowError } from './errors.ts';
import { startHttp, type HttpServer } from './http.ts';
import { createMetrics } from './metrics.ts';

const token = newControlToken();
let server: HttpServer;

beforeEach(async () => {
  server = await startHttp({
    host: '127.0.0.1',
    port: 0,
    status: () => Promise.reject(new Error('not asked')),
    registry: createMetrics().registry,
    freshnessObjectiveMs: 1,
    control: {
      token,
      commands: [
        controlCommand('sum/of', z.strictObject({ a: z.number(), b: z.number() }), ({ a, b }) => Promise.resolve({ sum: a + b })),
        controlCommand('refused', z.object({}), () =>
          Promise.reject(new LedgerflowError('LF_PARKED_UNKNOWN', 'no such record', { where: 'here' })),
        ),
        controlCommand('broken', z.object({}), () => Promise.reject(new TypeError('a bug'))),
      ],
    },
  });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function call(name: string, body: object, authorization = `Bearer ${token}`): Promise<[number, unknown]> {
  const headers = { authorization, 'content-type': 'application/json' };
  const response = await fetch(`${server.url}/control/${name}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return [response.status, await response.json()];
}
const refusal = (code: string, message: string): object => ({
  error: expect.objectContaining({
    code,
    message: expect.stringContaining(message) as string,
    remedy: expect.stringMatching(/./) as string,
  }) as object,
});

describe('the control door', () => {
  it('runs a command whose body is as it must be', async () => {
    expect(await call('sum/of', { a: 1, b: 2 })).toEqual([200, { sum: 3 }]);
  });

  it('names the field that is wrong', async () => {
    expect(await call('sum/of', { a: 1, b: 'two' })).toEqual([400, refusal('LF_USAGE', 'b: ')]);
    expect(await call('sum/of', { a: 1, b: 2, c: 3 })).toEqual([400, refusal('LF_USAGE', 'c')]);
  });

  it.each(['', 'Bearer ', `Bearer ${'0'.repeat(64)}`, `Basic ${token}`])('is closed to %j', async (authorization) => {
    expect(await call('sum/of', { a: 1, b: 2 }, authorization)).toEqual([401, refusal('LF_CONTROL_DENIED', 'token')]);
  });

  it('tells errors with code, place and remedy, also those nobody foresaw', async () => {
    expect(await call('refused', {})).toEqual([409, refusal('LF_PARKED_UNKNOWN', 'no such record')]);
    expect(await call('broken', {})).toEqual([409, refusal('LF_CONTROL_FAILED', 'a bug')]);
    expect(await call('unheard/of', {})).toEqual([404, refusal('LF_CONTROL_UNKNOWN', 'unheard/of')]);
  });

  it('keeps its token in a file for the owner alone', async () => {
    const home = await mkdtemp(path.join(tmpdir(), 'lf-control-'));
    await writeControlFile(home, { url: server.url, token, pid: 1 });
    expect((await stat(controlFilePath(home))).mode & 0o777).toBe(0o600);
    await rm(home, { recursive: true });
  });
});
