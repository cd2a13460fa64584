// npm run simulate [-- --schedules N] [--seed S] [--replay SEED]: many schedules, or one of them with its trace.

import { parseArgs } from 'node:util';
import { runSchedule, shrink } from './run.ts';
import { actionText, scheduleOf } from './schedule.ts';

const PROGRESS_EVERY = 500;
const TRACE_LINES = 60;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const HELP = `npm run simulate [-- OPTIONS]
  --schedules N   how many schedules to run (default 10000)
  --seed S        seed of the first one; the others follow (default 1)
  --replay S      run the schedule of this seed alone and print what happens
  --small         with --replay: leave out what is not needed to fail`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      schedules: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
      replay: { type: 'string' },
      small: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(HELP);
    return;
  }
  if (values.replay !== undefined) return replay(Number(values.replay), values.small);
  await many(Number(values.seed), Number(values.schedules));
}

async function many(first: number, schedules: number): Promise<void> {
  const started = performance.now();
  const totals = { commits: 0, publications: 0, lives: 0 };
  for (let seed = first; seed < first + schedules; seed += 1) {
    const outcome = await runSchedule(scheduleOf(seed));
    if (outcome.violation !== null) {
      say(`seed ${seed} fails: ${outcome.violation}`);
      await replay(seed, true);
      return;
    }
    totals.commits += outcome.commits;
    totals.publications += outcome.publications;
    totals.lives += outcome.lives;
    const done = seed - first + 1;
    if (done % PROGRESS_EVERY === 0 || done === schedules) {
      const seconds = (performance.now() - started) / 1_000;
      const { commits, publications, lives } = totals;
      say(
        `${done} of ${schedules} schedules, ${commits} commits, ${publications} publications, ${lives} processors, ${seconds.toFixed(0)} s`,
      );
    }
  }
  say(`nothing found in seeds ${first} to ${first + schedules - 1}`);
}

/** Ends the process with 1 when the schedule fails. */
async function replay(seed: number, small: boolean): Promise<void> {
  const whole = scheduleOf(seed);
  const schedule = small ? await shrink(whole) : whole;
  say(`base ${schedule.base}, commits of ${schedule.batchRowsMax}, ${schedule.stagedRowsMax} staged`);
  schedule.plan.forEach((step, index) => say(`source ${index + 1}: ${JSON.stringify(step)}`));
  if (!small) say(`actions: ${schedule.actions.map(actionText).join(', ')}`);
  const trace: string[] = [];
  const { violation } = await runSchedule(schedule, (line) => trace.push(line));
  if (trace.length > TRACE_LINES) say(`(${trace.length - TRACE_LINES} lines before)`);
  trace.slice(-TRACE_LINES).forEach(say);
  say(violation === null ? 'nothing found' : `violation: ${violation}`);
  if (violation === null) return;
  say(`again: npm run simulate -- --replay ${seed} --small`);
  process.exitCode = 1;
}

await main();
