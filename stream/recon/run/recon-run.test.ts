// Runs over a small ledger: the seed's sample, attempts, a later file that resolves an earlier break, refusals, a broken-off stage.

import { describe, expect, it } from 'vitest';
import { ReconStand } from './testkit.ts';

const LEDGER = `INSERT INTO silver.transactions VALUES
  (1001, 1, NULL, 500.00, 'USD', 'posted', 'DEPOSIT', 'CREDIT', '2025-07-13 09:15:00', 'Internal Float to Alice'),
  (1002, 1, NULL, 100.00, 'USD', 'posted', 'WITHDRAWAL', 'DEBIT', '2025-07-13 10:00:00', 'Alice to Bob'),
  (1003, 1, NULL, 50.00, 'USD', 'posted', 'DEPOSIT', 'CREDIT', '2025-07-13 11:30:00', 'Refund from Bob to Alice'),
  (1004, 1, NULL, 75.00, 'USD', 'failed', 'DEPOSIT', 'CREDIT', '2025-07-13 12:00:00', 'refused')`;
const HEAD = 'txn_id,date,amount,currency,reference,description\n';
const TWO = `${HEAD}1001,2025-07-13,500.00,USD,,Internal Float to Alice\n1002,2025-07-13,-100.00,USD,,Alice to Bob\n`;
const SAMPLE = `${TWO}BK-7731,2025-07-14,50.00,USD,,TX REFUND BOB ALICE\n`;
const DATE = '2025-07-13';

async function started(): Promise<ReconStand> {
  const stand = await ReconStand.open();
  await stand.store.run(LEDGER);
  return stand;
}

