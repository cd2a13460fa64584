// The pack of a day, over runs of the seed's sample: its statements answer, and say what the run found.

import { expect, it } from 'vitest';
import { ReconStand } from '../../stream/recon/run/testkit.ts';
import type { Result } from './wire-client.ts';
import { reconPack } from './recon-pack.ts';

const LEDGER = `INSERT INTO silver.transactions VALUES
  (1001, 1, NULL, 500.00, 'USD', 'posted', 'DEPOSIT', 'CREDIT', '2025-07-13 09:15:00', 'Float'),
  (1003, 1, NULL, 50.00, 'USD', 'posted', 'DEPOSIT', 'CREDIT', '2025-07-13 11:30:00', 'Refund')`;
const FILE = `txn_id,date,amount,currency,reference,description
1001,2025-07-13,500.00,USD,,Float
X-9,2025-07-13,9.99,USD,,"=SUM(A1), <b>nobody</b> knows"
`;

/** As the wire endpoint answers: text or NULL. */
async function answer(stand: ReconStand, sql: string): Promise<Result> {
  const reader = await stand.store.runAndReadAll(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${sql})`);
  const columns = reader.columnNames().map((name) => ({ name }));
  return { columns, rows: reader.getRows() } as unknown as Result;
}

it('has the runs, their logs and breaks, and nothing that a spreadsheet or a browser would run', async () => {
  await using stand = await ReconStand.open();
  await stand.store.run(LEDGER);
  await stand.run('bank_csv', '2025-07-13', stand.file('day.csv', FILE));
  const files = await reconPack((sql) => answer(stand, sql), '2025-07-13');
  expect(files.map(({ name, rows }) => [name, rows])).toEqual([
    ['runs.csv', 1],
    ['summary.csv', 1],
    ['log.csv', expect.any(Number)],
    ['breaks.csv', 2],
    ['events.csv', 2],
    ['report.html', null],
  ]);
  const text = (name: string): string => files.find((file) => file.name === name)?.text ?? '';
  expect(text('log.csv')).toMatch(/,true,1001,1001,exact_id,1/);
  expect(text('breaks.csv')).toContain('missing_internal');
  expect(text('report.html')).not.toContain('<b>');
  for (const { name, text: csv } of files) if (name.endsWith('.csv')) expect(csv, name).not.toMatch(/(^|,)"?=/m);
  const other = await reconPack((sql) => answer(stand, sql), '2025-07-14');
  expect(other.slice(0, 5).every(({ rows }) => rows === 0)).toBe(true);
});
