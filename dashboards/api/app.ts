// The HTTP side of the dashboards put together: headers, cookies, pages, API, errors. It owns no connection.

import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import { fastify, type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Log } from '../../infra/runtime/log.ts';
import type { Problem } from './answers/common.ts';
import { bankRoutes } from './bank/routes.ts';
import { sessionOf, type DashboardsApi } from './context.ts';
import { customerRoutes } from './customer/routes.ts';
import { operatorRoutes } from './operator/routes.ts';
import { ApiProblem } from './problem.ts';
import { servePages } from './pages.ts';
import { sessionRoutes } from './session/routes.ts';

const BODY_BYTES_MAX = 65_536;
const HEADER_BYTES_MAX = 16_384;
const REQUEST_TIMEOUT_MS = 20_000;
/** Sent by our pages with every order: another site's form cannot set it. */
const PAGE_HEADER = 'x-ledgerflow';

export interface AppOptions {
  readonly api: DashboardsApi;
  /** Folder of the built pages. */
  readonly pages: string;
  readonly log: Log;
}

export async function buildApp({ api, pages, log }: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    http: { maxHeaderSize: HEADER_BYTES_MAX },
  });
  await app.register(helmet, HEADERS);
  await app.register(cookie);
  app.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/api/')) void reply.header('cache-control', 'no-store');
    if (request.method !== 'GET' && request.method !== 'HEAD') fromOurPage(request);
  });
  handleErrors(app, log);
  app.get('/live', () => ({ alive: true }));
  sessionRoutes(app, api);
  customerRoutes(app, api);
  bankRoutes(app, api);
  operatorRoutes(app, api);
  app.get('/api/live', async (request, reply) => {
    api.streams.open(reply, await sessionOf(api, request), api.now());
    return reply;
  });
  await servePages(app, pages);
  return app;
}

/** Everything comes from this server; nothing may put these pages into a frame. Plain HTTP on a local port: no HSTS, no upgrade. */
const HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      fontSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
  referrerPolicy: { policy: 'no-referrer' as const },
};

/** @throws ApiProblem forbidden for an order that does not come from one of our pages or a program of the caller's own */
function fromOurPage(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (request.headers[PAGE_HEADER] === undefined || (site !== undefined && site !== 'same-origin'))
    throw new ApiProblem('forbidden', `orders are taken from these pages only (header ${PAGE_HEADER})`);
}

function handleErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error: FastifyError | ApiProblem, request, reply) => {
    const known = problemOf(error);
    if (known.status >= 500) log.warn({ err: error, method: request.method, path: request.routeOptions.url }, 'a request failed');
    return reply.code(known.status).header('cache-control', 'no-store').send(bodyOf(known));
  });
}

export function bodyOf({ code, message }: ApiProblem): Problem {
  return { error: { code, message } };
}

function problemOf(error: FastifyError | ApiProblem): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return new ApiProblem('malformed', error.message);
  return new ApiProblem('internal', 'the request could not be carried out', { cause: error });
}
