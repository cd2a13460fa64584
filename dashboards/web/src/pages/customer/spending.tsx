// What a month costs: by category against the budgets, where, what came back, and what comes again.

import { useState } from 'preact/hooks';
import type { CashbackRow, SpendingAnswer, SpendRow, TopMerchantRow } from '../../../../api/answers/customer.ts';
import { count, money, month, pixels, sum, title } from '../../format.ts';
import { Bar } from '../../parts/bar.tsx';
import { Card, Failure, Loading, Rows, rowsOf } from '../../parts/card.tsx';
import { Stat } from '../../parts/stat.tsx';
import { Table } from '../../parts/table.tsx';
import { useLive } from '../../state/use-live.ts';
import { BudgetAlerts } from './budget-alerts.tsx';
import { BudgetDialog } from './budget-dialog.tsx';
import { Budgets } from './budget-list.tsx';
import { Subscriptions } from './subscriptions.tsx';

export function Spending() {
  const [chosen, setChosen] = useState<string | null>(null);
  const [editing, setEditing] = useState(false);
  const { data, error } = useLive<SpendingAnswer>(`/api/customer/spending${chosen === null ? '' : `?month=${chosen}`}`);
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  const spend = rowsOf(data.spend);
  const months = [...new Set([data.month, ...rowsOf(data.months).map((row) => row.month.slice(0, 10))])].sort().reverse();
  return (
    <>
      <div class="page-head">
        <h1>Spending</h1>
        <div class="page-actions">
          <label class="visually-hidden" for="month">
            Month
          </label>
          <select id="month" class="month" value={data.month} onChange={(event) => setChosen(event.currentTarget.value)}>
            {months.map((one) => (
              <option key={one} value={one}>
                {month(one)}
              </option>
            ))}
          </select>
          <button type="button" onClick={() => setEditing(true)}>
            Set a budget
          </button>
        </div>
      </div>
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      <BudgetAlerts budgets={rowsOf(data.budgets)} />
      <MonthTotals spend={spend} cashback={rowsOf(data.cashback)} />
      <div class="grid">
        <Card title="By category" note="net of refunds">
          <Rows of={data.spend} empty="Nothing was bought in this month." later="Spending is not calculated in this lake yet.">
            {(rows) => <Categories rows={rows} />}
          </Rows>
        </Card>
        <Card title="Budgets">
          <Rows of={data.budgets} empty="No budget is set for this month." later="Budgets are not calculated in this lake yet.">
            {(rows) => <Budgets budgets={rows} />}
          </Rows>
        </Card>
        <Card title="Top merchants">
          <Rows of={data.merchants} empty="Nothing was bought in this month." later="Merchants are not ranked in this lake yet.">
            {(rows) => <Merchants rows={rows} />}
          </Rows>
        </Card>
        <Card title="Subscriptions">
          <Rows
            of={data.subscriptions}
            empty="No regular payment was found yet: it takes three at the same merchant."
            later="Subscriptions are not looked for in this lake yet."
          >
            {(rows) => <Subscriptions rows={rows} />}
          </Rows>
        </Card>
      </div>
      {editing && <BudgetDialog month={data.month} categories={spend.map(({ category }) => category)} onClose={() => setEditing(false)} />}
    </>
  );
}

function MonthTotals({ spend, cashback }: { readonly spend: readonly SpendRow[]; readonly cashback: readonly CashbackRow[] }) {
  const currencies = [...new Set(spend.map(({ currency }) => currency))];
  if (currencies.length === 0) return null;
  return (
    <dl class="totals">
      {currencies.map((currency) => (
        <div class="total" key={currency}>
          <dt>Spent, net of refunds{currencies.length > 1 ? `, ${currency}` : ''}</dt>
          <dd class="figure" data-testid={`spent-${currency}`}>
            {money(sum(spend.filter((row) => row.currency === currency).map(({ net }) => net)), currency)}
          </dd>
        </div>
      ))}
      {cashback.map((row) => (
        <Stat
          key={row.currency}
          name="Cashback earned"
          value={money(row.earned, row.currency)}
          tone="good"
          note={`${money(row.paid, row.currency)} paid out`}
        />
      ))}
    </dl>
  );
}

function Categories({ rows }: { readonly rows: readonly SpendRow[] }) {
  const most = Math.max(...rows.map(({ net }) => pixels(net)), 1);
  return (
    <ul class="budget-list">
      {rows.map((row) => (
        <li key={`${row.category} ${row.currency}`}>
          <div class="budget-head">
            <span class="budget-name">{title(row.category)}</span>
            <span class="figure" data-testid={`spent-${row.category}`}>
              {money(row.net, row.currency)}
            </span>
          </div>
          <Bar label={`${title(row.category)}: beside the largest category`} share={pixels(row.net) / most} />
          <div class="budget-foot muted">
            <span>{count(row.purchases)} purchases</span>
            {pixels(row.refunds) > 0 && <span>{money(row.refunds, row.currency)} came back</span>}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Merchants({ rows }: { readonly rows: readonly TopMerchantRow[] }) {
  return (
    <Table
      label="Top merchants"
      rows={rows}
      keyOf={(row) => `${row.merchant_id} ${row.currency}`}
      columns={[
        {
          name: 'Merchant',
          cell: (row) => (
            <span class="two-lines">
              <span>{row.merchant}</span>
              <span class="muted">{title(row.category ?? 'unclassified')}</span>
            </span>
          ),
        },
        { name: 'Purchases', numeric: true, cell: (row) => count(row.purchases) },
        { name: 'Spent', numeric: true, cell: (row) => <span class="figure">{money(row.spent, row.currency)}</span> },
      ]}
    />
  );
}
