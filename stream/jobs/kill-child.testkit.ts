// A process with a real store and one job: writes commits and runs the job until its fault point kills it or all is done.

import { pino } from 'pino';
import { armFaultPoint } from '../../infra/runtime/fault-point.ts';
import { openStore } from '../../lake/store/open.ts';
import { JobRunner } from './runner.ts';
import { copyJob, writeEvents } from './testkit.ts';

const [home = '', point = ''] = process.argv.slice(2);
const TRANSACTIONS = 6;

armFaultPoint(point === '' ? undefined : point);
await using store = await openStore({ storeFolder: `${home}/store`, lakeDataFolder: `${home}/lake`, memoryMb: 256, threads: 1 });
await store.writer.run(`INSERT INTO ops.gold_state SELECT -1, NULL, NULL, NULL, NULL WHERE NOT EXISTS (FROM ops.gold_state)`);
const scheduled = copyJob({
  name: 'nightly',
  inputs: ['silver.events'],
  outputs: ['ops.nightly'],
  partitioned: true,
  trigger: { cron: '0 2 * * *' },
});
const nightly = {
  ...scheduled,
  prepareSql: 'CREATE TABLE IF NOT EXISTS ops.nightly (day VARCHAR)',
  run: async ({ connection, partition }: Parameters<typeof scheduled.run>[0]) => {
    await connection.run(`INSERT INTO ops.nightly VALUES ('${String(partition)}')`);
    return { summary: {} };
  },
};
await using runner = await JobRunner.open(
  {
    connection: await store.connect(),
    ...{ epoch: store.state.epoch, codeVersion: 'test', log: pino({ level: 'silent' }), now: () => new Date() },
  },
  [copyJob(), nightly],
);
const signal = new AbortController().signal;
const asked = await store.writer.runAndReadAll(`SELECT count(*) FROM ops.job_runs WHERE job = 'nightly'`);
if (Number(asked.getRows()[0]?.[0]) === 0) await runner.ask('nightly', ['2026-11-20', '2026-11-21'], 'backfill');
for (;;) {
  const found = await store.writer.runAndReadAll('SELECT commit_id FROM ops.state');
  const commit = Number(found.getRows()[0]?.[0]);
  if (commit < TRANSACTIONS) await writeEvents(store.writer, 1);
  runner.changed(null);
  while (await runner.step(signal, 0));
  if (commit >= TRANSACTIONS) break;
}
const rows = async (sql: string): Promise<unknown> => (await store.writer.runAndReadAll(sql)).getRowsJson();
process.stdout.write(
  JSON.stringify({
    copied: await rows('SELECT id FROM ops.copied ORDER BY id'),
    position: await rows(`SELECT position FROM ops.jobs WHERE job = 'copy'`),
    nightly: await rows('SELECT day FROM ops.nightly ORDER BY day'),
    open: await rows(`SELECT count(*) FROM ops.job_runs WHERE state <> 'succeeded'`),
    gaps: await rows(
      `SELECT count(*) FROM (SELECT previous, lag(position) OVER (ORDER BY run_id) AS before FROM ops.job_runs WHERE job = 'copy') WHERE previous <> before`,
    ),
  }),
);
