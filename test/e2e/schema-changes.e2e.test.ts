// Schema changes in the middle of running writes: afterwards silver equals MySQL, or the table is held by name until it was read again.

import type mysql from 'mysql2/promise';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChurn, type Churn } from '../support/churn.ts';
import { violations } from '../support/oracle.ts';
import { runProgram, startPipeline, waitFor, type TestPipeline } from '../support/pipeline.ts';

let pipeline: TestPipeline;
let root: mysql.Connection;
let lake: pg.Client;

beforeAll(async () => {
  pipeline = await startPipeline({ LEDGERFLOW_FOLD_ROWS: '300', LEDGERFLOW_EXCLUDE_TABLES: 'latecomers' });
  [root, lake] = [await pipeline.root(), await pipeline.sql()];
});
afterAll(async () => {
  root?.destroy();
  await lake?.end().catch(() => undefined); // gone when a test failed in a bad moment
  await pipeline?.[Symbol.asyncDispose]();
});

const rows = async (text: string, values: unknown[] = []): Promise<unknown[]> => (await lake.query<object>(text, values)).rows;
const run = async (...statements: string[]): Promise<void> => {
  for (const statement of statements) await root.query(statement);
};

/** Runs the statements while another connection writes to the table, then gives back what differs from MySQL. */
async function amidWrites(table: string, ...statements: string[]): Promise<string[]> {
  const churn: Churn = await startChurn(pipeline, table);
  try {
    await churn.written(20);
    for (const statement of statements) {
      await run(statement);
      await churn.written(10);
    }
  } finally {
    await churn.stop();
  }
  return await violations(pipeline);
}

const HELD = 'SELECT table_name, code FROM ops.held_tables WHERE released_commit IS NULL ORDER BY 1';

/** The table is held, visibly and by name, and the others go on; then the remedy makes it equal again. */
async function heldThenReadAgain(table: string, reason: RegExp): Promise<void> {
  await pipeline.caughtUp(); // other tables flow
  const status = await pipeline.status();
  expect(status.heldTables).toMatchObject([
    { table, reason: expect.stringMatching(reason) as string, remedy: expect.stringContaining(`resnapshot ${table}`) as string },
  ]);
  expect(status).toMatchObject({ state: 'degraded', reason: expect.stringContaining(table) as string });
  const { stdout, code, stderr } = await pipeline.run('connector', 'resnapshot', table);
  expect({ code, stderr, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('was read again') as string });
  expect(await violations(pipeline)).toEqual([]);
  expect(await rows(HELD)).toEqual([]);
}

