// A new price alert.

import type { PriceRow } from '../../../../api/answers/customer.ts';
import { money } from '../../format.ts';
import { AmountField, Field, fieldOf, OrderDialog } from '../../parts/dialog.tsx';

export function PriceAlertDialog({ prices, onClose }: { readonly prices: readonly PriceRow[]; readonly onClose: () => void }) {
  return (
    <OrderDialog
      title="New price alert"
      action="Set the alert"
      onClose={onClose}
      orderOf={(fields) => {
        const [symbol, direction, price] = [fieldOf(fields, 'symbol'), fieldOf(fields, 'direction'), fieldOf(fields, 'price')];
        return {
          path: '/api/bank/price-alerts',
          body: { symbol, direction, price },
          label: `Price alert: ${symbol} ${direction} ${price}`,
        };
      }}
    >
      <Field name="symbol" label="Instrument">
        <select id="field-symbol" name="symbol">
          {prices.map((row) => (
            <option key={row.symbol} value={row.symbol}>
              {row.symbol} · {money(row.price, row.currency)}
            </option>
          ))}
        </select>
      </Field>
      <div class="field-row">
        <Field name="direction" label="When the price is">
          <select id="field-direction" name="direction">
            <option value="above">above</option>
            <option value="below">below</option>
          </select>
        </Field>
        <AmountField name="price" label="Price" />
      </div>
    </OrderDialog>
  );
}
