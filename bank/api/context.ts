// What the routes work with. The application owns none of it: whoever builds it opens and closes the pools.

import type { FastifyRequest } from 'fastify';
import type { Pool } from 'mysql2/promise';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Lockout } from '../auth/lockout.ts';
import type { Principal } from '../auth/principal.ts';
import type { ServiceKeys } from '../auth/service-keys.ts';
import type { Sessions } from '../auth/sessions.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { UserStore } from '../auth/user-store.ts';
import type { LedgerService } from '../ledger/answer.ts';
import type { Guard } from './guard.ts';
import { problem, type HttpProblem } from './problem.ts';

export interface BankApi {
  readonly service: LedgerService;
  /** For reads and for what is not the ledger's: settings of customers. */
  readonly pool: Pool;
  readonly users: UserStore;
  readonly auth: Authenticator;
  readonly guard: Guard;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly keys: ServiceKeys;
  readonly lockout: Lockout;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once known: for the log. */
    actor: string;
  }
}

const DENIALS = {
  unauthenticated: 'a login is needed',
  token_invalid: 'the token or key is not valid',
  token_expired: 'the token has expired',
} as const;

/** Who makes the request. Call it after the body was checked: malformed comes before unauthenticated. @throws HttpProblem 401 */
export async function callerOf(api: BankApi, request: FastifyRequest): Promise<Principal> {
  const { authorization } = request.headers;
  const found = authorization === undefined ? api.auth.anonymous() : await api.auth.authenticate(authorization, api.now());
  if (typeof found === 'string') throw denied(found);
  request.actor = found.actor;
  return found;
}

function denied(denial: keyof typeof DENIALS): HttpProblem {
  return problem(denial, DENIALS[denial]);
}
