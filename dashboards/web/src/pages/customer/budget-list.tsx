// Budgets of a month: used so far, the thresholds, and where the month ends at this rate.

import type { BudgetRow } from '../../../../api/answers/customer.ts';
import { isZero, money, percent, pixels, title } from '../../format.ts';
import { Bar } from '../../parts/bar.tsx';

const THRESHOLDS = [0.5, 0.8, 1];

export function Budgets({ budgets }: { readonly budgets: readonly BudgetRow[] }) {
  return (
    <ul class="budget-list">
      {budgets.map((budget) => (
        <Budget key={`${budget.category} ${budget.currency}`} {...budget} />
      ))}
    </ul>
  );
}

function Budget({ category, currency, limit_amount: limit, spent, used_percent: used, projected, projected_overspend: over }: BudgetRow) {
  const share = pixels(used) / 100;
  const overspent = over !== null && !isZero(over) && !over.startsWith('-');
  return (
    <li>
      <div class="budget-head">
        <span class="budget-name">{title(category)}</span>
        <span class="figure" data-testid={`budget-${category}`}>
          {money(spent, currency)} <span class="muted">of {money(limit, currency)}</span>
        </span>
      </div>
      <Bar label={`${title(category)}: used of the budget`} share={share} tone={toneOf(share)} marks={THRESHOLDS.slice(0, 2)} />
      <div class="budget-foot muted">
        <span>{percent(share, 0)} used</span>
        {projected !== null && (
          <span class={overspent ? 'bad' : ''}>
            {overspent ? `on course for ${money(over, currency)} over` : `on course for ${money(projected, currency)}`}
          </span>
        )}
      </div>
    </li>
  );
}

export function toneOf(share: number): 'good' | 'warn' | 'bad' {
  if (share >= 1) return 'bad';
  return share >= 0.8 ? 'warn' : 'good';
}
