// The customer's start page: what there is, what this month costs so far, what happened last.

import { useState } from 'preact/hooks';
import type { AccountRow, ActivityRow, BalancesAnswer, MonthAnswer, OverviewAnswer } from '../../../../api/answers/customer.ts';
import { Card, Empty, Failure, Loading, Rows, rowsOf } from '../../parts/card.tsx';
import { StateBadge } from '../../parts/badge.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Table } from '../../parts/table.tsx';
import { isNegative, moment, money, sum, title } from '../../format.ts';
import { useLive } from '../../state/use-live.ts';
import { BalanceChart } from './balance-chart.tsx';
import { Budgets } from './budget-list.tsx';
import { BudgetAlerts } from './budget-alerts.tsx';
import { PurchaseDialog, TransferDialog } from './order-dialogs.tsx';

/** The parts that take the lake longer are read less often. */
const SLOWER_MS = 400;

export function Overview() {
  const { data, error } = useLive<OverviewAnswer>('/api/customer/overview');
  const { data: past } = useLive<BalancesAnswer>('/api/customer/balances', SLOWER_MS);
  const { data: month } = useLive<MonthAnswer>('/api/customer/month', SLOWER_MS);
  const [dialog, setDialog] = useState<'purchase' | 'transfer' | null>(null);
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  const accounts = rowsOf(data.accounts);
  const [customer] = rowsOf(data.customer);
  const usable = accounts.filter(({ status }) => status === 'active');
  return (
    <>
      <div class="page-head">
        <div>
          <h1>{customer === undefined ? 'Overview' : `Hello, ${customer.first_name}`}</h1>
        </div>
        <div class="page-actions">
          <button type="button" disabled={usable.length === 0} onClick={() => setDialog('purchase')}>
            <Icon name="pay" /> Record a purchase
          </button>
          <button type="button" class="quiet" disabled={usable.length === 0} onClick={() => setDialog('transfer')}>
            <Icon name="swap" /> Transfer
          </button>
        </div>
      </div>
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      <BudgetAlerts budgets={rowsOf(month?.budgets)} />
      <Totals accounts={accounts} />
      <div class="grid">
        <Card title="Balance over time">
          <Rows of={past?.balances} empty="There is no movement on your accounts yet.">
            {(rows) => <BalanceChart rows={rows} />}
          </Rows>
        </Card>
        <Card title="Accounts">
          <Rows of={data.accounts} empty="You have no account yet.">
            {(rows) => <AccountList accounts={rows} />}
          </Rows>
        </Card>
        <Card title="Budgets this month" note={<a href="/spending">All spending</a>}>
          <Rows of={month?.budgets} empty="No budget is set for this month." later="Budgets are not calculated in this lake yet.">
            {(rows) => <Budgets budgets={rows.slice(0, 5)} />}
          </Rows>
        </Card>
        <Card title="Cashback this month">
          <Rows of={month?.cashback} empty="No cashback earned this month." later="Cashback is not calculated in this lake yet.">
            {(rows) => (
              <dl class="stats">
                {rows.map((row) => (
                  <div class="stat" key={row.currency}>
                    <dt>Earned, {row.currency}</dt>
                    <dd class="figure good">{money(row.earned, row.currency)}</dd>
                    <dd class="stat-note">{money(row.paid, row.currency)} paid out so far</dd>
                  </div>
                ))}
              </dl>
            )}
          </Rows>
        </Card>
        <Card title="Latest activity" wide>
          <Rows of={data.activity} empty="Nothing has happened on your accounts yet.">
            {(rows) => <Activity rows={rows} />}
          </Rows>
        </Card>
      </div>
      {dialog === 'purchase' && <PurchaseDialog accounts={usable} onClose={() => setDialog(null)} />}
      {dialog === 'transfer' && <TransferDialog accounts={usable} onClose={() => setDialog(null)} />}
    </>
  );
}

function Totals({ accounts }: { readonly accounts: readonly AccountRow[] }) {
  const currencies = [...new Set(accounts.map(({ currency }) => currency))];
  if (currencies.length === 0) return <Empty>You have no account yet.</Empty>;
  return (
    <dl class="totals">
      {currencies.map((currency) => {
        const own = accounts.filter((account) => account.currency === currency);
        return (
          <div class="total" key={currency}>
            <dt>Total balance{currencies.length > 1 ? `, ${currency}` : ''}</dt>
            <dd class="figure" data-testid={`total-${currency}`}>
              {money(sum(own.map(({ balance }) => balance)), currency)}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function AccountList({ accounts }: { readonly accounts: readonly AccountRow[] }) {
  return (
    <ul class="account-list">
      {accounts.map(({ account_id: id, account_type: type, status, balance, currency }) => (
        <li key={id}>
          <span class="account-name">
            {title(type)} <span class="muted">{id}</span> {status !== 'active' && <StateBadge state={status} />}
          </span>
          <span class={isNegative(balance) ? 'figure bad' : 'figure'} data-testid={`balance-${id}`}>
            {money(balance, currency)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function ownAccount({ type, direction, account_id: account, counter_account_id: other }: ActivityRow): string {
  return direction === 'in' && type === 'TRANSFER' ? (other ?? account) : account;
}

const SIGNS = { in: '+', out: '−', own: '' } as const;

function Activity({ rows }: { readonly rows: readonly ActivityRow[] }) {
  return (
    <Table
      label="Latest activity"
      rows={rows}
      keyOf={({ transaction_id: id }) => id}
      columns={[
        { name: 'What', cell: (row) => <What {...row} /> },
        { name: 'When', cell: (row) => moment(row.created_at), wideOnly: true },
        { name: 'Account', cell: ownAccount, wideOnly: true },
        { name: 'Amount', numeric: true, cell: (row) => <Amount {...row} /> },
      ]}
    />
  );
}

function What({ type, merchant, status, created_at: at, account_id: account, counter_account_id: other, direction }: ActivityRow) {
  return (
    <span class="two-lines">
      <span>
        {merchant ??
          (type === 'TRANSFER' ? (direction === 'in' ? `Transfer from ${account}` : `Transfer to ${other ?? '–'}`) : title(type))}{' '}
        {status !== 'posted' && <StateBadge state={status} />}
      </span>
      <span class="muted narrow-only">{moment(at)}</span>
      {merchant !== null && <span class="muted wide-only">{title(type)}</span>}
    </span>
  );
}

function Amount({ amount, currency, direction, status }: ActivityRow) {
  const tone = status !== 'posted' ? 'muted' : direction === 'in' ? 'good' : '';
  return <span class={`figure ${tone}`}>{`${SIGNS[direction]}${money(amount, currency)}`}</span>;
}
