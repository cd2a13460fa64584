// Parts are killed and restarted under load; afterwards one judge looks at everything (G1, G2, G3, G4, G6).

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageOf } from '../../infra/runtime/errors.ts';
import { startLoad, type Load } from '../support/load.ts';
import { violations } from '../support/oracle.ts';
import { startPipeline, waitFor, type TestPipeline } from '../support/pipeline.ts';

let pipeline: TestPipeline;
let load: Load | null = null;

beforeAll(async () => {
  pipeline = await startPipeline({ LEDGERFLOW_SEGMENT_ROWS: '2000', LEDGERFLOW_FOLD_ROWS: '500', LEDGERFLOW_PUBLISH_INTERVAL_MS: '3000' });
});
afterAll(async () => {
  await load?.stop();
  await pipeline?.[Symbol.asyncDispose]();
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function killUnderLoad(part: string, times: number): Promise<void> {
  load = startLoad(pipeline, { writers: 4, perSecond: 200 });
  try {
    for (let n = 0; n < times; n += 1) {
      await pause(2_000 + n * 700);
      const pid = await pipeline.pidOf(part);
      process.kill(pid, 'SIGKILL');
      await waitFor(`${part} to be started again`, 120_000, async () => (await pipeline.pidOf(part)) !== pid);
    }
    await pause(1_000);
  } finally {
    await load.stop();
  }
  expect(load.confirmed()).toBeGreaterThan(100);
}

describe('under load', () => {
  it('shows debit and credit together to a reader that polls as fast as it can (G4)', async () => {
    load = startLoad(pipeline, { writers: 4, perSecond: 300 });
    const reader = await pipeline.sql();
    const torn: unknown[] = [];
    let reads = 0;
    const until = Date.now() + Number(process.env['LF_TEST_G4_MS'] ?? 30_000);
    while (Date.now() < until) {
      const { rows } = await reader.query<object>(
        `SELECT transaction_id FROM silver.ledger_entries WHERE entry_id > (SELECT max(entry_id) - 400 FROM silver.ledger_entries)
         GROUP BY transaction_id, currency HAVING sum(CASE posting_type WHEN 'CREDIT' THEN amount ELSE -amount END) <> 0
           AND transaction_id > (SELECT transaction_id FROM silver.ledger_entries WHERE entry_id >= (SELECT max(entry_id) - 400 FROM silver.ledger_entries) ORDER BY entry_id LIMIT 1)`,
      );
      torn.push(...rows);
      reads += 1;
    }
    await load.stop();
    await reader.end();
    expect(torn).toEqual([]);
    expect(reads).toBeGreaterThan(100);
  });

  it.each([
    ['processor', 3],
    ['connect', 2],
    ['mysql', 1],
    ['kafka', 1],
  ])('loses and doubles nothing when %s is killed', async (part, times) => {
    await killUnderLoad(part, times);
    expect(await violations(pipeline)).toEqual([]);
  });

  it('goes on where it stopped after Ctrl-C and a second start, also with what was written while it was down', async () => {
    const code = await pipeline.stop();
    expect(code, messageOf(pipeline.output().slice(-2_000))).toBe(0);
    await pipeline.start();
    // The bank seals a block of its audit chain when it starts: a look may fall between that row in MySQL and the same row in silver.
    await expect.poll(() => violations(pipeline), { timeout: 30_000 }).toEqual([]);
  });
});
