// What a customer's pages ask of gold. $1 is always the customer; nothing else decides whose rows come back.

import type {
  AccountRow,
  ActivityRow,
  BalanceDayRow,
  BudgetRow,
  CashbackRow,
  CustomerRow,
  MonthRow,
  SpendRow,
  SubscriptionRow,
  TopMerchantRow,
} from '../answers/customer.ts';
import type { SectionQuery } from '../store/snapshot.ts';
import { iso } from '../store/time-sql.ts';

const CHART_DAYS = 90;
const ACTIVITY_MAX = 12;

export const customerQuery = (customer: string): SectionQuery<CustomerRow> => ({
  from: ['silver.customers'],
  sql: 'SELECT first_name, last_name FROM silver.customers WHERE customer_id = $1::BIGINT',
  values: [customer],
});

export const accountsQuery = (customer: string): SectionQuery<AccountRow> => ({
  from: ['gold.dim_accounts'],
  sql: `SELECT account_id, account_type, currency, status, balance FROM gold.dim_accounts
        WHERE customer_id = $1::BIGINT ORDER BY status = 'closed', account_id`,
  values: [customer],
});

/** Closing balances of days with activity, and of the last such day before, from which a chart begins. */
export const balancesQuery = (customer: string): SectionQuery<BalanceDayRow> => ({
  from: ['gold.dim_accounts', 'gold.daily_account_balances'],
  sql: `SELECT d.account_id, d.day, d.currency, d.closing FROM gold.daily_account_balances d
        WHERE d.account_id IN (SELECT account_id FROM gold.dim_accounts WHERE customer_id = $1::BIGINT)
        QUALIFY d.day >= current_date - ${CHART_DAYS} OR row_number() OVER (PARTITION BY d.account_id ORDER BY d.day DESC) = 1
        ORDER BY d.account_id, d.day`,
  values: [customer],
});

/** What moved last. The ledger's entries say whether money came or went; what is not posted has none, so its type does. */
export const activityQuery = (customer: string): SectionQuery<ActivityRow> => ({
  from: ['gold.fct_transactions', 'gold.fct_ledger_entries', 'gold.dim_accounts', 'silver.merchants'],
  sql: `WITH own AS MATERIALIZED (SELECT account_id FROM gold.dim_accounts WHERE customer_id = $1::BIGINT),
        recent AS MATERIALIZED (SELECT * FROM gold.fct_transactions
          WHERE account_id IN (FROM own) OR counter_account_id IN (FROM own) ORDER BY transaction_id DESC LIMIT ${ACTIVITY_MAX}),
        came AS (SELECT DISTINCT transaction_id FROM gold.fct_ledger_entries
          WHERE transaction_id IN (SELECT transaction_id FROM recent) AND account_id IN (FROM own) AND posting_type = 'CREDIT')
        SELECT t.transaction_id, t.account_id, t.counter_account_id, t.type, t.status, t.amount, t.currency,
          ${iso('t.created_at')} AS created_at, m.name AS merchant,
          CASE WHEN t.account_id IN (FROM own) AND t.counter_account_id IN (FROM own) THEN 'own'
               WHEN t.transaction_id IN (FROM came) OR (t.status <> 'posted' AND t.type IN ('DEPOSIT', 'REFUND')) THEN 'in' ELSE 'out' END AS direction
        FROM recent t LEFT JOIN silver.merchants m ON m.merchant_id = t.merchant_id ORDER BY t.transaction_id DESC`,
  values: [customer],
});

export const budgetsQuery = (customer: string, month: string): SectionQuery<BudgetRow> => ({
  from: ['gold.budgets'],
  sql: `SELECT month, category, currency, limit_amount, spent, used_percent, threshold_reached, projected, projected_overspend
        FROM gold.budgets WHERE customer_id = $1::BIGINT AND month = $2::DATE ORDER BY used_percent DESC, category`,
  values: [customer, month],
});

export const spendQuery = (customer: string, month: string): SectionQuery<SpendRow> => ({
  from: ['gold.spend_by_category'],
  sql: `SELECT category, currency, spent, refunds, net, purchases FROM gold.spend_by_category
        WHERE customer_id = $1::BIGINT AND month = $2::DATE ORDER BY currency, net DESC, category`,
  values: [customer, month],
});

export const monthsQuery = (customer: string): SectionQuery<MonthRow> => ({
  from: ['gold.spend_by_category'],
  sql: 'SELECT DISTINCT month FROM gold.spend_by_category WHERE customer_id = $1::BIGINT ORDER BY month DESC LIMIT 24',
  values: [customer],
});

export const cashbackQuery = (customer: string, month: string): SectionQuery<CashbackRow> => ({
  from: ['gold.cashback'],
  sql: 'SELECT currency, earned, reversed, paid FROM gold.cashback WHERE customer_id = $1::BIGINT AND month = $2::DATE ORDER BY currency',
  values: [customer, month],
});

export const topMerchantsQuery = (customer: string, month: string): SectionQuery<TopMerchantRow> => ({
  from: ['gold.top_merchants'],
  sql: `SELECT merchant_id, merchant, category, currency, spent, purchases FROM gold.top_merchants
        WHERE customer_id = $1::BIGINT AND month = $2::DATE ORDER BY rank, merchant LIMIT 8`,
  values: [customer, month],
});

export const subscriptionsQuery = (customer: string): SectionQuery<SubscriptionRow> => ({
  from: ['gold.subscriptions'],
  sql: `SELECT merchant_id, merchant, currency, cadence, status, amount, previous_amount, last_date, next_date, occurrences
        FROM gold.subscriptions WHERE customer_id = $1::BIGINT ORDER BY status = 'TOMBSTONED', next_date, merchant LIMIT 50`,
  values: [customer],
});
