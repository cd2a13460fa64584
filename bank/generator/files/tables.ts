// The tables of a world in files: the columns of the bank's own tables, in their order, with the types the lake gives them.

const id = 'BIGINT';
const money = 'DECIMAL(20,4)';
const text = 'VARCHAR';
const time = 'TIMESTAMP';

export const TABLES = {
  customers: { customer_id: id, first_name: text, last_name: text, email: text, created_at: time, city: text, country: text },
  accounts: {
    account_id: id, customer_id: id, account_type: text, balance: money, status: text, created_at: time, currency: text,
    overdraft_limit: money, entry_seq: id, label: text, held: money,
  },
  merchants: { merchant_id: id, name: text, mcc: text, category: text, city: text, country: text, created_at: time },
  devices: { device_id: id, customer_id: id, kind: text, os: text, fingerprint: text, created_at: time },
  cards: {
    card_id: id, account_id: id, customer_id: id, kind: text, network: text, last4: text, expires_on: 'DATE', status: text, created_at: time,
  },
  transactions: {
    transaction_id: id, account_id: id, customer_id: id, merchant_id: id, amount: money, currency: text, status: text, event_ts: time,
    created_at: time, type: text, direction: text, counter_account_id: id, reference_id: id, reversal_of: id, device_id: id, channel: text,
    description: text, effective_at: time, posted_at: time, metadata: text,
  },
  ledger_entries: {
    entry_id: id, transaction_id: id, account_id: id, posting_type: text, amount: money, currency: text, balance_after: money,
    account_seq: id, created_at: time, leg: 'SMALLINT',
  },
  instruments: {
    symbol: text, name: text, kind: text, currency: text, initial_price: money, drift: 'DECIMAL(9,6)', volatility: 'DECIMAL(9,6)',
    enabled: 'TINYINT', created_at: time,
  },
  market_prices: { symbol: text, tick: id, price: money, currency: text, priced_at: time },
  trades: {
    trade_id: id, account_id: id, customer_id: id, symbol: text, side: text, quantity: 'DECIMAL(20,8)', price: money, amount: money,
    currency: text, price_tick: id, transaction_id: id, traded_at: time,
  },
} as const; // prettier-ignore

export type TableName = keyof typeof TABLES;
export const TABLE_NAMES = Object.keys(TABLES) as TableName[];