describe('a reconciliation run', () => {
  it("matches the seed's sample: two exactly, one by likeness with score 0.87", async () => {
    await using stand = await started();
    const report = await stand.run('bank_csv', DATE, stand.file('dump.csv', SAMPLE));
    expect(report).toMatchObject({ state: 'succeeded', attempt: 1, stage: 'finalise' });
    expect(report['summary']).toMatchObject({ external_rows: 3, internal_rows: 3, exact: 2, fuzzy: 1, breaks: 0, match_rate: 1 });
    const [fuzzy] = await stand.rows(
      `SELECT external_ids::VARCHAR, internal_ids::VARCHAR, score, components FROM ops.recon_log WHERE tier = 'fuzzy'`,
    );
    expect(fuzzy?.slice(0, 2)).toEqual(['[BK-7731]', '[1003]']);
    expect(fuzzy?.[2]).toBeCloseTo(0.87, 2);
    expect(JSON.parse(fuzzy?.[3] as string)).toEqual({ amount: 1, date: expect.closeTo(2 / 3, 9), reference: null, description: expect.closeTo(28 / 36, 9) }); // prettier-ignore
  });

  it('keeps every attempt; the same file again finds nothing new; a later file resolves an earlier break', async () => {
    await using stand = await started();
    const first = await stand.run('bank_csv', DATE, stand.file('two.csv', TWO));
    expect(first['summary']).toMatchObject({ exact: 2, breaks: 1, reasons: { missing_external: 1 }, new_breaks: 1 });
    const again = await stand.run('bank_csv', DATE, stand.file('two.csv', TWO));
    expect(again).toMatchObject({ attempt: 2 });
    expect(again['summary']).toMatchObject({ exact: 2, external_rows: 2, breaks: 1, new_breaks: 0 });
    const later = await stand.run(
      'bank_csv',
      '2025-07-14',
      stand.file('later.csv', `${HEAD}BK-7731,2025-07-14,50.00,USD,,TX REFUND BOB ALICE\n`),
    );
    expect(later['summary']).toMatchObject({ fuzzy: 1, breaks: 0, resolved_breaks: 1 });
    expect(await stand.rows('SELECT reason, state FROM gold.recon_breaks')).toEqual([['missing_external', 'resolved']]);
    expect(await stand.rows(`SELECT from_state, to_state, actor FROM ops.recon_break_events ORDER BY seq`)).toEqual([
      [null, 'open', 'engine'],
      ['open', 'resolved', 'engine'],
    ]);
    expect(await stand.rows('SELECT count(DISTINCT run_id), count(*) FROM gold.recon_summary')).toEqual([[3n, 3n]]);
  });

  it('tells a statement that does not follow on the one before, until the missing one comes; by setting it is refused', async () => {
    await using stand = await started();
    const source = (continuity: string) => ({ name: 'swift', adapter: { kind: 'mt940' }, continuity });
    stand.file('recon.sources.json', JSON.stringify({ sources: [source('warn')] }));
    const day = (date: number, number: number, [opening, entry, closing]: readonly [string, string, string]): string =>
      stand.file(
        `${date}-${number}.sta`,
        `:20:X\r\n:25:ACC\r\n:28C:${number}/1\r\n:60F:C2507${date - 1}USD${opening}\r\n:61:2507${date}C${entry}NTRFNONREF\r\n:62F:C2507${date}USD${closing}\r\n-\r\n`,
      );
    const open = `SELECT closed_at IS NULL, summary FROM ops.incidents WHERE code = 'LF_RECON_CONTINUITY' ORDER BY incident_id DESC LIMIT 1`;
    expect(await stand.run('swift', '2025-07-13', day(13, 7, ['100,', '5,', '105,']))).toMatchObject({
      state: 'succeeded',
      continuity: [],
    });
    const late = await stand.run('swift', '2025-07-15', day(15, 9, ['106,', '1,', '107,']));
    expect(late).toMatchObject({ state: 'succeeded', continuity: [{ kind: 'gap', account: 'ACC', expected: 105, opening: 106, difference: 1, why: 'numbers between 7/1 and 9/1 are missing' }] }); // prettier-ignore
    expect((await stand.rows(open))[0]).toEqual([
      true,
      expect.stringContaining('swift: gap between statements of ACC: statement 9/1 of 2025-07-15'),
    ]);
    expect(await stand.run('swift', '2025-07-14', day(14, 8, ['105,', '1,', '106,']))).toMatchObject({ continuity: [] });
    expect((await stand.rows(open))[0]?.[0]).toBe(false);
    expect(await stand.run('swift', '2025-07-16', day(16, 10, ['107,50', '1,', '108,50']))).toMatchObject({
      continuity: [{ kind: 'gap', why: 'it opens with 107.5000, the one before closed with 107.0000' }],
    });
    expect(await stand.run('swift', '2025-07-17', day(17, 10, ['107,', '2,', '109,']))).toMatchObject({
      continuity: [{ kind: 'overlap', why: 'number 10/1 comes after number 10/1' }],
    });
    stand.file('recon.sources.json', JSON.stringify({ sources: [source('refuse')] }));
    const refused = await stand.run('swift', '2025-07-18', day(18, 12, ['109,', '2,', '111,']));
    expect(refused).toMatchObject({ state: 'refused', code: 'LF_STATEMENT_CONTINUITY', continuity: [] });
    expect(await stand.rows(`SELECT count(*) FROM ops.recon_files WHERE business_date = DATE '2025-07-18'`)).toEqual([[0n]]);
    expect(await stand.run('swift', '2025-07-18', day(18, 11, ['109,', '2,', '111,']))).toMatchObject({ state: 'succeeded' });
  });

  it('refuses a statement of an earlier day that does not fit, however many later ones do not follow on either', async () => {
    await using stand = await started();
    const source = (continuity: string): string =>
      stand.file('recon.sources.json', JSON.stringify({ sources: [{ name: 'swift', adapter: { kind: 'mt940' }, continuity }] }));
    const told = (account: string, date: number, [opening, entry, closing]: readonly [string, string, string]): string =>
      `:20:X\r\n:25:${account}\r\n:28C:${date}/1\r\n:60F:C2507${date - 1}USD${opening}\r\n:61:2507${date}C${entry}NTRFNONREF\r\n:62F:C2507${date}USD${closing}\r\n-\r\n`;
    const accounts = Array.from({ length: 25 }, (_unused, index) => `ACC${index}`);
    const all = (date: number, amounts: readonly [string, string, string]): string =>
      stand.file(`${date}.sta`, accounts.map((account) => told(account, date, amounts)).join(''));
    source('warn');
    await stand.run('swift', '2025-07-14', all(14, ['100,', '5,', '105,']));
    expect(await stand.run('swift', '2025-07-16', all(16, ['200,', '1,', '201,']))).toMatchObject({ state: 'succeeded' });
    source('refuse');
    const early = stand.file('early.sta', told('ACC3', 13, ['90,', '1,', '91,']));
    expect(await stand.run('swift', '2025-07-13', early)).toMatchObject({ state: 'refused', code: 'LF_STATEMENT_CONTINUITY' });
  });

  it('counts every row once, as matched, missing or expected', async () => {
    await using stand = await started();
    const extra = `${SAMPLE}Z1,2025-07-13,9.99,USD,,nobody knows\n1002,2025-07-13,-100.00,USD,,Alice to Bob\n`;
    const { summary } = (await stand.run('bank_csv', DATE, stand.file('extra.csv', extra))) as { summary: Record<string, unknown> };
    expect(summary).toMatchObject({ external_rows: 5, matched_external: 3, internal_rows: 3, matched_internal: 3, breaks: 2 });
    expect(summary['reasons']).toEqual({ duplicate: 1, missing_internal: 1 });
    expect(await stand.rows(`SELECT subject FROM ops.incidents WHERE code = 'LF_RECON_BREAKS' AND closed_at IS NULL`)).toEqual([
      ['bank_csv'],
    ]);
  });

  it('refuses a file that was read for another day, and a file of ours that cannot be read, keeping nothing of it', async () => {
    await using stand = await started();
    const file = stand.file('dump.csv', SAMPLE);
    await stand.run('bank_csv', DATE, file);
    expect(await stand.run('bank_csv', '2025-07-15', file)).toMatchObject({
      state: 'refused',
      code: 'LF_RECON_FILE_REPEATED',
      summary: null,
    });
    expect(await stand.rows('SELECT count(*) FROM ops.recon_rows WHERE run_id = 2')).toEqual([[0n]]);
    await expect(stand.run('bank_csv', DATE, '/nowhere.csv')).rejects.toThrow('cannot be read');
    await expect(stand.run('no_such', DATE, file)).rejects.toThrow('there is no source no_such');
  });

  it('compares with a file of our side', async () => {
    await using stand = await started();
    const ours = stand.file('ours.csv', `${HEAD}1001,2025-07-13,500.00,USD,,Internal Float to Alice\n7,2025-07-13,1.00,USD,,only here\n`);
    const { summary } = (await stand.run('bank_csv', DATE, stand.file('two.csv', TWO), { internalPath: ours })) as { summary: object };
    expect(summary).toMatchObject({ exact: 1, internal_rows: 2, reasons: { missing_external: 1, missing_internal: 1 } });
  });
});
