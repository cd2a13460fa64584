// What the routes work with. The application owns none of it: whoever builds it opens and closes.

import type { FastifyRequest } from 'fastify';
import type { Endpoints } from '../../infra/native/run-file.ts';
import type { BankClient } from './bank/client.ts';
import type { PositionFeed } from './live/feed.ts';
import type { Streams } from './live/streams.ts';
import type { OperatorTools } from './operator/tools.ts';
import { ApiProblem } from './problem.ts';
import { SESSION_COOKIE } from './session/cookies.ts';
import type { Refresher } from './session/refresher.ts';
import type { Session } from './session/session.ts';
import type { Verifier } from './session/verifier.ts';
import type { Store } from './store/store.ts';

export interface DashboardsApi {
  readonly auth: 'on' | 'off';
  readonly version: string;
  readonly store: Store;
  readonly bank: BankClient;
  readonly verifier: Verifier;
  readonly refresher: Refresher;
  readonly feed: PositionFeed;
  readonly streams: Streams;
  readonly tools: OperatorTools;
  /** `recon` is missing while the processor has not opened its API. */
  readonly endpoints: Pick<Endpoints, 'connect' | 'kafka' | 'metrics'> & Partial<Pick<Endpoints, 'recon'>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Who asks: the cookie of the page, or a bearer token of a program. @throws ApiProblem not_logged_in, session_expired, unavailable */
export async function sessionOf(api: DashboardsApi, request: FastifyRequest): Promise<Session> {
  const [, bearer] = /^Bearer +([\w.~+/=-]{1,4096})$/i.exec(request.headers.authorization ?? '') ?? [];
  const token = bearer ?? request.cookies[SESSION_COOKIE];
  if (token === undefined || token === '') throw new ApiProblem('not_logged_in', 'log in first');
  return await api.verifier.verify(token, api.now());
}

/** @throws ApiProblem forbidden for customers, and what sessionOf throws */
export async function operatorOf(api: DashboardsApi, request: FastifyRequest): Promise<Session> {
  const session = await sessionOf(api, request);
  if (session.role !== 'operator') throw new ApiProblem('forbidden', 'this page is for operators');
  return session;
}

/** The customer a request is about: their own for customers; operators name one. @throws ApiProblem forbidden, malformed */
export async function customerOf(api: DashboardsApi, request: FastifyRequest): Promise<string> {
  const session = await sessionOf(api, request);
  const { customer_id: named } = request.query as { readonly customer_id?: unknown };
  if (session.role === 'customer') {
    if (session.customerId === null || (named !== undefined && named !== session.customerId))
      throw new ApiProblem('forbidden', 'these are not your accounts');
    return session.customerId;
  }
  if (typeof named !== 'string' || !/^[1-9]\d{0,18}$/.test(named))
    throw new ApiProblem('malformed', 'customer_id is needed: you are no customer');
  return named;
}
