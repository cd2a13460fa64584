// What wants attention: budgets at their thresholds, prices that were waited for, subscriptions that cost more.

import { useState } from 'preact/hooks';
import type { AlertsAnswer, PriceAlertRow, SubscriptionRow } from '../../../../api/answers/customer.ts';
import { day, money, pixels } from '../../format.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card, Empty, Failure, Loading, Rows, rowsOf } from '../../parts/card.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Table } from '../../parts/table.tsx';
import { send } from '../../state/commands.ts';
import { CallFailed } from '../../state/http.ts';
import { useLive } from '../../state/use-live.ts';
import { sentenceOf } from './budget-alerts.tsx';
import { PriceAlertDialog } from './price-alert-dialog.tsx';

export function Alerts() {
  const { data, error } = useLive<AlertsAnswer>('/api/customer/alerts');
  const [adding, setAdding] = useState(false);
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  const prices = rowsOf(data.prices);
  return (
    <>
      <div class="page-head">
        <h1>Alerts</h1>
        <div class="page-actions">
          <button type="button" disabled={prices.length === 0} onClick={() => setAdding(true)}>
            <Icon name="alerts" /> New price alert
          </button>
        </div>
      </div>
      {error !== null && <Failure>{error} The alerts below are older.</Failure>}
      <div class="grid">
        <Card title="Notifications" wide>
          <Notifications data={data} />
        </Card>
        <Card title="Price alerts" wide>
          <Rows of={data.priceAlerts} empty="No price alert is set." later="Price alerts are not captured in this lake.">
            {(rows) => <PriceAlerts rows={rows} currencyOf={(symbol) => prices.find((row) => row.symbol === symbol)?.currency ?? 'USD'} />}
          </Rows>
        </Card>
      </div>
      {adding && <PriceAlertDialog prices={prices} onClose={() => setAdding(false)} />}
    </>
  );
}

/** Fraud alerts join here when the lake has them. */
function Notifications({ data }: { readonly data: AlertsAnswer }) {
  const prices = rowsOf(data.prices);
  const notes = [
    ...rowsOf(data.budgets)
      .filter(({ used_percent: used }) => pixels(used) >= 50)
      .map((budget) => ({
        kind: 'Budget',
        tone: pixels(budget.used_percent) >= 100 ? ('bad' as const) : ('warn' as const),
        text: sentenceOf(budget),
      })),
    ...rowsOf(data.priceAlerts)
      .filter(isTriggered)
      .map((alert) => ({
        kind: 'Price',
        tone: 'info' as const,
        text: triggeredText(alert, prices.find(({ symbol }) => symbol === alert.symbol)?.currency ?? 'USD'),
      })),
    ...rowsOf(data.subscriptions)
      .filter(costsMore)
      .map((row) => ({ kind: 'Subscription', tone: 'warn' as const, text: dearerText(row) })),
  ];
  if (notes.length === 0) return <Empty>Nothing wants your attention. Fraud alerts will stand here too once they are calculated.</Empty>;
  return (
    <ul class="account-list" aria-live="polite">
      {notes.map(({ kind, tone, text }) => (
        <li key={text}>
          <span>{text}</span>
          <Badge tone={tone}>{kind}</Badge>
        </li>
      ))}
    </ul>
  );
}

function isTriggered({ triggered }: PriceAlertRow): boolean {
  return triggered === 't' || triggered === 'true';
}

function triggeredText({ symbol, direction, price, last_price: last }: PriceAlertRow, currency: string): string {
  return `${symbol} is ${direction} ${money(price, currency)}${last === null ? '' : `: last price ${money(last, currency)}`}`;
}

function costsMore({ amount, previous_amount: previous, status }: SubscriptionRow): boolean {
  return status.toUpperCase() !== 'TOMBSTONED' && previous !== null && pixels(amount) > pixels(previous);
}

function dearerText({ merchant, amount, previous_amount: previous, currency, next_date: next }: SubscriptionRow): string {
  return `${merchant} now costs ${money(amount, currency)} instead of ${money(previous ?? '0', currency)}, next on ${day(next)}`;
}

function PriceAlerts({ rows, currencyOf }: { readonly rows: readonly PriceAlertRow[]; readonly currencyOf: (symbol: string) => string }) {
  const [failure, setFailure] = useState<string | null>(null);
  const remove = async ({ price_alert_id: id, symbol }: PriceAlertRow): Promise<void> => {
    try {
      const answer = await send({ path: `/api/bank/price-alerts/${id}`, method: 'DELETE', label: `Removed the price alert on ${symbol}` });
      setFailure(answer.message);
    } catch (error) {
      setFailure(error instanceof CallFailed ? error.message : 'This did not work.');
    }
  };
  return (
    <>
      {failure !== null && <Failure>{failure}</Failure>}
      <Table
        label="Price alerts"
        rows={rows}
        keyOf={(row) => row.price_alert_id}
        columns={[
          { name: 'Instrument', cell: (row) => <strong>{row.symbol}</strong> },
          { name: 'When', cell: (row) => `${row.direction} ${money(row.price, currencyOf(row.symbol))}` },
          {
            name: 'Last price',
            numeric: true,
            cell: (row) => (row.last_price === null ? '–' : money(row.last_price, currencyOf(row.symbol))),
          },
          {
            name: 'State',
            cell: (row) => <Badge tone={isTriggered(row) ? 'info' : 'plain'}>{isTriggered(row) ? 'reached' : 'waiting'}</Badge>,
          },
          {
            name: 'Action',
            numeric: true,
            cell: (row) => (
              <button
                type="button"
                class="quiet small"
                onClick={() => void remove(row)}
                aria-label={`Remove the price alert on ${row.symbol}`}
              >
                Remove
              </button>
            ),
          },
        ]}
      />
    </>
  );
}
