// The jobs of this product, and their runner joined to the processor: what changed reaches it after every commit and every refresh.

import { messageOf } from '../../infra/runtime/errors.ts';
import type { Log } from '../../infra/runtime/log.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { Model } from '../../lake/gold/model.ts';
import { loadQualityChecks } from '../../lake/quality/check-file.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import type { Notifier } from '../../stream/alerts/notifier.ts';
import { fraudJob } from '../../stream/fraud/live/fraud-job.ts';
import { loadRules } from '../../stream/fraud/rule-file.ts';
import type { ScoreParts } from '../../stream/fraud/score/live-score.ts';
import { readModel } from '../../stream/fraud/score/model.ts';
import type { Job } from '../../stream/jobs/job.ts';
import { JobRunner } from '../../stream/jobs/runner.ts';
import type { Wakeup } from '../../stream/processor/wakeup.ts';
import { certificateJob } from '../../stream/proof/certificate-job.ts';
import { qualityJobs } from '../../stream/quality/quality-job.ts';
import { sloJob } from '../../stream/quality/slo-job.ts';
import { productVersion } from '../support/version.ts';
import { certifierOf } from './certifier.ts';

interface JobsContext {
  readonly config: Config;
  readonly store: StoreHandle;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Woken when there are new fraud alerts. */
  readonly alerted: Wakeup;
}

/** Those that need nothing but the store; others are given (`more`). */
function jobsOf({ config, metrics, store }: JobsContext): Job[] {
  return [
    ...qualityJobs(loadQualityChecks()),
    sloJob({ freshnessObjectiveMs: config.freshnessObjectiveMs, metrics }),
    certificateJob(certifierOf(config, store)),
  ];
}

function fraudJobOf({ metrics, alerted }: JobsContext, score: ScoreParts | undefined): ReturnType<typeof fraudJob> {
  return fraudJob({
    rules: loadRules(),
    score,
    onEvaluated: (movements) => metrics.fraudEvaluated.inc(movements),
    onAlerts: (alerts) => {
      metrics.fraudAlerts.inc(alerts);
      alerted.wake();
    },
  });
}

/** The score that movements are scored with live. @throws LedgerflowError LF_FRAUD_MODEL */
async function scoreOf({ fraudScore, fraudScoreMin }: Config): Promise<ScoreParts | undefined> {
  return fraudScore === undefined ? undefined : { model: await readModel(fraudScore), minProbability: fraudScoreMin };
}

export async function openJobs(
  context: JobsContext & { readonly more: readonly Job[] },
  models: readonly Model[],
  notifier: Notifier,
): Promise<JobRunner> {
  const { store, log, metrics } = context;
  const connection = await store.connect();
  const fraud = fraudJobOf(context, await scoreOf(context.config));
  await connection.run(fraud.prepareSql); // the topic and readers need its tables before the first run
  return await JobRunner.open(
    {
      connection,
      ...{ epoch: store.state.epoch, codeVersion: productVersion(), now: () => new Date() },
      sources: (input) => tablesUnder(input, models),
      onRun: ({ run, state, durationMs, error }, { name }) => {
        if (state === 'waiting') return;
        void tell(notifier, { job: name, state, error }, run.attempt).catch((failure: unknown) =>
          log.warn({ job: name, error: messageOf(failure) }, 'the incident of a job could not be written'),
        );
        metrics.jobRuns.inc({ job_name: name, state });
        metrics.jobSeconds.observe({ job_name: name }, durationMs / 1_000);
      },
      log,
    },
    [...jobsOf(context), fraud, ...context.more],
  );
}

/** Jobs that have no open incident, as far as this process knows. */
const known = new Set<string>();

/** A job that gives up is an incident until it succeeds again. */
async function tell(notifier: Notifier, run: { job: string; state: string; error: string | null }, attempt: number): Promise<void> {
  const { job, state, error } = run;
  if (state === 'succeeded') {
    if (known.has(job)) return; // after a start the last process may have left one open
    known.add(job);
    return notifier.closed('LF_JOB_FAILED', job);
  }
  if (state !== 'failed') return;
  known.delete(job);
  const text = { summary: `the job ${job} failed: ${error ?? ''}`, detail: `expected: it succeeds; ${attempt + 1} attempts were made` };
  await notifier.opened({ code: 'LF_JOB_FAILED', severity: 'page', subject: job, ...text, rows: [], dimension: null, table: null });
}

/** What a refresh says of a view is what it says of the models under it. */
export function tablesUnder(input: string, models: readonly Model[]): readonly string[] {
  const model = models.find(({ name }) => input === `gold.${name}`);
  if (model?.refresh !== 'view') return [input];
  return model.goldInputs.flatMap((name) => tablesUnder(`gold.${name}`, models));
}

interface Names {
  has(name: string): boolean;
}

/** Captured tables that a commit changed, by the names that jobs use. */
export function silverNames(tables: Names): Names {
  return { has: (name) => name.startsWith('silver.') && tables.has(name.slice('silver.'.length)) };
}

export function goldNames(models: readonly string[]): Names {
  return { has: (name) => name.startsWith('gold.') && models.includes(name.slice('gold.'.length)) };
}
