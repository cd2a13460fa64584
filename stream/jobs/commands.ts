// Control commands of jobs: POST /control/jobs/run and /control/jobs/backfill. Both answer when the runs have ended, unless told not to wait.

import { z } from 'zod';
import { controlCommand, type ControlCommand } from '../../infra/runtime/control.ts';
import type { RunReport } from './runner-parts.ts';
import type { JobRunner } from './runner.ts';

const day = z.iso.date();
const job = z.string().min(1).max(63);
const BACKFILL_DAYS_MAX = 366;
const DAY_MS = 86_400_000;

export const runSchema = z.strictObject({ job, day: day.optional(), wait: z.boolean().default(true) });
export const backfillSchema = z
  .strictObject({ job, from: day, to: day, wait: z.boolean().default(true) })
  .refine(({ from, to }) => from <= to, 'the first day is after the last')
  .refine(({ from, to }) => days(from, to).length <= BACKFILL_DAYS_MAX, `at most ${BACKFILL_DAYS_MAX} days at once`);

export function jobCommands(runner: JobRunner): ControlCommand[] {
  return [
    controlCommand('jobs/run', runSchema, async ({ job: name, day: partition, wait }) =>
      answer(runner, await runner.ask(name, [partition ?? null], 'manual'), wait),
    ),
    controlCommand('jobs/backfill', backfillSchema, async ({ job: name, from, to, wait }) =>
      answer(runner, await runner.ask(name, days(from, to), 'backfill'), wait),
    ),
  ];
}

async function answer(runner: JobRunner, ids: readonly number[], wait: boolean): Promise<object> {
  if (!wait) return { runs: ids.map((runId) => ({ runId, state: 'queued', durationMs: null, error: null, day: null })) };
  const reports = await Promise.all(ids.map((runId) => runner.result(runId)));
  return { runs: reports.map(shown) };
}

function shown({ run, state, durationMs, error }: RunReport): object {
  return { runId: run.runId, state, durationMs, error, day: run.partition };
}

/** Days from the first to the last, both included. */
function days(from: string, to: string): string[] {
  const found: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to) && found.length <= BACKFILL_DAYS_MAX; at += DAY_MS)
    found.push(new Date(at).toISOString().slice(0, 10));
  return found;
}
