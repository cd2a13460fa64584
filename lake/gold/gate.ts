// Which checks are due for a refresh, and in which form.

import type { Check } from '../checks/check.ts';
import type { DueCheck } from '../checks/run.ts';
import { findLiterals, putLiterals, type RefreshWork } from './apply.ts';
import type { PlannedModel } from './plan.ts';
import { applicableStatements, resolveRelations } from './relations.ts';
import { isEmpty } from './window.ts';

/**
 * A check runs when one of its models changed and all of them are ready. It runs over everything when one was rebuilt or
 * when rows were removed that others may point to, otherwise over what changed. Thorough: all checks, over everything.
 */
export async function dueChecks(
  checks: readonly Check[],
  plan: readonly PlannedModel[],
  at: { readonly work: RefreshWork; readonly thorough: boolean },
): Promise<DueCheck[]> {
  const actions = new Map(plan.map(({ model, action }) => [model.name, action]));
  const { work, thorough } = at;
  const due: DueCheck[] = [];
  for (const check of checks) {
    const inputs = check.inputs.map((input) => actions.get(input));
    if (inputs.some((action) => action === undefined || action === 'waiting' || action === 'held')) continue;
    if (!thorough && !inputs.some((action) => action === 'full' || action === 'increment')) continue;
    const full = thorough || inputs.includes('full') || check.fullWhenGone.some((table) => removesRows(table, work));
    const text = full ? check.fullSql : check.changedSql;
    if (text !== null) due.push({ check, sql: await finished(check, text, work) });
  }
  return due;
}

/** The alternative that applies, with its relations and literals put in. */
async function finished(check: Check, text: string, work: RefreshWork): Promise<string> {
  if (text.includes('{{')) await findLiterals(check.literals, work);
  const [applicable = text] = applicableStatements(text, work, work.literals);
  return putLiterals(resolveRelations(applicable), work.literals);
}

function removesRows(table: string, work: RefreshWork): boolean {
  const window = work.windows.get(table);
  return window !== undefined && !isEmpty(window) && (window.hasDeletes || window.folded > 0);
}
