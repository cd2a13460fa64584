// Which run is next, and when. Pure: the runner asks after everything that happens.

import { upstream } from './graph.ts';
import type { CommitTrigger, Job, PlannedRun } from './job.ts';
import type { Schedule } from './schedule.ts';

/** What is known of a job between two of its runs. */
export interface Standing {
  /** Commit up to which it has taken its inputs; null before its first success. */
  position: number | null;
  /** An input may have changed since. */
  dirty: boolean;
  lastStartMs: number;
  /** Failures in a row; at most attemptsMax of them make one run. */
  failures: number;
  /** After a failure: not before this time. */
  notBeforeMs: number;
  /** Last time of the schedule that was served. */
  servedUntil: Date;
}

export interface Plant {
  /** In the order of the graph. */
  readonly jobs: readonly Job[];
  readonly standings: ReadonlyMap<string, Standing>;
  readonly schedules: ReadonlyMap<string, Schedule>;
  /** Runs that are written down: asked for, back-fills, times of schedules, retries. */
  readonly queue: readonly PlannedRun[];
}

export type Next = { readonly run: PlannedRun } | { readonly atMs: number | null };

const MIN_INTERVAL_MS = 1_000;

/** The run that is due and has waited longest, or the time at which one will be (null: none until something happens). */
export function nextRun(plant: Plant, nowMs: number): Next {
  const candidates = plant.jobs.flatMap((job) => candidatesOf(plant, job, nowMs));
  const due = candidates.filter(({ notBeforeMs }) => notBeforeMs <= nowMs);
  const dueJobs = new Set(due.map(({ job }) => job));
  const free = due.filter(({ job }) => !isBehind(plant, job, dueJobs));
  const [first, ...others] = free;
  if (first !== undefined) return { run: others.reduce((oldest, run) => (run.notBeforeMs < oldest.notBeforeMs ? run : oldest), first) };
  const times = candidates.map(({ notBeforeMs }) => notBeforeMs).filter((time) => time > nowMs);
  return { atMs: times.length === 0 ? null : Math.min(...times) };
}

/** A job waits for those before it in the graph that are due too. */
function isBehind({ jobs }: Plant, name: string, dueJobs: ReadonlySet<string>): boolean {
  const job = jobs.find((each) => each.name === name);
  return job !== undefined && upstream(job, jobs).some((before) => dueJobs.has(before.name));
}

function candidatesOf({ standings, schedules, queue }: Plant, job: Job, nowMs: number): PlannedRun[] {
  const standing = standings.get(job.name);
  if (standing === undefined) return [];
  const runs = queue.filter((run) => run.job === job.name);
  const { trigger } = job;
  const fresh = { runId: 0, job: job.name, partition: null, scheduledFor: null, attempt: standing.failures };
  if (('afterCommit' in trigger || 'afterJobs' in trigger) && standing.dirty) {
    const interval = 'afterCommit' in trigger ? (trigger.minIntervalMs ?? MIN_INTERVAL_MS) : 0;
    const notBeforeMs = Math.max(standing.lastStartMs + interval, standing.notBeforeMs);
    runs.push({ ...fresh, trigger: 'afterCommit' in trigger ? 'commit' : 'jobs', notBeforeMs });
  }
  const schedule = schedules.get(job.name);
  if (schedule === undefined) return runs;
  // A time that has come is put into the queue by the runner; what counts here is the next one.
  const scheduledFor = schedule.next(new Date(Math.max(standing.servedUntil.getTime(), nowMs)));
  if (scheduledFor !== null) runs.push({ ...fresh, trigger: 'cron', scheduledFor, notBeforeMs: scheduledFor.getTime() });
  return runs;
}

/** Times of schedules that have come and are to be put into the queue, oldest first; the newest `max` of a job. */
export function timesCome({ jobs, standings, schedules }: Plant, nowMs: number, max: number): { job: Job; time: Date }[] {
  return jobs.flatMap((job) => {
    const [standing, schedule] = [standings.get(job.name), schedules.get(job.name)];
    if (standing === undefined || schedule === undefined || !('cron' in job.trigger)) return [];
    const count = job.trigger.catchUp === 'each' ? max : 1;
    return schedule.between(standing.servedUntil, new Date(nowMs), count).map((time) => ({ job, time }));
  });
}

/** How long a job leaves the processor to the stream after a run. */
export function restMs({ restFactor = 0, restMaxMs = Infinity }: CommitTrigger, tookMs: number): number {
  return Math.min(restFactor * tookMs, restMaxMs);
}
