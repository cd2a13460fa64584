// Which checks are due for a refresh, and in which form.

import type { Check } from '../checks/check.ts';
import type { DueCheck } from '../checks/run.ts';
import type { RefreshWork } from './apply.ts';
import type { PlannedModel } from './plan.ts';
import { resolveRelations } from './relations.ts';
import { isEmpty } from './window.ts';

/** Checks to run, each in the form that applies. */
export interface DueChecks {
  /** On what pending changes move, while they are still to be seen beside what they have become. */
  readonly settled: readonly DueCheck[];
  /** On gold as readers would see it. */
  readonly visible: readonly DueCheck[];
}

/**
 * A check runs when one of its models changed and all of them are ready. It runs over everything when one was rebuilt or
 * when rows were removed that others may point to, otherwise over what changed. Thorough: all checks, over everything.
 */
export function dueChecks(
  checks: readonly Check[],
  plan: readonly PlannedModel[],
  at: { readonly work: RefreshWork; readonly thorough: boolean; readonly settling: boolean },
): DueChecks {
  const actions = new Map(plan.map(({ model, action }) => [model.name, action]));
  const { work, thorough, settling } = at;
  const settled: DueCheck[] = [];
  const visible: DueCheck[] = [];
  for (const check of checks) {
    const inputs = check.inputs.map((input) => actions.get(input));
    if (inputs.some((action) => action === undefined || action === 'waiting' || action === 'held')) continue;
    const changed = inputs.some((action) => action === 'full' || action === 'increment');
    const full = thorough || inputs.includes('full') || (changed && check.fullWhenGone.some((table) => removesRows(table, work)));
    const text = full ? check.fullSql : changed ? check.changedSql : null;
    if (text !== null) visible.push({ check, sql: resolveRelations(text) });
    else if (settling && check.settledSql !== null) settled.push({ check, sql: resolveRelations(check.settledSql) });
  }
  return { settled, visible };
}

function removesRows(table: string, work: RefreshWork): boolean {
  const window = work.windows.get(table);
  return window !== undefined && !isEmpty(window) && (window.hasDeletes || window.folded > 0);
}
