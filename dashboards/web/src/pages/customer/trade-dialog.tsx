// A paper trade at the newest simulated price: the cash moves on the account, the shares in the holdings.

import { useState } from 'preact/hooks';
import type { AccountRow, PriceRow } from '../../../../api/answers/customer.ts';
import { money } from '../../format.ts';
import { AmountField, Field, fieldOf, OrderDialog } from '../../parts/dialog.tsx';
import { AccountField } from './order-dialogs.tsx';

interface Props {
  readonly accounts: readonly AccountRow[];
  readonly prices: readonly PriceRow[];
  readonly onClose: () => void;
}

export function TradeDialog({ accounts, prices, onClose }: Props) {
  const [symbol, setSymbol] = useState(prices[0]?.symbol ?? '');
  const price = prices.find((row) => row.symbol === symbol);
  const investing = [...accounts].sort((a, b) => Number(b.account_type === 'investment') - Number(a.account_type === 'investment'));
  return (
    <OrderDialog
      title="Paper trade"
      action="Trade"
      onClose={onClose}
      orderOf={(fields) => {
        const [side, units] = [fieldOf(fields, 'side'), fieldOf(fields, 'quantity')];
        return {
          path: '/api/bank/trades',
          body: { account_id: fieldOf(fields, 'account'), symbol, side, quantity: units },
          label: `${side === 'buy' ? 'Bought' : 'Sold'} ${units} ${symbol}`,
        };
      }}
    >
      <AccountField name="account" label="Account" accounts={investing} />
      <Field
        name="symbol"
        label="Instrument"
        {...(price === undefined ? {} : { hint: `${price.name}: last price ${money(price.price, price.currency)}` })}
      >
        <select id="field-symbol" name="symbol" value={symbol} onChange={(event) => setSymbol(event.currentTarget.value)}>
          {prices.map((row) => (
            <option key={row.symbol} value={row.symbol}>
              {row.symbol} · {row.name}
            </option>
          ))}
        </select>
      </Field>
      <div class="field-row">
        <Field name="side" label="Side">
          <select id="field-side" name="side">
            <option value="buy">Buy</option>
            <option value="sell">Sell</option>
          </select>
        </Field>
        <AmountField name="quantity" label="Quantity" />
      </div>
    </OrderDialog>
  );
}
