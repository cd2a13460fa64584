// Payments that come again: when next, and whether the price has changed.

import type { SubscriptionRow } from '../../../../api/answers/customer.ts';
import { day, inDays, money, pixels, title } from '../../format.ts';
import { Badge, StateBadge } from '../../parts/badge.tsx';
import { Table } from '../../parts/table.tsx';

export function Subscriptions({ rows }: { readonly rows: readonly SubscriptionRow[] }) {
  return (
    <Table
      label="Subscriptions"
      rows={rows}
      keyOf={(row) => `${row.merchant_id} ${row.currency} ${row.cadence}`}
      columns={[
        {
          name: 'Merchant',
          cell: (row) => (
            <span class="two-lines">
              <span>{row.merchant}</span>
              <span class="muted">
                {title(row.cadence)} <StateBadge state={row.status} />
              </span>
            </span>
          ),
        },
        { name: 'Next', cell: (row) => <Next {...row} /> },
        { name: 'Amount', numeric: true, cell: (row) => <Amount {...row} /> },
      ]}
    />
  );
}

function Next({ next_date: next, status, last_date: last }: SubscriptionRow) {
  if (next === null || status.toUpperCase() === 'TOMBSTONED') return <span class="muted">ended, last {day(last)}</span>;
  return (
    <span class="two-lines">
      <span>{day(next)}</span>
      <span class="muted">{inDays(next)}</span>
    </span>
  );
}

function Amount({ amount, previous_amount: previous, currency }: SubscriptionRow) {
  const change = previous === null ? 0 : pixels(amount) - pixels(previous);
  return (
    <span class="two-lines">
      <span class="figure">{money(amount, currency)}</span>
      {previous !== null && change !== 0 && (
        <Badge tone={change > 0 ? 'warn' : 'good'}>{`${change > 0 ? 'up' : 'down'} from ${money(previous, currency)}`}</Badge>
      )}
    </span>
  );
}
