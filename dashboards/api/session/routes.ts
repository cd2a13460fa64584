// Login, refresh, logout, and the sessions without a password of a bank that asks for none.

import { isIP } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ConfigAnswer, SessionAnswer } from '../answers/common.ts';
import type { BankAnswer } from '../bank/client.ts';
import { sessionOf, type DashboardsApi } from '../context.ts';
import { checked } from '../input.ts';
import { ApiProblem } from '../problem.ts';
import { clearTokens, REFRESH_COOKIE, setTokens } from './cookies.ts';
import type { Session } from './session.ts';

const loginBody = z.strictObject({ email: z.string().min(1).max(254), password: z.string().min(1).max(256) });
const demoBody = z.strictObject({ customerId: z.string().regex(/^[1-9]\d{0,18}$/).nullable() }); // prettier-ignore
const tokensSchema = z.object({ access_token: z.string(), refresh_token: z.string() });
const refusalSchema = z.object({ message: z.string() });
const DEMO_CUSTOMERS_MAX = 24;

export function sessionRoutes(app: FastifyInstance, api: DashboardsApi): void {
  app.get('/api/config', (): ConfigAnswer => ({ auth: api.auth, version: api.version }));
  app.get('/api/session', async (request) => answerOf(await sessionOf(api, request)));
  app.post('/api/session/login', async (request, reply) => {
    const answer = await api.bank.call({ method: 'POST', path: '/auth/login', body: JSON.stringify(checked(loginBody, request.body)) });
    if (answer.status === 429) throw new ApiProblem('login_locked', messageIn(answer, 'too many failures: try again later'));
    if (!answer.ok) throw refusedLogin(answer);
    return await begin(api, request, reply, answer);
  });
  app.post('/api/session/refresh', async (request, reply) => {
    const token = request.cookies[REFRESH_COOKIE];
    if (token === undefined || token === '') throw new ApiProblem('session_expired', 'your session has ended: log in again');
    const answer = await api.refresher.refresh(token);
    if (!answer.ok) {
      clearTokens(reply);
      throw new ApiProblem('session_expired', 'your session has ended: log in again');
    }
    return await begin(api, request, reply, answer);
  });
  app.post('/api/session/logout', async (request, reply) => {
    const session = await sessionOf(api, request).catch(() => undefined); // an ended session is logged out already
    clearTokens(reply);
    if (session !== undefined && session.token !== null)
      await api.bank.call({ method: 'POST', path: '/auth/logout', token: session.token });
    return { done: true };
  });
  demoRoutes(app, api);
}

function demoRoutes(app: FastifyInstance, api: DashboardsApi): void {
  app.get('/api/session/demo', async (request) => {
    admitDemo(api, request);
    return await api.store.read(async (snapshot) => ({
      customers: await snapshot.section<DemoCustomer>({
        from: ['gold.dim_customers', 'gold.dim_accounts'],
        sql: `SELECT c.customer_id, c.first_name || ' ' || c.last_name AS name, count(*) AS accounts
              FROM gold.dim_customers c JOIN gold.dim_accounts a ON a.customer_id = c.customer_id
              WHERE a.account_type NOT LIKE 'house%' AND a.entries > 0 GROUP BY ALL ORDER BY c.customer_id LIMIT ${DEMO_CUSTOMERS_MAX}`,
      }),
    }));
  });
  app.post('/api/session/demo', async (request, reply) => {
    admitDemo(api, request);
    const { customerId } = checked(demoBody, request.body);
    const access = await api.verifier.issueDemo({ role: customerId === null ? 'operator' : 'customer', customerId }, api.now());
    setTokens(request, reply, { access, refresh: null });
    return answerOf(await api.verifier.verify(access, api.now()));
  });
}

interface DemoCustomer {
  readonly customer_id: string;
  readonly name: string;
  readonly accounts: string;
}

/** Only by address or as localhost: a name that somebody else points at this machine opens nothing. @throws ApiProblem forbidden */
function admitDemo(api: DashboardsApi, request: FastifyRequest): void {
  if (api.auth === 'on') throw new ApiProblem('forbidden', 'the bank asks for a login: use your address and password');
  const { hostname } = new URL(`http://${request.host}`);
  if (hostname !== 'localhost' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0)
    throw new ApiProblem('forbidden', 'without a login these pages are opened by IP address or as localhost');
}

async function begin(api: DashboardsApi, request: FastifyRequest, reply: FastifyReply, answer: BankAnswer): Promise<SessionAnswer> {
  const { access_token: access, refresh_token: refresh } = tokensSchema.parse(answer.body);
  const session = await api.verifier.verify(access, api.now());
  setTokens(request, reply, { access, refresh });
  return answerOf(session);
}

function answerOf({ role, customerId, token, expiresAtMs }: Session): SessionAnswer {
  return { role, customerId, demo: token === null, expiresAt: new Date(expiresAtMs).toISOString() };
}

function refusedLogin(answer: BankAnswer): ApiProblem {
  if (answer.status >= 500) return new ApiProblem('unavailable', messageIn(answer, 'the bank cannot check logins now'));
  return new ApiProblem('login_failed', 'The address or the password is wrong.');
}

function messageIn({ body }: BankAnswer, otherwise: string): string {
  return refusalSchema.safeParse(body).data?.message ?? otherwise;
}
