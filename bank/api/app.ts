// The HTTP side of the bank put together: body parser, validation, errors, documents, routes. It owns no connection.

import { fastify, type FastifyInstance } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { describeRoutes, serveDocs } from '../../infra/runtime/api-docs.ts';
import type { BankMetrics } from '../../infra/runtime/bank-metrics.ts';
import type { Log } from '../../infra/runtime/log.ts';
import type { BankApi } from './context.ts';
import { BANK_API } from './description.ts';
import { handleErrors } from './error-handler.ts';
import { serveMetrics } from './metrics.ts';
import { readExactJson } from './json-body.ts';
import { accountReadRoutes } from './routes/account-reads.ts';
import { authRoutes } from './routes/auth.ts';
import { batchRoutes } from './routes/batch.ts';
import { budgetRoutes } from './routes/budgets.ts';
import { healthRoutes } from './routes/health.ts';
import { priceAlertRoutes } from './routes/price-alerts.ts';
import { smartLedgerRoutes } from './routes/smart-ledger.ts';
import { tradeRoutes } from './routes/trades.ts';
import { transactionalLedgerRoutes } from './routes/transactional-ledger.ts';
import { v1CommandRoutes } from './routes/v1-commands.ts';
import { v1ReadRoutes } from './routes/v1-reads.ts';
import { watchListRoutes } from './routes/watch-lists.ts';

/** A request body; /v1/transfers:batch takes more. */
export const BODY_BYTES_MAX = 262_144;
const HEADER_BYTES_MAX = 16_384;
const REQUEST_TIMEOUT_MS = 30_000;
const PARAMETER_CHARACTERS_MAX = 128;

export interface AppOptions {
  readonly api: BankApi;
  readonly auth: 'on' | 'off';
  readonly version: string;
  readonly log: Log;
  readonly metrics: BankMetrics;
}

/** Ready to listen, or to be called with `inject`. */
export async function buildApp({ api, auth, version, log, metrics }: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: HEADER_BYTES_MAX },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PARAMETER_CHARACTERS_MAX },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.decorateRequest('actor', '');
  app.decorateRequest('bodyKey', undefined);
  readExactJson(app);
  handleErrors(app, log);
  serveMetrics(app, metrics);
  await describeRoutes(app, { ...BANK_API, version });
  healthRoutes(app, { ping: () => api.pool.query('SELECT 1'), auth, version });
  transactionalLedgerRoutes(app, api);
  smartLedgerRoutes(app, api);
  accountReadRoutes(app, api);
  v1CommandRoutes(app, api);
  v1ReadRoutes(app, api);
  batchRoutes(app, api);
  tradeRoutes(app, api);
  authRoutes(app, api);
  budgetRoutes(app, api);
  watchListRoutes(app, api);
  priceAlertRoutes(app, api);
  await serveDocs(app, BANK_API.title);
  return app;
}
