// The customer's pages: each answer is one snapshot of the lake.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { AlertsAnswer, BalancesAnswer, MonthAnswer, OverviewAnswer, PortfolioAnswer, SpendingAnswer } from '../answers/customer.ts';
import { customerOf, type DashboardsApi } from '../context.ts';
import { checked } from '../input.ts';
import {
  accountsQuery,
  activityQuery,
  balancesQuery,
  budgetsQuery,
  cashbackQuery,
  customerQuery,
  monthsQuery,
  spendQuery,
  subscriptionsQuery,
  topMerchantsQuery,
} from './queries.ts';
import {
  allocationQuery,
  holdingsQuery,
  portfolioDaysQuery,
  priceAlertsQuery,
  pricesQuery,
  riskQuery,
  tradesQuery,
} from './portfolio-queries.ts';

const monthQuery = z.object({ month: z.string().regex(/^[12]\d{3}-(0[1-9]|1[0-2])-01$/, 'must be YYYY-MM-01').optional() }); // prettier-ignore

export function customerRoutes(app: FastifyInstance, api: DashboardsApi): void {
  app.get('/api/customer/overview', async (request): Promise<OverviewAnswer> => {
    const customer = await customerOf(api, request);
    return await api.store.read(async (snapshot) => ({
      customer: await snapshot.section(customerQuery(customer)),
      accounts: await snapshot.section(accountsQuery(customer)),
      activity: await snapshot.section(activityQuery(customer)),
    }));
  });
  app.get('/api/customer/balances', async (request): Promise<BalancesAnswer> => {
    const customer = await customerOf(api, request);
    return await api.store.read(async (snapshot) => ({ balances: await snapshot.section(balancesQuery(customer)) }));
  });
  app.get('/api/customer/month', async (request): Promise<MonthAnswer> => {
    const customer = await customerOf(api, request);
    const month = monthOf(api.now());
    return await api.store.read(async (snapshot) => ({
      budgets: await snapshot.section(budgetsQuery(customer, month)),
      cashback: await snapshot.section(cashbackQuery(customer, month)),
    }));
  });
  app.get('/api/customer/spending', async (request): Promise<SpendingAnswer> => {
    const customer = await customerOf(api, request);
    const month = checked(monthQuery, request.query).month ?? monthOf(api.now());
    return await api.store.read(async (snapshot) => ({
      month,
      months: await snapshot.section(monthsQuery(customer)),
      spend: await snapshot.section(spendQuery(customer, month)),
      budgets: await snapshot.section(budgetsQuery(customer, month)),
      merchants: await snapshot.section(topMerchantsQuery(customer, month)),
      cashback: await snapshot.section(cashbackQuery(customer, month)),
      subscriptions: await snapshot.section(subscriptionsQuery(customer)),
    }));
  });
  portfolioRoutes(app, api);
}

function portfolioRoutes(app: FastifyInstance, api: DashboardsApi): void {
  app.get('/api/customer/portfolio', async (request): Promise<PortfolioAnswer> => {
    const customer = await customerOf(api, request);
    return await api.store.read(async (snapshot) => ({
      accounts: await snapshot.section(accountsQuery(customer)),
      holdings: await snapshot.section(holdingsQuery(customer)),
      days: await snapshot.section(portfolioDaysQuery(customer)),
      allocation: await snapshot.section(allocationQuery(customer)),
      risk: await snapshot.section(riskQuery(customer)),
      prices: await snapshot.section(pricesQuery()),
      trades: await snapshot.section(tradesQuery(customer)),
    }));
  });
  app.get('/api/customer/alerts', async (request): Promise<AlertsAnswer> => {
    const customer = await customerOf(api, request);
    return await api.store.read(async (snapshot) => ({
      budgets: await snapshot.section(budgetsQuery(customer, monthOf(api.now()))),
      priceAlerts: await snapshot.section(priceAlertsQuery(customer)),
      prices: await snapshot.section(pricesQuery()),
      subscriptions: await snapshot.section(subscriptionsQuery(customer)),
    }));
  });
}

/** First day of the month of an instant, UTC. */
function monthOf(now: number): string {
  return `${new Date(now).toISOString().slice(0, 7)}-01`;
}
