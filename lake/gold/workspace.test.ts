import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { loadModels } from './model.ts';
import { Workspace } from './workspace.ts';

it('empties its temporary tables also where a COMMIT has kept them and nothing else, as on a full disk', async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const space = await Workspace.open(connection, loadModels());
  const { filled } = space.work({ commitId: 1, gtid: null, schemaCommit: '1', tables: new Map() }, false);
  await connection.run('INSERT INTO temp.fresh_fct_ledger_entries DEFAULT VALUES'); // outside of a transaction: it stays
  filled.add('fresh_fct_ledger_entries');
  await space.rollback();
  const left = await connection.runAndReadAll('SELECT count(*) FROM temp.fresh_fct_ledger_entries');
  expect(Number(left.getRows()[0]?.[0])).toBe(0);
  space.close();
  instance.closeSync();
});
