// Runs one schedule; finds the smallest part of it that still fails.

import type { Schedule } from './schedule.ts';
import { Violation } from './violation.ts';
import { World } from './world.ts';

export interface Outcome {
  /** Null when everything held. */
  readonly violation: string | null;
  readonly commits: number;
  readonly publications: number;
  readonly lives: number;
}

export async function runSchedule(schedule: Schedule, tell?: (line: string) => void): Promise<Outcome> {
  const world = new World(schedule, tell);
  const outcome = (violation: string | null): Outcome => ({
    violation,
    commits: world.judge.commits,
    publications: world.judge.publications,
    lives: world.lives,
  });
  try {
    await world.run();
    return outcome(null);
  } catch (error) {
    if (error instanceof Violation || error instanceof Error) return outcome(error.message);
    throw error;
  }
}

/** Leaves out what is not needed to fail: first actions, then steps of the source, in ever smaller pieces. `runsMax` bounds the search. */
export async function shrink(schedule: Schedule, runsMax = 600): Promise<Schedule> {
  let runs = 0;
  const fails = async (candidate: Schedule): Promise<boolean> => {
    runs += 1;
    return runs <= runsMax && (await runSchedule(candidate)).violation !== null;
  };
  let best = schedule;
  for (const part of ['actions', 'plan', 'actions'] as const) {
    for (let size = Math.ceil(best[part].length / 2); size >= 1 && runs < runsMax; size = Math.floor(size / 2)) {
      for (let from = 0; from < best[part].length && runs < runsMax;) {
        const candidate = { ...best, [part]: [...best[part].slice(0, from), ...best[part].slice(from + size)] };
        if (await fails(candidate)) best = candidate;
        else from += size;
      }
    }
  }
  return best;
}
