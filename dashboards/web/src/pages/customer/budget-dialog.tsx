// Sets the limit of a category in a month.

import { month as monthText, money, title } from '../../format.ts';
import { AmountField, Field, fieldOf, OrderDialog } from '../../parts/dialog.tsx';

interface Props {
  /** First day of the month. */
  readonly month: string;
  readonly categories: readonly string[];
  readonly onClose: () => void;
}

const USUAL = ['groceries', 'restaurants', 'transport', 'fuel', 'utilities', 'streaming', 'clothing', 'electronics', 'books', 'cinema'];
const CURRENCIES = ['USD', 'INR', 'EUR', 'GBP'];

export function BudgetDialog({ month, categories, onClose }: Props) {
  const offered = [...new Set([...categories, ...USUAL])].sort();
  return (
    <OrderDialog
      title={`Budget for ${monthText(month)}`}
      action="Set the budget"
      onClose={onClose}
      orderOf={(fields) => {
        const [category, limit, currency] = [fieldOf(fields, 'category'), fieldOf(fields, 'limit'), fieldOf(fields, 'currency')];
        return {
          path: '/api/bank/budgets',
          method: 'PUT',
          body: { category, limit, currency, month: month.slice(0, 7) },
          label: `Budget of ${money(limit, currency)} for ${title(category)}`,
        };
      }}
    >
      <Field name="category" label="Category">
        <select id="field-category" name="category">
          {offered.map((category) => (
            <option key={category} value={category}>
              {title(category)}
            </option>
          ))}
        </select>
      </Field>
      <div class="field-row">
        <AmountField name="limit" label="Limit" />
        <Field name="currency" label="Currency">
          <select id="field-currency" name="currency">
            {CURRENCIES.map((currency) => (
              <option key={currency}>{currency}</option>
            ))}
          </select>
        </Field>
      </div>
    </OrderDialog>
  );
}
