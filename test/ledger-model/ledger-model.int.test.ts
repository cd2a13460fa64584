// The ledger against the reference ledger; `npm run ledger-model` is the long form (100,000 operations and more, any seed).

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMysql, type TestMysql } from '../support/mysql-server.ts';
import { openLedger } from '../support/test-ledger.ts';
import { runModel } from './run.ts';

let server: TestMysql;

beforeAll(async () => {
  server = await startMysql();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe('the ledger', () => {
  it.each([
    ['grouped', 11, 4_000, 300],
    ['single', 12, 400, 1],
  ] as const)('%s answers seed %i like the reference ledger', async (execution, seed, operations, windowMax) => {
    await using under = await openLedger(server, `model_${execution}`, execution);
    const report = await runModel(under, { seed, operations, windowMax });
    expect(report.operations).toBe(operations);
    expect(report.accepted).toBeGreaterThan(operations / 4);
    expect(Object.keys(report.refused).length).toBeGreaterThan(6);
    expect(under.failures).toEqual([]);
  });
});
