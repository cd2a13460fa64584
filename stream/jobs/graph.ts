// The graph of jobs: a job stands behind those whose output it reads. Pure.

import nodeCron from 'node-cron';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import type { Job } from './job.ts';

const NAME = /^[a-z][a-z0-9_]{1,62}$/;

/** Jobs in an order in which each comes after those it reads. @throws LedgerflowError LF_JOB_INVALID naming what is wrong */
export function inOrder(jobs: readonly Job[]): Job[] {
  for (const job of jobs) verify(job, jobs);
  const done: Job[] = [];
  const visit = (job: Job, path: readonly string[]): void => {
    if (done.includes(job)) return;
    if (path.includes(job.name)) throw invalid(job, `its inputs form a circle: ${[...path, job.name].join(' -> ')}`);
    for (const before of upstream(job, jobs)) visit(before, [...path, job.name]);
    done.push(job);
  };
  for (const job of [...jobs].sort((a, b) => a.name.localeCompare(b.name))) visit(job, []);
  return done;
}

/** Jobs whose output this one reads. */
export function upstream(job: Job, jobs: readonly Job[]): Job[] {
  return jobs.filter((other) => other !== job && other.outputs.some((output) => job.inputs.includes(output)));
}

function verify(job: Job, jobs: readonly Job[]): void {
  if (!NAME.test(job.name)) throw invalid(job, 'its name must be of lower-case letters, digits and underscores');
  if (jobs.filter(({ name }) => name === job.name).length > 1) throw invalid(job, 'there are two of this name');
  for (const output of job.outputs) {
    const others = jobs.filter((other) => other !== job && other.outputs.includes(output));
    if (others.length > 0) throw invalid(job, `${output} is written by ${others.map(({ name }) => name).join(', ')} too`);
  }
  const { trigger } = job;
  if ('afterJobs' in trigger && upstream(job, jobs).length === 0) throw invalid(job, 'no job writes what it reads');
  if ('afterCommit' in trigger && job.inputs.length === 0) throw invalid(job, 'a job after commits needs inputs');
  if (job.beside !== undefined && !('cron' in trigger) && !('manual' in trigger))
    throw invalid(job, 'a job that reads beside others runs by a schedule or when asked');
  if (!('cron' in trigger)) return;
  const checked = nodeCron.validateDetailed(trigger.cron);
  if (!checked.valid) throw invalid(job, `schedule ${trigger.cron}: ${checked.errors.map(({ message }) => message).join('; ')}`);
  if (trigger.cron.trim().split(/\s+/).length !== 5)
    throw invalid(job, `schedule ${trigger.cron}: five fields are needed, seconds are not`);
}

function invalid(job: Job, problem: string): LedgerflowError {
  return new LedgerflowError('LF_JOB_INVALID', `the job cannot be run: ${problem}`, { where: job.name });
}