describe('applied at their position', () => {
  it('follows ADD, DROP, RENAME, MODIFY and several of them at once', async () => {
    await run(`CREATE TABLE ledger_notes (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT, body VARCHAR(40), size SMALLINT, \`a b c\` INT)`);
    expect(
      await amidWrites(
        'ledger_notes',
        `ALTER TABLE ledger_notes ADD COLUMN s1 VARCHAR(10) NOT NULL DEFAULT 'a''b' FIRST, ADD COLUMN (d1 DECIMAL(8,3) DEFAULT 1.25, d2 DATETIME(3) DEFAULT '2020-02-02 02:02:02.5'), ALGORITHM=INSTANT`,
        `/* note */ ALTER TABLE \`ledger_notes\` DROP COLUMN size -- gone`,
        `ALTER TABLE ledger_notes RENAME COLUMN body TO text, CHANGE COLUMN \`a b c\` plain BIGINT NULL`,
        `ALTER TABLE bank.ledger_notes MODIFY n BIGINT NULL AFTER id, MODIFY text VARCHAR(400), ADD e ENUM('x','y') NOT NULL, DROP COLUMN d1, RENAME COLUMN d2 TO d1`,
        `ALTER TABLE ledger_notes MODIFY e ENUM('x','y','z') NOT NULL, ADD INDEX ix (n), COMMENT 'x, RENAME TO y', ORDER BY id`,
        `ALTER TABLE ledger_notes RENAME TO notes_two, ADD COLUMN late INT /*!80000 DEFAULT 5 */`,
      ),
    ).toEqual([]);
    expect(await rows(HELD)).toEqual([]);
  });

  it('looks at the rows before it applies what may have changed them', async () => {
    await run('CREATE TABLE fitting (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT NULL, body VARCHAR(40) NULL DEFAULT "b")');
    await run(`INSERT INTO fitting (n, body) VALUES (70000, NULL)`, 'DELETE FROM fitting');
    expect(
      await amidWrites(
        'fitting',
        'ALTER TABLE fitting MODIFY n SMALLINT NOT NULL, MODIFY body VARCHAR(20) NOT NULL DEFAULT "b"',
        'ALTER TABLE fitting CONVERT TO CHARACTER SET latin1',
        'ALTER TABLE fitting MODIFY n INT NOT NULL',
      ),
    ).toEqual([]);
    expect(await rows(HELD)).toEqual([]);
    expect(await rows('SELECT count(*) > 20 AS many FROM silver.fitting_history')).toEqual([{ many: 't' }]);
  });

  it('follows another primary key, also over several columns', async () => {
    await run('CREATE TABLE keyed (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL, body VARCHAR(40))');
    expect(
      await amidWrites(
        'keyed',
        'ALTER TABLE keyed MODIFY id BIGINT NOT NULL AUTO_INCREMENT, DROP PRIMARY KEY, ADD PRIMARY KEY (id, n)',
        'ALTER TABLE keyed DROP PRIMARY KEY, ADD PRIMARY KEY (id)',
      ),
    ).toEqual([]);
  });

  it('follows swaps, ghost tables and tables made from others', async () => {
    await run(
      'CREATE TABLE orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT, body VARCHAR(40))',
      `INSERT INTO orders (n, body) VALUES (1, 'one'), (2, 'two'), (3, 'three')`,
    );
    const ghost = amidWrites(
      'orders',
      'CREATE TABLE _orders_gho LIKE orders',
      `ALTER TABLE _orders_gho ADD COLUMN made TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), MODIFY n BIGINT`,
      'INSERT IGNORE INTO _orders_gho (id, n, body) SELECT id, n, body FROM orders',
      'RENAME TABLE orders TO _orders_del, _orders_gho TO orders',
      'DROP TABLE _orders_del',
    );
    expect(await ghost).toEqual([]);
    await run(
      'CREATE TABLE other_orders (id BIGINT PRIMARY KEY, note VARCHAR(10))',
      `INSERT INTO other_orders VALUES (1, 'mine')`,
      'RENAME TABLE orders TO swap_tmp, other_orders TO orders, swap_tmp TO other_orders',
      `INSERT INTO orders VALUES (2, 'also')`,
    );
    expect(await violations(pipeline)).toEqual([]);
    expect(await rows(HELD)).toEqual([]);
  });

  it('reads a row of before a change with the schema of its time', async () => {
    await run(
      'CREATE TABLE aged (id BIGINT PRIMARY KEY, was VARCHAR(10), dropped INT)',
      `INSERT INTO aged VALUES (1, 'old', 7)`,
      'ALTER TABLE aged DROP COLUMN dropped, ADD COLUMN fresh INT DEFAULT 3, MODIFY was VARCHAR(20)',
      `INSERT INTO aged VALUES (2, 'new', 8)`,
    );
    await pipeline.caughtUp();
    const found = await rows(
      `SELECT b.value::VARCHAR AS value, s.schema_json FROM bronze.changes b JOIN bronze.schemas s
       ON s.topic = b.topic AND b.seq >= s.from_seq AND (s.to_seq IS NULL OR b.seq < s.to_seq) WHERE s.table_name = 'aged' AND b.op = 'c' ORDER BY b.seq`,
    );
    const columns = (found as { schema_json: string }[]).map(({ schema_json }) =>
      (JSON.parse(schema_json) as { columns: { name: string }[] }).columns.map(({ name }) => name),
    );
    expect(columns).toEqual([
      ['id', 'was', 'dropped'],
      ['id', 'was', 'fresh'],
    ]);
  });
});

