// The board of reconciliation is tested on tables of its own room; here they are held against what reconciliation really makes.

import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { RECON_TABLES } from '../../dashboards/grafana/testkit.ts';
import { RECON_DDL } from '../../stream/recon/run/tables.ts';
import { SELF_DDL } from '../../stream/recon/self/tables.ts';

const COLUMNS = `SELECT table_schema || '.' || table_name || '.' || column_name AS name, data_type FROM information_schema.columns WHERE table_schema IN ('gold', 'ops') ORDER BY name`;

async function columnsOf(ddl: string): Promise<ReadonlyMap<unknown, unknown>> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(`CREATE SCHEMA ops; CREATE SCHEMA gold; ${ddl}`);
  const rows = (await connection.runAndReadAll(COLUMNS)).getRows();
  connection.closeSync();
  instance.closeSync();
  return new Map(rows as [unknown, unknown][]);
}

it("has every column of the board's tables, with its type", async () => {
  const [tested, made] = [await columnsOf(RECON_TABLES), await columnsOf(`${RECON_DDL}${SELF_DDL}`)];
  expect(tested.size).toBeGreaterThan(30);
  expect([...tested].filter(([name, type]) => made.get(name) !== type)).toEqual([]);
});
