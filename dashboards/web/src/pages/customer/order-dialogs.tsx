// A purchase and a transfer. Amounts are sent as they were typed; the bank judges them.

import type { AccountRow } from '../../../../api/answers/customer.ts';
import { money, title } from '../../format.ts';
import { AmountField, Field, fieldOf, OrderDialog } from '../../parts/dialog.tsx';

interface Props {
  readonly accounts: readonly AccountRow[];
  readonly onClose: () => void;
}

const CATEGORIES = [
  'groceries',
  'restaurants',
  'transport',
  'fuel',
  'utilities',
  'streaming',
  'clothing',
  'electronics',
  'books',
  'pharmacy',
  'cinema',
  'hotels',
  'airlines',
];

export function PurchaseDialog({ accounts, onClose }: Props) {
  return (
    <OrderDialog
      title="Record a purchase"
      action="Pay"
      onClose={onClose}
      orderOf={(fields) => {
        const [account, amount, name] = [fieldOf(fields, 'account'), fieldOf(fields, 'amount'), fieldOf(fields, 'merchant')];
        return {
          path: '/api/bank/purchases',
          body: { account_id: account, amount, merchant: { name, category: fieldOf(fields, 'category') } },
          label: `${amountText(accounts, account, amount)} at ${name}`,
        };
      }}
    >
      <AccountField name="account" label="From account" accounts={accounts} />
      <AmountField name="amount" label="Amount" />
      <Field name="merchant" label="Merchant">
        <input id="field-merchant" name="merchant" required maxLength={120} autoComplete="off" />
      </Field>
      <Field name="category" label="Category">
        <select id="field-category" name="category">
          {CATEGORIES.map((category) => (
            <option key={category} value={category}>
              {title(category)}
            </option>
          ))}
        </select>
      </Field>
    </OrderDialog>
  );
}

export function TransferDialog({ accounts, onClose }: Props) {
  return (
    <OrderDialog
      title="Transfer money"
      action="Transfer"
      onClose={onClose}
      orderOf={(fields) => {
        const [from, to, amount] = [fieldOf(fields, 'from'), fieldOf(fields, 'to'), fieldOf(fields, 'amount')];
        return {
          path: '/api/bank/transfers',
          body: { from_account_id: from, to_account_id: to, amount },
          label: `Transfer of ${amountText(accounts, from, amount)} to ${to}`,
        };
      }}
    >
      <AccountField name="from" label="From account" accounts={accounts} />
      <Field name="to" label="To account" hint="The number of any account at this bank.">
        <input id="field-to" name="to" inputMode="numeric" pattern="[1-9]\d{0,18}" required autoComplete="off" list="own-accounts" />
        <datalist id="own-accounts">
          {accounts.map(({ account_id: id }) => (
            <option key={id} value={id} />
          ))}
        </datalist>
      </Field>
      <AmountField name="amount" label="Amount" />
    </OrderDialog>
  );
}

export function AccountField({
  name,
  label,
  accounts,
}: {
  readonly name: string;
  readonly label: string;
  readonly accounts: readonly AccountRow[];
}) {
  return (
    <Field name={name} label={label}>
      <select id={`field-${name}`} name={name} required>
        {accounts.map(({ account_id: id, account_type: type, balance, currency }) => (
          <option key={id} value={id}>
            {title(type)} {id} · {money(balance, currency)}
          </option>
        ))}
      </select>
    </Field>
  );
}

function amountText(accounts: readonly AccountRow[], account: string, amount: string): string {
  const currency = accounts.find(({ account_id: id }) => id === account)?.currency;
  return currency === undefined ? amount : money(amount, currency);
}
