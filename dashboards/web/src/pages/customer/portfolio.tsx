// The portfolio: worth, return in three measures, risk, what is held, and the paper trades.

import { useState } from 'preact/hooks';
import type { AllocationRow, HoldingRow, PortfolioAnswer, TradeRow } from '../../../../api/answers/customer.ts';
import { isNegative, isZero, moment, money, percent, pixels, quantity, title } from '../../format.ts';
import { Badge } from '../../parts/badge.tsx';
import { Bar } from '../../parts/bar.tsx';
import { Card, Failure, Loading, Rows, rowsOf } from '../../parts/card.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Table } from '../../parts/table.tsx';
import { useLive } from '../../state/use-live.ts';
import { PortfolioReturn } from './portfolio-return.tsx';
import { TradeDialog } from './trade-dialog.tsx';

export function Portfolio() {
  const { data, error } = useLive<PortfolioAnswer>('/api/customer/portfolio');
  const [trading, setTrading] = useState(false);
  if (data === undefined) return error === null ? <Loading /> : <Failure>{error}</Failure>;
  const accounts = rowsOf(data.accounts).filter(({ status }) => status === 'active');
  const prices = rowsOf(data.prices);
  return (
    <>
      <div class="page-head">
        <h1>Portfolio</h1>
        <div class="page-actions">
          <button type="button" disabled={accounts.length === 0 || prices.length === 0} onClick={() => setTrading(true)}>
            <Icon name="pay" /> Paper trade
          </button>
        </div>
      </div>
      {error !== null && <Failure>{error} The figures below are older.</Failure>}
      <div class="grid">
        <PortfolioReturn data={data} />
        <Card title="Holdings" wide>
          <Rows
            of={data.holdings}
            empty="You hold nothing yet. A paper trade buys at the newest simulated price."
            later="Holdings are not calculated in this lake yet."
          >
            {(rows) => <Holdings rows={rows} />}
          </Rows>
        </Card>
        <Card title="Allocation">
          <Rows
            of={data.allocation}
            empty="Nothing is held, so there is nothing to divide."
            later="The allocation is not calculated in this lake yet."
          >
            {(rows) => <Allocation rows={rows} />}
          </Rows>
        </Card>
        <Card title="Latest trades">
          <Rows of={data.trades} empty="You have not traded yet.">
            {(rows) => <Trades rows={rows} />}
          </Rows>
        </Card>
      </div>
      {trading && <TradeDialog accounts={accounts} prices={prices} onClose={() => setTrading(false)} />}
    </>
  );
}

function Holdings({ rows }: { readonly rows: readonly HoldingRow[] }) {
  const worth = (text: string | null, currency: string | null): string => (text === null ? '–' : money(text, currency ?? 'USD'));
  return (
    <Table
      label="Holdings"
      rows={rows}
      keyOf={(row) => `${row.account_id} ${row.symbol}`}
      columns={[
        { name: 'Instrument', cell: (row) => <strong>{row.symbol}</strong> },
        { name: 'Quantity', numeric: true, cell: (row) => <span data-testid={`held-${row.symbol}`}>{quantity(row.quantity)}</span> },
        { name: 'Price', numeric: true, wideOnly: true, cell: (row) => worth(row.last_price, row.currency) },
        { name: 'Cost', numeric: true, wideOnly: true, cell: (row) => worth(row.cost_basis, row.currency) },
        { name: 'Value', numeric: true, cell: (row) => <span class="figure">{worth(row.market_value, row.currency)}</span> },
        { name: 'Gain', numeric: true, cell: (row) => <Gain {...row} /> },
      ]}
    />
  );
}

function Gain({ unrealised, currency }: HoldingRow) {
  if (unrealised === null) return <>–</>;
  const tone = isZero(unrealised) ? '' : isNegative(unrealised) ? 'bad' : 'good';
  return <span class={`figure ${tone}`}>{money(unrealised, currency ?? 'USD', { signed: true })}</span>;
}

function Allocation({ rows }: { readonly rows: readonly AllocationRow[] }) {
  return (
    <ul class="budget-list">
      {rows.map((row) => (
        <li key={`${row.account_id} ${row.symbol}`}>
          <div class="budget-head">
            <span>
              <strong>{row.symbol}</strong> <span class="muted">{title(row.asset_class)}</span>
            </span>
            <span class="figure">{percent(row.share)}</span>
          </div>
          <Bar label={`${row.symbol}: share of the portfolio`} share={pixels(row.share)} />
        </li>
      ))}
    </ul>
  );
}

function Trades({ rows }: { readonly rows: readonly TradeRow[] }) {
  return (
    <Table
      label="Latest trades"
      rows={rows}
      keyOf={(row) => row.trade_id}
      columns={[
        {
          name: 'Trade',
          cell: (row) => (
            <span class="two-lines">
              <span>
                <Badge tone={row.side === 'buy' ? 'good' : 'info'}>{row.side}</Badge> {quantity(row.quantity)} {row.symbol}
              </span>
              <span class="muted">{moment(row.traded_at)}</span>
            </span>
          ),
        },
        { name: 'Price', numeric: true, cell: (row) => money(row.price, row.currency) },
        { name: 'Amount', numeric: true, cell: (row) => <span class="figure">{money(row.amount, row.currency)}</span> },
      ]}
    />
  );
}
