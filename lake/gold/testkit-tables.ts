// The bank's tables as the small store for tests has them, and what moves money in it.

interface FixtureTable {
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, string>>;
}

const MONEY = 'DECIMAL(20,4)';

export const BANK: Readonly<Record<string, FixtureTable>> = {
  customers: {
    key: ['customer_id'],
    columns: { customer_id: 'BIGINT', first_name: 'VARCHAR', last_name: 'VARCHAR', email: 'VARCHAR', created_at: 'TIMESTAMP' },
  },
  accounts: {
    key: ['account_id'],
    columns: {
      account_id: 'BIGINT',
      customer_id: 'BIGINT',
      account_type: 'VARCHAR',
      balance: MONEY,
      status: 'VARCHAR',
      created_at: 'TIMESTAMP',
      currency: 'VARCHAR',
      overdraft_limit: MONEY,
      entry_seq: 'BIGINT',
    },
  },
  transactions: {
    key: ['transaction_id'],
    columns: {
      transaction_id: 'BIGINT',
      account_id: 'BIGINT',
      customer_id: 'BIGINT',
      merchant_id: 'BIGINT',
      amount: MONEY,
      currency: 'VARCHAR',
      status: 'VARCHAR',
      event_ts: 'TIMESTAMP',
      created_at: 'TIMESTAMP',
      type: 'VARCHAR',
      counter_account_id: 'BIGINT',
      reference_id: 'BIGINT',
      reversal_of: 'BIGINT',
      device_id: 'BIGINT',
      channel: 'VARCHAR',
      metadata: 'VARCHAR',
      direction: 'VARCHAR',
    },
  },
  ledger_entries: {
    key: ['entry_id'],
    columns: {
      entry_id: 'BIGINT',
      transaction_id: 'BIGINT',
      account_id: 'BIGINT',
      posting_type: 'VARCHAR',
      amount: MONEY,
      currency: 'VARCHAR',
      balance_after: MONEY,
      account_seq: 'BIGINT',
      created_at: 'TIMESTAMP',
    },
  },
  merchants: {
    key: ['merchant_id'],
    columns: {
      ...{
        merchant_id: 'BIGINT',
        name: 'VARCHAR',
        mcc: 'VARCHAR',
        category: 'VARCHAR',
        city: 'VARCHAR',
        country: 'VARCHAR',
        created_at: 'TIMESTAMP',
      },
    },
  },
  devices: {
    key: ['device_id'],
    columns: { device_id: 'BIGINT', customer_id: 'BIGINT', kind: 'VARCHAR', os: 'VARCHAR', created_at: 'TIMESTAMP' },
  },
  budgets: {
    key: ['budget_id'],
    columns: {
      budget_id: 'BIGINT',
      customer_id: 'BIGINT',
      category: 'VARCHAR',
      month: 'VARCHAR',
      currency: 'VARCHAR',
      limit_amount: MONEY,
    },
  },
  instruments: { key: ['symbol'], columns: { symbol: 'VARCHAR', name: 'VARCHAR', kind: 'VARCHAR', currency: 'VARCHAR' } },
  market_prices: {
    key: ['symbol', 'tick'],
    columns: { symbol: 'VARCHAR', tick: 'BIGINT', price: MONEY, currency: 'VARCHAR', priced_at: 'TIMESTAMP' },
  },
  trades: {
    key: ['trade_id'],
    columns: {
      ...{ trade_id: 'BIGINT', account_id: 'BIGINT', customer_id: 'BIGINT', symbol: 'VARCHAR', side: 'VARCHAR', quantity: 'DECIMAL(20,8)' },
      ...{ price: MONEY, amount: MONEY, currency: 'VARCHAR', price_tick: 'BIGINT', transaction_id: 'BIGINT', traded_at: 'TIMESTAMP' },
    },
  },
  heartbeat: { key: ['id'], columns: { id: 'INTEGER', beat: 'BIGINT', beaten_at: 'TIMESTAMP' } },
};

/** Accounts of the bank by role (bank/schema/010_house.sql). */
export const HOUSE = [801, 802, 803, 804, 807];
export const HOUSE_TYPES: Readonly<Record<number, string>> = {
  801: 'house_float',
  802: 'house_settlement',
  803: 'house_fees',
  804: 'house_cashback',
};
/** Type, direction of the customer's account, house account on the other side. */
export const MOVEMENTS = [
  ['DEPOSIT', 'CREDIT', 801],
  ['WITHDRAWAL', 'DEBIT', 801],
  ['PURCHASE', 'DEBIT', 802],
  ['PURCHASE', 'DEBIT', 802],
  ['PURCHASE', 'DEBIT', 802],
  ['REFUND', 'CREDIT', 802],
  ['CHARGEBACK', 'CREDIT', 802],
  ['REVERSAL', 'CREDIT', 802],
  ['REVERSAL', 'DEBIT', 804],
  ['REVERSAL', 'DEBIT', 801],
  ['FEE', 'DEBIT', 803],
  ['REFUND', 'CREDIT', 803],
  ['CASHBACK', 'CREDIT', 804],
  ['INTEREST', 'CREDIT', 807],
] as const;
