// The jobs of this product, and their runner joined to the processor: what changed reaches it after every commit and every refresh.

import type { Log } from '../../infra/runtime/log.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { Model } from '../../lake/gold/model.ts';
import type { StoreHandle } from '../../lake/store/open.ts';
import type { Job } from '../../stream/jobs/job.ts';
import { JobRunner } from '../../stream/jobs/runner.ts';
import { productVersion } from './version.ts';

interface JobsContext {
  readonly store: StoreHandle;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Fraud and reconciliation will add theirs. */
const JOBS: readonly Job[] = [];

export async function openJobs({ store, log, metrics }: JobsContext, models: readonly Model[]): Promise<JobRunner> {
  return await JobRunner.open(
    {
      connection: await store.connect(),
      ...{ epoch: store.state.epoch, codeVersion: productVersion(), now: () => new Date() },
      sources: (input) => tablesUnder(input, models),
      onRun: ({ state, durationMs }, { name }) => {
        if (state === 'waiting') return;
        metrics.jobRuns.inc({ job: name, state });
        metrics.jobSeconds.observe({ job: name }, durationMs / 1_000);
      },
      log,
    },
    JOBS,
  );
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
