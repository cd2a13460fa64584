// Worth and return of each investing account: simple (ROI), time-weighted (TWR), money-weighted (MWR), with its risk.

import type { PortfolioAnswer, PortfolioDayRow, RiskRow } from '../../../../api/answers/customer.ts';
import { isNegative, money, percent, pixels } from '../../format.ts';
import { Card, Rows, rowsOf } from '../../parts/card.tsx';
import { Chart } from '../../parts/chart.tsx';
import { Stat } from '../../parts/stat.tsx';

export function PortfolioReturn({ data }: { readonly data: PortfolioAnswer }) {
  return (
    <Card title="Value and return" wide>
      <Rows
        of={data.days}
        empty="There is no portfolio yet: it begins with the first trade."
        later="Portfolio values are not calculated in this lake yet."
      >
        {(rows) => {
          const accounts = [...new Set(rows.map((row) => row.account_id))];
          return accounts.map((account) => (
            <Account
              key={account}
              account={account}
              days={rows.filter((row) => row.account_id === account)}
              risk={rowsOf(data.risk).find((row) => row.account_id === account)}
              currency={rowsOf(data.accounts).find((row) => row.account_id === account)?.currency ?? 'USD'}
            />
          ));
        }}
      </Rows>
    </Card>
  );
}

interface AccountProps {
  readonly account: string;
  readonly days: readonly PortfolioDayRow[];
  readonly risk: RiskRow | undefined;
  readonly currency: string;
}

function Account({ account, days, risk, currency }: AccountProps) {
  const newest = days.at(-1);
  if (newest === undefined) return null;
  const compact = new Intl.NumberFormat('en', { notation: 'compact', style: 'currency', currency, maximumFractionDigits: 1 });
  return (
    <div class="stack account-return">
      <dl class="stats">
        <Stat
          name={`Value, account ${account}`}
          value={money(newest.value, currency)}
          note={`${money(newest.cash, currency)} of it cash`}
          testId={`portfolio-${account}`}
        />
        <Return name="ROI" text={newest.roi} note="gain on what was paid in" />
        <Return name="TWR" text={newest.twr} note="time-weighted" />
        <Return name="MWR" text={newest.mwr} note="money-weighted, a year" />
        <Stat name="Volatility" value={percent(risk?.volatility ?? null)} note="a year" />
        <Stat name="Max drawdown" value={percent(risk?.max_drawdown ?? null)} />
      </dl>
      {days.length > 1 && (
        <Chart
          label={`Value of account ${account} over ${days.length} days, now ${money(newest.value, currency)}`}
          times={days.map(({ day }) => Date.parse(`${day.slice(0, 10)}T00:00:00Z`) / 1_000)}
          lines={[{ name: 'value', values: days.map(({ value }) => pixels(value)) }]}
          format={(value) => compact.format(value)}
        />
      )}
    </div>
  );
}

function Return({ name, text, note }: { readonly name: string; readonly text: string | null; readonly note: string }) {
  return <Stat name={name} value={percent(text, 2, true)} note={note} tone={text === null ? 'plain' : isNegative(text) ? 'bad' : 'good'} />;
}
