// Killed in the middle of a checkpoint, twice. DuckDB 1.5.5 leaves the first one's marker in the write-ahead log; when the next checkpoint
// is cut short while another connection commits, it merges that log with the commits' own and refuses the marker in it (duckdb#24260).
// The store empties the log at its opening, before anything runs beside it, so no marker lives long enough to meet such commits.

import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore } from './open.ts';

/** Few enough at once that they go through the log, so that the checkpoint has something to do. */
const [INSERTS, ROWS] = [4, 60_000];
const TRIES = 10;

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'lf-checkpoint-'));
  file = path.join(home, 'store', 'ledgerflow.duckdb');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const open = () => openStore({ storeFolder: path.dirname(file), lakeDataFolder: path.join(home, 'lake'), memoryMb: 512, threads: 1 });
const sizeOf = (name: string): number => statSync(name, { throwIfNoEntry: false })?.size ?? 0;

/** Leaves the files as a process leaves them that is killed when the marker is written and the header of the file is not. */
async function crashInCheckpoint(commitBeside: boolean): Promise<void> {
  for (let left = TRIES; left > 0; left -= 1) if (await tryToCrash(commitBeside)) return;
  throw new Error('the checkpoint was over too soon each time');
}

async function tryToCrash(commitBeside: boolean): Promise<boolean> {
  const instance = await DuckDBInstance.create(file, { checkpoint_threshold: '1GB', threads: '1' });
  const [writer, other] = [await instance.connect(), await instance.connect()];
  const [wal, beside] = [`${file}.wal`, `${file}.wal.checkpoint`];
  try {
    await writer.run(
      `CREATE TABLE IF NOT EXISTS ballast (i BIGINT, text VARCHAR); CREATE TABLE IF NOT EXISTS aside (i BIGINT, text VARCHAR)`,
    );
    for (let n = 0; n < INSERTS; n += 1)
      await writer.run(`INSERT INTO ballast SELECT i, md5((i * ${n})::VARCHAR) FROM range(${ROWS}) r(i)`);
    if (commitBeside) await other.run(`BEGIN; INSERT INTO aside VALUES (-1, 'beside')`);
    copyFileSync(file, `${file}.kept`);
    const length = sizeOf(wal);
    let over = false;
    const checkpoint = writer.run('CHECKPOINT').finally(() => (over = true));
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    while (!over && sizeOf(wal) <= length) await turn();
    const commit = commitBeside ? other.run('COMMIT') : null;
    while (commit !== null && !over && sizeOf(beside) === 0) await turn();
    const killed = { wal: existsSync(wal) ? readFileSync(wal) : null, beside: existsSync(beside) ? readFileSync(beside) : null };
    await turn();
    const caught = !over && (killed.wal?.length ?? 0) > length && (killed.beside === null) !== commitBeside;
    await Promise.all([checkpoint, commit]);
    for (const connection of [writer, other]) connection.closeSync();
    instance.closeSync();
    if (!caught) return false;
    copyFileSync(`${file}.kept`, file);
    if (killed.wal !== null) writeFileSync(wal, killed.wal);
    if (killed.beside !== null) writeFileSync(beside, killed.beside);
    return true;
  } finally {
    rmSync(`${file}.kept`, { force: true });
  }
}

/** Opens the store and leaves its files as a kill right after the opening leaves them. */
async function openAndDie(): Promise<void> {
  const files = [file, `${file}.wal`];
  {
    await using store = await open();
    expect(store.state.epoch).toBeGreaterThan(0);
    for (const each of files) if (existsSync(each)) copyFileSync(each, `${each}.kept`);
  }
  for (const each of files) {
    rmSync(each, { force: true });
    if (existsSync(`${each}.kept`)) copyFileSync(`${each}.kept`, each);
    rmSync(`${each}.kept`, { force: true });
  }
}

it('opens after kills in two checkpoints, the second with a commit beside it, and has every row', async () => {
  await openAndDie();
  await crashInCheckpoint(false);
  await openAndDie();
  await crashInCheckpoint(false);
  await openAndDie();
  await crashInCheckpoint(true);
  await using store = await open();
  const [rows, beside] = (
    await store.writer.runAndReadAll('SELECT (SELECT count(*) FROM ballast), (SELECT count(*) FROM aside)')
  ).getRows()[0]!;
  expect(Number(rows)).toBeGreaterThan(0);
  expect([Number(rows) % (INSERTS * ROWS), Number(beside)]).toEqual([0, 1]);
});

it('would be refused by DuckDB without the checkpoint at the opening', async () => {
  await openAndDie();
  await crashInCheckpoint(false);
  await crashInCheckpoint(true);
  await expect(DuckDBInstance.create(file)).rejects.toThrow('checkpoint WAL cannot contain a checkpoint marker');
});
