// Budgets that have reached a threshold this month, said once each, the gravest first.

import type { BudgetRow } from '../../../../api/answers/customer.ts';
import { money, pixels, title } from '../../format.ts';

export function BudgetAlerts({ budgets }: { readonly budgets: readonly BudgetRow[] }) {
  const reached = budgets.filter(({ used_percent: used }) => pixels(used) >= 50);
  if (reached.length === 0) return null;
  return (
    <ul class="budget-alerts" aria-label="Budget alerts" aria-live="polite">
      {reached.map((budget) => (
        <li key={`${budget.category} ${budget.currency}`} class={levelOf(budget)} data-testid={`budget-alert-${budget.category}`}>
          {sentenceOf(budget)}
        </li>
      ))}
    </ul>
  );
}

function levelOf({ used_percent: used }: BudgetRow): 'info' | 'warn' | 'bad' {
  const value = pixels(used);
  if (value >= 100) return 'bad';
  return value >= 80 ? 'warn' : 'info';
}

export function sentenceOf({ category, currency, limit_amount: limit, spent, used_percent: used }: BudgetRow): string {
  const threshold = [100, 80, 50].find((percent) => pixels(used) >= percent) ?? 0;
  const amounts = `${money(spent, currency)} of ${money(limit, currency)}`;
  return threshold === 100
    ? `${title(category)}: the budget is used up, ${amounts}`
    : `${title(category)}: ${threshold} % of the budget is used, ${amounts}`;
}
