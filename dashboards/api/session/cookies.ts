// The two cookies of a session. Scripts of the page never see a token (HttpOnly), other sites never send one (SameSite=Strict),
// and none ever stands in an address.

import type { FastifyReply, FastifyRequest } from 'fastify';

export const SESSION_COOKIE = 'lf_session';
export const REFRESH_COOKIE = 'lf_refresh';
const REFRESH_SECONDS = 30 * 86_400;

export interface Tokens {
  readonly access: string;
  /** Good for one use; null for a session without a password. */
  readonly refresh: string | null;
}

/** The token outlives its own validity here, so that an ended session is told from none. */
export function setTokens(request: FastifyRequest, reply: FastifyReply, tokens: Tokens): void {
  const shared = { httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' } as const;
  void reply.setCookie(SESSION_COOKIE, tokens.access, { ...shared, path: '/api', maxAge: REFRESH_SECONDS });
  if (tokens.refresh === null) void reply.clearCookie(REFRESH_COOKIE, { path: '/api/session' });
  else void reply.setCookie(REFRESH_COOKIE, tokens.refresh, { ...shared, path: '/api/session', maxAge: REFRESH_SECONDS });
}

export function clearTokens(reply: FastifyReply): void {
  void reply.clearCookie(SESSION_COOKIE, { path: '/api' }).clearCookie(REFRESH_COOKIE, { path: '/api/session' });
}
