// What a refresh tells its caller, and which model conditions it changed. Pure.

import type { CheckResult } from '../checks/run.ts';
import type { PlannedModel } from './plan.ts';
import type { ModelState } from './state.ts';

export interface GoldOutcome {
  /** refreshed: gold moved on; unchanged: it was there already; waiting: the snapshot has not ended; held: a blocking check failed; paused: held, and not tried again yet. */
  readonly status: 'refreshed' | 'unchanged' | 'waiting' | 'held' | 'paused';
  /** Gold's position after the call. */
  readonly commitId: number;
  readonly gtid: string | null;
  /** Models whose table this call changed. */
  readonly models: readonly string[];
  readonly rebuilt: readonly string[];
  readonly waiting: readonly { readonly model: string; readonly reason: string }[];
  readonly held: readonly { readonly model: string; readonly reason: string; readonly remedy: string }[];
  /** Checks that failed, whatever their severity. */
  readonly failures: readonly CheckResult[];
  readonly durationMs: number;
}

export function outcomeOf(
  status: GoldOutcome['status'],
  at: { readonly position: { readonly commitId: number; readonly gtid: string | null }; readonly durationMs: number },
  found: { readonly plan?: readonly PlannedModel[]; readonly failures?: readonly CheckResult[] },
): GoldOutcome {
  const plan = found.plan ?? [];
  const of = (...actions: string[]): PlannedModel[] => plan.filter(({ action }) => actions.includes(action));
  const changed = status === 'refreshed';
  return {
    status,
    ...at.position,
    models: changed ? of('increment', 'full').map(({ model }) => model.name) : [],
    rebuilt: changed ? of('full').map(({ model }) => model.name) : [],
    waiting: of('waiting').map(({ model, reason }) => ({ model: model.name, reason: reason ?? '' })),
    held: of('held').map(({ model, reason, remedy }) => ({ model: model.name, reason: reason ?? '', remedy: remedy ?? '' })),
    failures: found.failures ?? [],
    durationMs: at.durationMs,
  };
}

/** Model conditions that this refresh changed. */
export function changedStates(plan: readonly PlannedModel[], states: ReadonlyMap<string, ModelState>): ModelState[] {
  const next = plan.flatMap(({ model, action, reason, remedy, inputTypes, fingerprint }): ModelState[] => {
    if (action === 'skip' || action === 'increment') return [];
    return [{ model: model.name, status: action === 'full' ? 'ready' : action, inputTypes, fingerprint, reason, remedy }];
  });
  return next.filter((state) => JSON.stringify(state) !== JSON.stringify(states.get(state.model)));
}
