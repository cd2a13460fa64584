// Decides, from what changed and from each model's condition, what a refresh does with each model. Pure.

import { fingerprint, inputTypes, missingInputs, type Catalog } from './inputs.ts';
import type { Model } from './model.ts';
import type { ModelState } from './state.ts';
import { isEmpty, windowRows, type TableWindow } from './window.ts';

export type Action = 'skip' | 'increment' | 'full' | 'waiting' | 'held';

export interface PlannedModel {
  readonly model: Model;
  readonly action: Action;
  readonly reason: string | null;
  readonly remedy: string | null;
  readonly inputTypes: string;
  readonly fingerprint: string;
}

export interface PlanInput {
  readonly models: readonly Model[];
  readonly states: ReadonlyMap<string, ModelState>;
  readonly catalog: Catalog;
  readonly windows: ReadonlyMap<string, TableWindow>;
  /** Rows of each captured table, roughly; above a share of them a rebuild is cheaper than an increment. */
  readonly rebuildAboveRows: number;
  /** Models to build in full whatever changed. */
  readonly forced: ReadonlySet<string>;
  /** Models that failed and are not to be tried again yet. */
  readonly resting: ReadonlySet<string>;
}

/** One entry per model, in the models' order. A model follows its inputs: waits, is held, or is rebuilt with them. */
export function planRefresh(input: PlanInput): PlannedModel[] {
  const planned = new Map<string, PlannedModel>();
  for (const model of input.models) planned.set(model.name, planModel(model, input, planned));
  return [...planned.values()];
}

function planModel(model: Model, input: PlanInput, planned: ReadonlyMap<string, PlannedModel>): PlannedModel {
  const state = input.states.get(model.name);
  const types = inputTypes(model, input.catalog);
  const print = fingerprint(model);
  const decide = (action: Action, reason: string | null = null, remedy: string | null = null): PlannedModel => ({
    model,
    action,
    reason,
    remedy,
    inputTypes: types,
    fingerprint: print,
  });
  const missing = missingInputs(model, input.catalog);
  if (missing.length > 0)
    return decide('waiting', `no captured table ${missing.join(', ')}`, 'Create the table in MySQL; gold takes it up by itself.');
  const upstream = model.goldInputs.map((name) => planned.get(name)).filter((each) => each !== undefined);
  const blocked = upstream.find((each) => each.action === 'waiting' || each.action === 'held');
  if (blocked !== undefined)
    return decide(blocked.action, `its input gold.${blocked.model.name}: ${blocked.reason ?? blocked.action}`, blocked.remedy);
  if (input.resting.has(model.name) && state?.inputTypes === types) return decide('held', state.reason, state.remedy);
  if (state?.status !== 'ready' || state.fingerprint !== print || state.inputTypes !== types || input.forced.has(model.name))
    return decide('full');
  if (upstream.some((each) => each.action === 'full')) return decide('full');
  const changed = model.silverInputs.map(({ table }) => input.windows.get(table)).filter((window) => !isEmpty(window));
  if (changed.some((window) => windowRows(window) > input.rebuildAboveRows)) return decide('full');
  return decide(changed.length > 0 || upstream.some((each) => each.action === 'increment') ? 'increment' : 'skip');
}