describe('held by name until it is read again', () => {
  it('a column whose value MySQL worked out for old rows', async () => {
    await run('CREATE TABLE stamped (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT, body VARCHAR(40))');
    const churn = await startChurn(pipeline, 'stamped');
    await churn.written(10);
    await run('ALTER TABLE stamped ADD COLUMN made TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)');
    await churn.written(20);
    const status = (await waitForHeld('stamped')) as { records: number };
    expect(status.records).toBeGreaterThanOrEqual(0);
    const again = pipeline.run('connector', 'resnapshot', 'stamped');
    await churn.written(30); // goes on while it is read
    await again;
    await churn.stop();
    expect(await violations(pipeline)).toEqual([]);
    expect(await rows('SELECT status FROM ops.rereads')).toEqual([{ status: 'done' }]);
  });

  it('values that a narrower type cut off, and a change of type', async () => {
    await run(
      `CREATE TABLE cut_off (id BIGINT PRIMARY KEY, body VARCHAR(40), n VARCHAR(10))`,
      `INSERT INTO cut_off VALUES (1, 'a text that is long', '12'), (2, 'short', '7')`,
      `SET SESSION sql_mode = ''`,
      `ALTER TABLE cut_off MODIFY body VARCHAR(6), MODIFY n INT`,
      `SET SESSION sql_mode = DEFAULT`,
      `INSERT INTO cut_off VALUES (3, 'later', 9)`,
    );
    await heldThenReadAgain('cut_off', /body|n:/);
    expect(await rows('SELECT body, n FROM silver.cut_off ORDER BY id')).toEqual([
      { body: 'a text', n: '12' },
      { body: 'short', n: '7' },
      { body: 'later', n: '9' },
    ]);
  });

  it('partitions that were emptied, dropped and exchanged', async () => {
    await run(
      `CREATE TABLE parts (id INT NOT NULL PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION pm VALUES LESS THAN MAXVALUE)`,
      `INSERT INTO parts VALUES (1, 1), (11, 11), (21, 21)`,
      'ALTER TABLE parts TRUNCATE PARTITION p0',
      'ALTER TABLE parts DROP PARTITION p1',
      'UPDATE parts SET v = 22 WHERE id = 21',
    );
    await heldThenReadAgain('parts', /PARTITION/);
  });

  it('rows of an XA transaction, which may be rolled back', async () => {
    await run('CREATE TABLE two_phase (id INT NOT NULL PRIMARY KEY, v INT)', 'INSERT INTO two_phase VALUES (1, 1)');
    await run(`XA START 'x'`, 'INSERT INTO two_phase VALUES (2, 2)', `XA END 'x'`, `XA PREPARE 'x'`, `XA ROLLBACK 'x'`);
    await heldThenReadAgain('two_phase', /XA/);
    expect(await rows('SELECT id FROM silver.two_phase')).toEqual([{ id: '1' }]);
  });

  it('a type that cannot be carried, once it was changed', async () => {
    await run('CREATE TABLE odd_type (id BIGINT PRIMARY KEY, body VARCHAR(20))', `INSERT INTO odd_type VALUES (1, 'one')`);
    await run('ALTER TABLE odd_type MODIFY body VARCHAR(20) CHARACTER SET binary', `INSERT INTO odd_type VALUES (2, 'two')`);
    await pipeline.caughtUp();
    expect(await rows(HELD)).toEqual([{ table_name: 'odd_type', code: 'LF_COLUMN_UNSUPPORTED' }]);
    await run('ALTER TABLE odd_type MODIFY body VARCHAR(20) CHARACTER SET utf8mb4');
    await heldThenReadAgain('odd_type', /parked/);
  });

  it('a healthy table can be read again too, and one without a key is refused', async () => {
    await run('DELETE FROM notes_two WHERE id < 5');
    expect((await pipeline.run('connector', 'resnapshot', 'notes_two')).code).toBe(0);
    expect(await violations(pipeline)).toEqual([]);
    await run('CREATE TABLE no_key (a INT)');
    expect((await pipeline.run('connector', 'resnapshot', 'no_key')).stderr).toMatch(/LF_RESNAPSHOT.*no primary key/s);
    await run('DROP TABLE no_key');
  });
});

describe('left out at first', () => {
  it('a table is taken in, then read in bulk, while rows of it and of others change, also when the connector never heard of it', async () => {
    await run(
      'CREATE TABLE beside (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT)',
      'CREATE DATABASE elsewhere',
      'CREATE TABLE elsewhere.latecomers (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT, body VARCHAR(40))',
      `INSERT INTO elsewhere.latecomers (n, body) VALUES (1, 'one'), (2, 'two')`,
      'RENAME TABLE elsewhere.latecomers TO bank.latecomers',
    );
    const churns = [await startChurn(pipeline, 'latecomers'), await startChurn(pipeline, 'beside')];
    await churns[0]?.written(20);
    for (const mode of ['incremental', 'bulk']) {
      const { code, stdout, stderr } = await runProgram(pipeline.home, ['backfill', '--table', 'latecomers', '--mode', mode]);
      expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringMatching(/latecomers: done/) as string });
    }
    await run('ALTER TABLE latecomers ADD COLUMN later INT DEFAULT 4');
    for (const churn of churns) await churn.written(20);
    for (const churn of churns) await churn.stop();
    expect(await violations(pipeline)).toEqual([]);
    expect(await rows(HELD)).toEqual([]);
  });
});

async function waitForHeld(table: string): Promise<unknown> {
  let found: unknown;
  await waitFor(`${table} to be held`, 30_000, async () => {
    found = (await pipeline.status()).heldTables.find((held) => held.table === table);
    return found !== undefined;
  });
  return found;
}
