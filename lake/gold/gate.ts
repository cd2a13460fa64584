// Which checks are due for a refresh, and in which form.

import type { DuckDBConnection } from '@duckdb/node-api';
import type { Check } from '../checks/check.ts';
import { findLiterals, putLiterals, type MutableScope } from './apply.ts';
import type { PlannedModel } from './plan.ts';
import { resolveRelations } from './relations.ts';
import { isEmpty } from './window.ts';

export interface Due {
  readonly check: Check;
  readonly text: string;
  readonly sql: () => string;
}

/**
 * A check runs when one of its models changed and all of them are ready. It runs over everything when one was rebuilt or
 * when rows were removed that others may point to, otherwise over what changed.
 */
export function dueChecks(checks: readonly Check[], plan: readonly PlannedModel[], scope: MutableScope): Due[] {
  const actions = new Map(plan.map(({ model, action }) => [model.name, action]));
  return checks.flatMap((check): Due[] => {
    const inputs = check.inputs.map((input) => actions.get(input));
    if (inputs.some((action) => action === undefined || action === 'waiting' || action === 'held')) return [];
    const changed = inputs.some((action) => action === 'full' || action === 'increment');
    if (!changed) return [];
    const full = inputs.includes('full') || check.fullWhenGone.some((table) => removesRows(table, scope));
    const text = full ? check.fullSql : check.changedSql;
    if (text === null) return [];
    return [{ check, text, sql: () => putLiterals(resolveRelations(text, scope), scope) }];
  });
}

function removesRows(table: string, scope: MutableScope): boolean {
  const window = scope.windows.get(table);
  return window !== undefined && !isEmpty(window) && (window.hasDeletes || window.folded > 0);
}

/** Finds the literals that due checks need and no increment has found. */
export async function loadDueLiterals(connection: DuckDBConnection, due: readonly Due[], scope: MutableScope): Promise<void> {
  for (const { check, text } of due) if (/\{\{\w+\}\}/.test(text)) await findLiterals(connection, check.literals, scope);
}
