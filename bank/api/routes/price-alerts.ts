// Price alerts: tell me when a symbol is above or below a price. Here is the setting; alerts are raised downstream, from the lake.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { amountSchema, idSchema } from '../../ledger/commands.ts';
import { idJson } from '../../ledger/json.ts';
import { MONEY_DIGITS, parseAmount } from '../../ledger/money.ts';
import { addPriceAlert, readPriceAlerts, removePriceAlert, switchPriceAlert } from '../../store/customer-settings.ts';
import type { BankApi } from '../context.ts';
import { problem } from '../problem.ts';
import { named, namedQuery, settingRoute } from '../setting-route.ts';
import { symbolSchema } from './watch-lists.ts';

const alertBody = z.strictObject({ ...named, symbol: symbolSchema, direction: z.enum(['above', 'below']), price: amountSchema });
const switchBody = z.strictObject({ ...named, enabled: z.boolean() });
const params = z.object({ id: idSchema });

const id = z.union([z.int(), z.string()]);
const alert = z.object({
  price_alert_id: id,
  symbol: z.string(),
  direction: z.enum(['above', 'below']),
  price: z.string(),
  enabled: z.boolean(),
  created_at: z.string(),
});
const gtid = z.string().nullable();

export function priceAlertRoutes(app: FastifyInstance, api: BankApi): void {
  const tag = 'settings';
  settingRoute(app, api, {
    method: 'POST',
    path: '/v1/price-alerts',
    tag,
    summary: 'Ask to be told about a price',
    body: alertBody,
    status: 201,
    answer: z.object({ price_alert_id: id, gtid }),
    run: async (customerId, request) => {
      const { symbol, direction, price } = request.body as z.output<typeof alertBody>;
      const parsed = parseAmount(price, MONEY_DIGITS);
      if (!parsed.ok) throw problem(parsed.why, `${price.slice(0, 60)} is not a price`, 'price');
      const { value, gtid: commit } = await addPriceAlert(api.pool, { customerId, symbol, direction, price });
      return { body: { price_alert_id: idJson(value) }, gtid: commit };
    },
  });
  settingRoute(app, api, {
    method: 'GET',
    path: '/v1/price-alerts',
    tag,
    summary: 'The price alerts',
    query: namedQuery,
    answer: z.object({ price_alerts: z.array(alert) }),
    run: async (customerId) => ({ body: { price_alerts: await readPriceAlerts(api.pool, customerId) } }),
  });
  settingRoute(app, api, {
    method: 'PATCH',
    path: '/v1/price-alerts/:id',
    tag,
    summary: 'Switch a price alert on or off',
    body: switchBody,
    params,
    answer: z.object({ enabled: z.boolean(), gtid }),
    run: async (customerId, request) => {
      const { id: alertId } = request.params as z.output<typeof params>;
      const { enabled } = request.body as z.output<typeof switchBody>;
      const { value, gtid: commit } = await switchPriceAlert(api.pool, customerId, { alertId, enabled });
      if (!value) throw problem('not_found', `there is no price alert ${alertId}`, 'id');
      return { body: { enabled }, gtid: commit };
    },
  });
  settingRoute(app, api, {
    method: 'DELETE',
    path: '/v1/price-alerts/:id',
    tag,
    summary: 'Remove a price alert',
    params,
    query: namedQuery,
    answer: z.object({ removed: z.literal(true), gtid }),
    run: async (customerId, request) => {
      const { id: alertId } = request.params as z.output<typeof params>;
      const { value, gtid: commit } = await removePriceAlert(api.pool, customerId, alertId);
      if (!value) throw problem('not_found', `there is no price alert ${alertId}`, 'id');
      return { body: { removed: true }, gtid: commit };
    },
  });
}
