import { describe, expect, test } from 'vitest';
import { loadChecks, parseCheck } from '../checks/check.ts';
import { fullSelect } from './sums.ts';
import { inOrder, loadModels, parseModel } from './model.ts';

const HEADER = `-- model: m
-- description: d
-- grain: g
-- key: id
-- inputs: silver.t(id)
-- refresh: rows
-- ties to: nothing
-- column id BIGINT: number
`;

describe('model files', () => {
  test('every model states its columns, and its SELECT gives exactly them', () => {
    const models = loadModels();
    expect(models.length).toBeGreaterThan(50);
    for (const model of models) for (const column of model.columns) expect(fullSelect(model)).toContain(column.name);
  });

  test.each([
    ['financial_events', 'event_id, event_ts, user_id, account_id, event_type, direction, amount, currency, reference_id'],
    ['ledger', 'ledger_entry_id, event_id, event_ts, user_id, account_id, posting_type, amount'],
    ['dim_merchants', 'merchant_id, name, name_normalised, mcc, category, valid_from, valid_to, is_current'],
    ['dim_devices', 'device_id, first_seen, customers'],
    ['dim_customers', 'customer_id, segment'],
    ['dim_customers_history', 'customer_id, valid_from, valid_to, is_current'],
    ['dim_accounts_history', 'account_id, valid_from, valid_to, is_current'],
    ['monthly_revenue', 'month, account_id, currency, gross, contra, net'],
    ['fee_revenue', 'month, account_id, currency, amount'],
    ['net_deposits', 'day, currency, deposits, withdrawals, net'],
    ['active_users', 'day, active_1d, active_7d, active_30d'],
    ['churn_proxy', 'day, customers, churned, churn_rate'],
    ['cohorts', 'cohort_month, month, customers, active'],
    ['customer_ltv', 'customer_id, currency, first_activity, observed, projected'],
    [
      'merchant_performance',
      'day, merchant_id, currency, attempts, posted, failed, success_rate, amount, average_ticket, refunds, refund_ratio, unique_customers, new_customers, returning_customers',
    ],
    ['failure_rates', 'day, type, currency, attempts, failed, failure_rate, failed_amount, failure_rate_amount'],
    ['spend_by_category', 'customer_id, month, category, currency, spent, refunds, net, purchases'],
    [
      'budgets',
      'customer_id, month, category, currency, limit_amount, spent, used_percent, threshold_reached, projected, projected_overspend',
    ],
    ['cashback', 'customer_id, month, currency, earned, reversed, paid'],
    ['top_merchants', 'customer_id, month, merchant_id, merchant, category, currency, spent, purchases, rank'],
    [
      'subscriptions',
      'customer_id, merchant_id, merchant, currency, cadence, status, amount, previous_amount, last_date, next_date, occurrences',
    ],
    ['holdings', 'customer_id, account_id, instrument_id, symbol, quantity, cost_basis, last_price, market_value, unrealised'],
    ['portfolio_value', 'customer_id, account_id, day, value, cash, cost, realised, income, roi, twr, mwr'],
    ['allocation', 'customer_id, account_id, symbol, asset_class, value, share'],
    ['portfolio_risk', 'customer_id, account_id, volatility, max_drawdown'],
  ])('gold.%s keeps the columns that dashboards read', (name, columns) => {
    const model = loadModels().find((each) => each.name === name);
    expect(model?.columns.map((column) => column.name)).toEqual(expect.arrayContaining(columns.split(', ')));
  });

  test('a group is touched by changes of the first model it is of, and of those named beside it', () => {
    const devices = loadModels().find(({ name }) => name === 'dim_devices');
    expect(devices?.groups).toEqual({
      column: 'device_id',
      facts: ['fct_transactions', 'device_attributes'],
      inputs: ['fct_transactions', 'device_attributes', 'device_customer_days'],
    });
  });

  test('a model comes after its inputs', () => {
    const order = loadModels().map(({ name }) => name);
    expect(order.indexOf('fct_ledger_entries')).toBeLessThan(order.indexOf('daily_account_balances'));
    expect(order.indexOf('account_balances')).toBeLessThan(order.indexOf('dim_accounts'));
  });

  test.each([
    ['a missing field', HEADER.replace('-- grain: g\n', ''), '"-- grain: …" is missing'],
    ['another name', HEADER.replace('model: m', 'model: n'), 'its name and its file name differ'],
    ['an unknown kind', HEADER.replace('refresh: rows', 'refresh: magic'), 'refresh: magic'],
    ['an input without key', HEADER.replace('silver.t(id)', 'silver.t'), 'must name its key'],
    ['rows over gold', HEADER.replace('silver.t(id)', 'gold.t'), 'rows needs one silver input'],
    ['a view over silver', HEADER.replace('refresh: rows', 'refresh: view'), 'silver may be ahead'],
    ['sums over silver', HEADER.replace('refresh: rows', 'refresh: sums'), 'sums needs one gold input'],
    ['sums of nothing', HEADER.replace('refresh: rows', 'refresh: sums').replace('silver.t(id)', 'gold.t'), '"-- sums: …" is missing'],
    ['a running total of no kind', HEADER.replace('-- key', '-- running: x\n-- key'), 'running must read'],
    ['no columns', HEADER.replace('-- column id BIGINT: number\n', ''), 'no "-- column'],
  ])('%s is refused by name', (_, text, problem) => {
    expect(() => parseModel('m', `${text}SELECT id FROM silver.t`)).toThrow(problem);
  });

  test('a circle is refused', () => {
    const circle = ['a', 'b'].map((name) =>
      parseModel(
        name,
        `${HEADER.replace('model: m', `model: ${name}`)
          .replace('refresh: rows', 'refresh: view')
          .replace('silver.t(id)', `gold.${name === 'a' ? 'b' : 'a'}`)}SELECT 1`,
      ),
    );
    expect(() => inOrder(circle)).toThrow('circle');
  });
});

describe('check files', () => {
  test('all parse, and each reads models that exist', () => {
    const models = loadModels().map(({ name }) => name);
    for (const check of loadChecks()) for (const input of check.inputs) expect(models).toContain(input);
  });

  test('a check without its full form is refused', () => {
    const text = '-- check: c\n-- model: m\n-- severity: block\n-- inputs: m\n-- scope: s\n-- expected: e\n';
    expect(() => parseCheck('c', text)).toThrow('"-- == full" is missing');
    expect(() => parseCheck('c', `${text.replace('block', 'loud')}-- == full\nSELECT 1`)).toThrow('severity loud');
  });
});
