// What the customer's pages are told. Amounts, ids and quantities are text, exactly as in gold.

import type { Included, Section } from './common.ts';

export interface AccountRow {
  readonly account_id: string;
  readonly account_type: string;
  readonly currency: string;
  readonly status: string;
  readonly balance: string;
}

export interface BalanceDayRow {
  readonly account_id: string;
  readonly day: string;
  readonly currency: string;
  readonly closing: string;
}

export interface ActivityRow {
  readonly transaction_id: string;
  readonly account_id: string;
  readonly counter_account_id: string | null;
  readonly type: string;
  readonly status: string;
  readonly amount: string;
  readonly currency: string;
  readonly created_at: string;
  readonly merchant: string | null;
  /** `in` when the money came to one of the customer's accounts. */
  readonly direction: 'in' | 'out' | 'own';
}

export interface BudgetRow {
  readonly month: string;
  readonly category: string;
  readonly currency: string;
  readonly limit_amount: string;
  readonly spent: string;
  readonly used_percent: string;
  readonly threshold_reached: string | null;
  readonly projected: string | null;
  readonly projected_overspend: string | null;
}

export interface SpendRow {
  readonly category: string;
  readonly currency: string;
  readonly spent: string;
  readonly refunds: string;
  readonly net: string;
  readonly purchases: string;
}

export interface MonthRow {
  readonly month: string;
}

export interface CashbackRow {
  readonly currency: string;
  readonly earned: string;
  readonly reversed: string;
  readonly paid: string;
}

export interface TopMerchantRow {
  readonly merchant_id: string;
  readonly merchant: string;
  readonly category: string | null;
  readonly currency: string;
  readonly spent: string;
  readonly purchases: string;
}

export interface SubscriptionRow {
  readonly merchant_id: string;
  readonly merchant: string;
  readonly currency: string;
  readonly cadence: string;
  readonly status: string;
  readonly amount: string;
  readonly previous_amount: string | null;
  readonly last_date: string;
  readonly next_date: string | null;
  readonly occurrences: string;
}

export interface CustomerRow {
  readonly first_name: string;
  readonly last_name: string;
}

export interface OverviewAnswer extends Included {
  readonly customer: Section<CustomerRow>;
  readonly accounts: Section<AccountRow>;
  readonly activity: Section<ActivityRow>;
}

/** The heavier parts of the start page are read apart, so that balances never wait for them. */
export interface BalancesAnswer extends Included {
  readonly balances: Section<BalanceDayRow>;
}

export interface MonthAnswer extends Included {
  readonly budgets: Section<BudgetRow>;
  readonly cashback: Section<CashbackRow>;
}

export interface SpendingAnswer extends Included {
  /** First day of the month shown, and the months that have anything. */
  readonly month: string;
  readonly months: Section<MonthRow>;
  readonly spend: Section<SpendRow>;
  readonly budgets: Section<BudgetRow>;
  readonly merchants: Section<TopMerchantRow>;
  readonly cashback: Section<CashbackRow>;
  readonly subscriptions: Section<SubscriptionRow>;
}

export interface HoldingRow {
  readonly account_id: string;
  readonly symbol: string;
  readonly quantity: string;
  readonly cost_basis: string;
  readonly last_price: string | null;
  readonly market_value: string | null;
  readonly unrealised: string | null;
  readonly currency: string | null;
}

export interface PortfolioDayRow {
  readonly account_id: string;
  readonly day: string;
  readonly value: string;
  readonly cash: string;
  readonly cost: string;
  readonly realised: string;
  readonly roi: string | null;
  readonly twr: string | null;
  readonly mwr: string | null;
}

export interface AllocationRow {
  readonly account_id: string;
  readonly symbol: string;
  readonly asset_class: string;
  readonly value: string;
  readonly share: string;
}

export interface RiskRow {
  readonly account_id: string;
  readonly volatility: string | null;
  readonly max_drawdown: string | null;
}

export interface PriceRow {
  readonly symbol: string;
  readonly name: string;
  readonly kind: string;
  readonly currency: string;
  readonly price: string;
  readonly priced_at: string;
}

export interface TradeRow {
  readonly trade_id: string;
  readonly account_id: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: string;
  readonly price: string;
  readonly amount: string;
  readonly currency: string;
  readonly traded_at: string;
}

export interface PriceAlertRow {
  readonly price_alert_id: string;
  readonly symbol: string;
  readonly direction: 'above' | 'below';
  readonly price: string;
  readonly enabled: string;
  readonly last_price: string | null;
  readonly triggered: string;
}

export interface PortfolioAnswer extends Included {
  readonly accounts: Section<AccountRow>;
  readonly holdings: Section<HoldingRow>;
  readonly days: Section<PortfolioDayRow>;
  readonly allocation: Section<AllocationRow>;
  readonly risk: Section<RiskRow>;
  readonly prices: Section<PriceRow>;
  readonly trades: Section<TradeRow>;
}

export interface AlertsAnswer extends Included {
  readonly budgets: Section<BudgetRow>;
  readonly priceAlerts: Section<PriceAlertRow>;
  readonly prices: Section<PriceRow>;
  readonly subscriptions: Section<SubscriptionRow>;
}

/** What the bank answered to a command. */
export interface CommandAnswer {
  readonly ok: boolean;
  readonly status: number;
  /** GTID set of the commit; null when nothing was written. */
  readonly gtid: string | null;
  /** Why the bank refused. */
  readonly message: string | null;
  readonly field: string | null;
}
