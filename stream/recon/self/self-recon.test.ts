// The pipeline against itself over a real store: equal when nothing was lost; every planted fault is found in its leg, with its key, opens
// an incident, and the incident closes when it is mended.

import { describe, expect, it } from 'vitest';
import { SelfStand, TABLE } from './testkit.ts';

async function filled(): Promise<SelfStand> {
  const stand = await SelfStand.open();
  await stand.post([{ id: 1, amount: '5.0000', at: '2026-11-18T09:10:00Z' }], Date.parse('2026-11-18T09:10:01Z'));
  await stand.post([
    { id: 2, amount: '7.5000', at: '2026-11-20T09:59:59Z' },
    { id: 3, amount: '7.5000', at: '2026-11-20T10:00:00Z' },
    { id: 4, amount: '1.0000', currency: 'EUR', at: '2026-11-20T10:20:00Z' },
  ]);
  return stand;
}

const INCIDENTS = `SELECT subject, closed_at IS NULL FROM ops.incidents WHERE code = 'LF_SELF_BREAK' ORDER BY incident_id`;

/** What is done to the store, what a run then says, and what mends it. */
const FAULTS: readonly (readonly [string, string, readonly string[], string])[] = [
  [
    'a row removed from silver',
    `CREATE TABLE main.kept AS FROM _rows.${TABLE} WHERE entry_id = 3; DELETE FROM _rows.${TABLE} WHERE entry_id = 3`,
    [
      'bronze_silver 10 different 3-2 {"entry_id":3} at commit 3 position 33554434 missing',
      'mysql_silver 10 different 2-1 3 missing',
      'silver_gold 10 different 1-2 3 extra',
    ],
    `INSERT INTO _rows.${TABLE} FROM main.kept`,
  ],
  [
    'a doubled record of bronze',
    `INSERT INTO _bronze.tail FROM _bronze.tail WHERE kafka_offset = 2`,
    [
      'bronze_silver 10 different 4-3 3 at commit 3 position 33554434 doubled',
      'kafka_bronze 10 different 3-4 partition 0 offset 2 doubled',
    ],
    `DELETE FROM _bronze.tail WHERE rowid = (SELECT max(rowid) FROM _bronze.tail WHERE kafka_offset = 2)`,
  ],
  [
    'a record that bronze lost',
    `CREATE TABLE main.lost AS FROM _bronze.tail WHERE kafka_offset = 3; DELETE FROM _bronze.tail WHERE kafka_offset = 3`,
    [
      'bronze_silver rest different 0-1 4 at commit 3 position 33554435 extra',
      'kafka_bronze 10 different 3-2 partition 0 offset 3 missing',
    ],
    `INSERT INTO _bronze.tail FROM main.lost`,
  ],
  [
    'a changed amount in gold',
    `UPDATE gold.fct_ledger_entries SET amount = 8 WHERE entry_id = 2`,
    ['silver_gold 09 different 1-1 2 amount'],
    `UPDATE gold.fct_ledger_entries SET amount = 7.5 WHERE entry_id = 2`,
  ],
  [
    'an old row that MySQL has and silver lacks',
    `INSERT INTO source.${TABLE} VALUES (9, 1, 'USD', TIMESTAMP '2026-01-01')`,
    ['mysql_silver rest different 2-1 9 missing'],
    `DELETE FROM source.${TABLE} WHERE entry_id = 9`,
  ],
];

describe('the pipeline reconciles itself', () => {
  it('is equal in every leg when nothing was lost, with sums by currency', async () => {
    await using stand = await filled();
    expect(await stand.reconcile()).toEqual([]);
    const rows = await stand.test.rows(
      `SELECT leg, strftime(hour, '%d %H'), left_rows, left_sums, right_sums FROM gold.self_reconciliation ORDER BY leg, hour NULLS FIRST`,
    );
    const money = '{"EUR":"1.0000","USD":"15.0000"}';
    expect(rows).toEqual([
      ['bronze_silver', '20 10', '3', money, money],
      ['kafka_bronze', '20 10', '3', money, money],
      ...['mysql_silver', 'silver_gold'].flatMap((leg) => [
        [leg, null, '1', '{"USD":"5.0000"}', '{"USD":"5.0000"}'],
        [leg, '20 09', '1', '{"USD":"7.5000"}', '{"USD":"7.5000"}'],
        [leg, '20 10', '2', '{"EUR":"1.0000","USD":"7.5000"}', '{"EUR":"1.0000","USD":"7.5000"}'],
      ]),
    ]);
  });

  it('finds every planted fault in its leg, and the incident closes when it is mended', async () => {
    await using stand = await filled();
    for (const [what, plant, told, mend] of FAULTS) {
      await stand.run(plant);
      expect(await stand.reconcile(), what).toEqual(told);
      expect((await stand.test.rows(INCIDENTS)).at(-1), what).toEqual([TABLE, true]);
      await stand.run(mend);
      expect(await stand.reconcile(), what).toEqual([]);
      expect(
        (await stand.test.rows(INCIDENTS)).every(([, open]) => open === false),
        what,
      ).toBe(true);
    }
    expect(await stand.test.rows(INCIDENTS)).toHaveLength(FAULTS.length);
  });

  it('holds up no other job while it reads', async () => {
    await using stand = await filled();
    let read = 0;
    stand.whileReading = async () => {
      await stand.otherRun();
      read += 1;
    };
    expect(await stand.reconcile()).toEqual([]);
    expect(read).toBeGreaterThan(0);
  });

  it('looks again at an hour with an open break until it is mended', async () => {
    await using stand = await filled();
    await stand.run(`CREATE TABLE main.lost AS FROM _bronze.tail WHERE kafka_offset = 3; DELETE FROM _bronze.tail WHERE kafka_offset = 3`);
    expect(await stand.reconcile()).toHaveLength(2);
    stand.now += 7 * 3_600_000;
    expect(await stand.reconcile({ hour: '2026-11-20 17:00:00' })).toEqual([]);
    expect(await stand.test.rows(INCIDENTS)).toEqual([[TABLE, true]]);
    expect(await stand.reconcile()).toContain('kafka_bronze 10 different 3-2 partition 0 offset 3 missing');
    await stand.run('INSERT INTO _bronze.tail FROM main.lost');
    expect(await stand.reconcile()).toEqual([]);
    expect(await stand.test.rows(INCIDENTS)).toEqual([[TABLE, false]]);
  });

  it('says of parked records that they are the reason, and of more missing rows that they are not', async () => {
    await using stand = await filled();
    await stand.run(
      `INSERT INTO ops.parked SELECT 1, 't', 0, 99, '${TABLE}', NULL, 'LF_X', '', NULL, 2, 1, 2, now(), 'parked', 'c', NULL, NULL, NULL, NULL, NULL, NULL`,
    );
    await stand.run(`INSERT INTO source.${TABLE} VALUES (9, 1, 'USD', TIMESTAMP '2026-01-01')`);
    expect(await stand.reconcile()).toEqual(['mysql_silver rest unproven 2-1 9 missing']);
    expect(await stand.test.rows(INCIDENTS)).toEqual([]);
    await stand.run(`INSERT INTO source.${TABLE} VALUES (10, 1, 'USD', TIMESTAMP '2026-01-01')`);
    expect(await stand.reconcile()).toEqual(['mysql_silver rest different 3-1 10 missing 9 missing']);
  });
});
