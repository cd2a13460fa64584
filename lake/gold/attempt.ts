// The work inside a refresh's transaction: models brought up to date, pending sums settled when it is time, checks run.

import type { DuckDBResultReader } from '@duckdb/node-api';
import type { Logger } from 'pino';
import { messageOf } from '../../infra/runtime/errors.ts';
import type { Check } from '../checks/check.ts';
import { gateSql, passed, runChecks, type CheckResult, type DueCheck } from '../checks/run.ts';
import { emptyingSql, forgetChanges, incrementModel, rebuildModel, settleModel, type RefreshWork } from './apply.ts';
import { dueChecks } from './gate.ts';
import type { Model } from './model.ts';
import { followedFacts } from './physical.ts';
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

/** A statement or a check of a batch failed; which, and what it found, is told when they are run one by one. */
export class BatchFailed extends Error {
  override readonly name = 'BatchFailed';
}

/** Settles when it is time, and runs the checks that are due. @param how.last statement that ends a batch. @throws ModelFailure, BatchFailed */
export async function judge(
  checks: readonly Check[],
  plan: readonly PlannedModel[],
  work: RefreshWork,
  how: { readonly thorough: boolean; readonly settling: boolean; readonly last?: string },
): Promise<CheckResult[]> {
  const due = dueChecks(checks, plan, { work, ...how });
  const read = (sql: string): Promise<DuckDBResultReader> => work.statements.read(sql);
  if (work.batch !== null) return await runBatch(work.batch, due.visible, work, how.last);
  if (!how.settling) return await runChecks(read, due.visible);
  const facts = await settleModels(plan, work);
  const settled = await runChecks(read, due.settled);
  await forgetChanges(facts, work);
  return [...settled, ...(await runChecks(read, due.visible))];
}

/**
 * Runs what was collected, the checks, and `last`, in one call. What was filled is emptied in the same transaction, so that it never
 * comes to the temporary tables, where it would stay as dead rows. @throws BatchFailed
 */
async function runBatch(batch: readonly string[], due: readonly DueCheck[], work: RefreshWork, last?: string): Promise<CheckResult[]> {
  try {
    const [gate, end] = [due.length === 0 ? [] : [gateSql(due)], last === undefined ? [] : [last]];
    await work.statements.runAll([...batch, ...gate, ...emptyingSql(work.filled), ...end]);
    work.filled.clear();
  } catch (error) {
    throw new BatchFailed(messageOf(error), { cause: error });
  }
  return due.map(passed);
}

/** Returns the facts whose changes every model over them has taken in. */
async function settleModels(plan: readonly PlannedModel[], work: RefreshWork): Promise<Model[]> {
  for (const planned of plan) {
    if (planned.model.refresh !== 'sums' || (planned.action !== 'increment' && planned.action !== 'skip')) continue;
    await guarded(planned, () => settleModel(planned.model, work));
  }
  const held = new Set(plan.filter(({ action }) => action === 'held' || action === 'waiting').map(({ model }) => model.name));
  return followedFacts(work.models).filter(({ name }) => !held.has(name));
}
