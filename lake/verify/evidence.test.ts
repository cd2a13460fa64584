// The queries of the auditor's pack fit the tables as the product makes them.

import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { QUALITY_DDL } from '../quality/results.ts';
import { REPLAYS_DDL } from '../replay/book.ts';
import { STORE_DDL } from '../store/layout.ts';
import { EVIDENCE } from './evidence.ts';

it('every section over tables of the lake can be asked for any day', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`${STORE_DDL}${QUALITY_DDL}${REPLAYS_DDL}`);
  const asked: string[] = [];
  for (const { name, from, sql } of EVIDENCE) {
    const known = (await connection.runAndReadAll('SELECT schema_name || chr(46) || table_name FROM duckdb_tables()')).getRows().flat();
    if (!from.every((table) => known.includes(table))) continue;
    await connection.runAndReadAll(sql('2026-11-20'));
    asked.push(name);
  }
  expect(asked).toEqual(
    expect.arrayContaining([
      'certificates',
      'verifications',
      'gates',
      'quality',
      'incidents',
      'approvals',
      'rereads',
      'parked',
      'replays',
      'bronze',
    ]),
  );
  connection.closeSync();
  instance.closeSync();
});
