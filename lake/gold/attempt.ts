// The work inside a refresh's transaction: models brought up to date, pending sums settled when it is time, checks run.

import type { DuckDBResultReader } from '@duckdb/node-api';
import type { Logger } from 'pino';
import { messageOf } from '../../infra/runtime/errors.ts';
import type { Check } from '../checks/check.ts';
import { runChecks, type CheckResult } from '../checks/run.ts';
import { forgetChanges, incrementModel, rebuildModel, settleModel, type RefreshWork } from './apply.ts';
import { dueChecks } from './gate.ts';
import type { Model } from './model.ts';
import { summedFacts } from './physical.ts';
import type { PlannedModel } from './plan.ts';

const MODEL_ERRORS = /^(Binder|Catalog|Conversion|Out of Range|Invalid Input|Parser|Mismatch Type|Constraint) Error/i;

/** A model whose files or inputs failed it; the others go on without it. */
export class ModelFailure extends Error {
  override readonly name = 'ModelFailure';
  readonly planned: PlannedModel;

  constructor(planned: PlannedModel, cause: unknown) {
    super(messageOf(cause), { cause });
    this.planned = planned;
  }
}

/** Names the model that an error belongs to. */
async function guarded(planned: PlannedModel, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (MODEL_ERRORS.test(messageOf(error))) throw new ModelFailure(planned, error);
    throw error;
  }
}

/** Models to increment or to build anew, in order. @throws ModelFailure */
export async function applyPlan(active: readonly PlannedModel[], work: RefreshWork, log: Logger): Promise<void> {
  for (const [index, planned] of active.entries()) {
    const { model, action } = planned;
    await guarded(planned, async () => {
      if (action === 'increment') {
        await incrementModel(model, work);
        return;
      }
      const started = performance.now();
      const rows = await rebuildModel(model, work);
      const step = `${index + 1}/${active.length}`;
      log.info({ model: model.name, rows, step, ms: Math.round(performance.now() - started) }, 'gold model built');
    });
  }
}

/** Settles when it is time, and runs the checks that are due. @throws ModelFailure */
export async function judge(
  checks: readonly Check[],
  plan: readonly PlannedModel[],
  work: RefreshWork,
  how: { readonly thorough: boolean; readonly settling: boolean },
): Promise<CheckResult[]> {
  const due = dueChecks(checks, plan, { work, ...how });
  const read = (sql: string): Promise<DuckDBResultReader> => work.statements.read(sql);
  if (!how.settling) return await runChecks(read, due.visible);
  const facts = await settleModels(plan, work);
  const settled = await runChecks(read, due.settled);
  await forgetChanges(facts, work);
  return [...settled, ...(await runChecks(read, due.visible))];
}

/** Returns the facts whose changes every model over them has taken in. */
async function settleModels(plan: readonly PlannedModel[], work: RefreshWork): Promise<Model[]> {
  for (const planned of plan) {
    if (planned.model.refresh !== 'sums' || (planned.action !== 'increment' && planned.action !== 'skip')) continue;
    await guarded(planned, () => settleModel(planned.model, work));
  }
  const held = new Set(plan.filter(({ action }) => action === 'held' || action === 'waiting').map(({ model }) => model.name));
  return summedFacts(work.models).filter(({ name }) => !held.has(name));
}
