// Budgets: a limit per category and month.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { amountSchema, currencySchema, idSchema } from '../../ledger/commands.ts';
import { parseAmount } from '../../ledger/money.ts';
import { currencyDigits } from '../../store/currencies.ts';
import { readBudgets, removeBudget, setBudget } from '../../store/customer-settings.ts';
import type { BankApi } from '../context.ts';
import { problem } from '../problem.ts';
import { named, namedQuery, settingRoute } from '../setting-route.ts';

const month = z.string().regex(/^[12]\d{3}-(0[1-9]|1[0-2])$/, 'must be YYYY-MM').meta({ examples: ['2026-11'] }); // prettier-ignore
const category = z.string().min(1).max(40).meta({ examples: ['groceries'] }); // prettier-ignore
const budgetBody = z.strictObject({ ...named, category, month, currency: currencySchema.default('USD'), limit: amountSchema });
const budgetQuery = z.strictObject({ ...named, month: month.optional() });
const params = z.object({ id: idSchema });

const id = z.union([z.int(), z.string()]);
const budget = z.object({
  budget_id: id,
  customer_id: id,
  category: z.string(),
  month: z.string(),
  currency: z.string(),
  limit: z.string(),
  updated_at: z.string(),
});
const gtid = z.string().nullable();

export function budgetRoutes(app: FastifyInstance, api: BankApi): void {
  settingRoute(app, api, {
    method: 'PUT',
    path: '/v1/budgets',
    tag: 'settings',
    summary: 'Set the limit of a category in a month',
    body: budgetBody,
    answer: budget.extend({ gtid }),
    run: async (customerId, request) => {
      const wanted = request.body as z.output<typeof budgetBody>;
      await requireAmount(api, wanted.currency, wanted.limit);
      const { value, gtid: commit } = await setBudget(api.pool, { ...wanted, customerId });
      return { body: value, gtid: commit };
    },
  });
  settingRoute(app, api, {
    method: 'GET',
    path: '/v1/budgets',
    tag: 'settings',
    summary: 'The budgets, newest month first',
    query: budgetQuery,
    answer: z.object({ budgets: z.array(budget) }),
    run: async (customerId, request) => {
      const query = request.query as z.output<typeof budgetQuery>;
      return { body: { budgets: await readBudgets(api.pool, customerId, query.month) } };
    },
  });
  settingRoute(app, api, {
    method: 'DELETE',
    path: '/v1/budgets/:id',
    tag: 'settings',
    summary: 'Remove a budget',
    params,
    query: namedQuery,
    answer: z.object({ removed: z.literal(true), gtid }),
    run: async (customerId, request) => {
      const { id: budgetId } = request.params as z.output<typeof params>;
      const { value, gtid: commit } = await removeBudget(api.pool, customerId, budgetId);
      if (!value) throw problem('not_found', `there is no budget ${budgetId}`, 'id');
      return { body: { removed: true }, gtid: commit };
    },
  });
}

/** @throws HttpProblem currency_not_enabled or what is wrong with the amount */
export async function requireAmount(api: BankApi, currency: string, text: string, field = 'limit'): Promise<void> {
  const digits = await currencyDigits(api.pool, currency);
  if (digits === undefined) throw problem('currency_not_enabled', `currency ${currency} is unknown or not enabled`, 'currency');
  const parsed = parseAmount(text, digits);
  if (!parsed.ok) throw problem(parsed.why, `${text.slice(0, 60)} is not an amount of ${currency}`, field);
}
