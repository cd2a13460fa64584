// Who asks: an operator by a token of the bank (verified by its published keys; EdDSA only), or anybody while the bank asks for no login.

import { createRemoteJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';
import { messageOf } from '../../../infra/runtime/errors.ts';
import { ApiRefusal } from './problem.ts';

const JWKS_DEADLINE_MS = 3_000;
const claims = z.object({ sub: z.string().min(1).max(200), role: z.string() });
const actorName = z.string().regex(/^[\w.@: -]{1,110}$/);

export interface Caller {
  /** For the log. */
  readonly name: string;
  /** Forwarded to the bank for a journal; null while it asks for no login. */
  readonly token: string | null;
}

export interface AuthOptions {
  readonly auth: 'on' | 'off';
  readonly bankUrl: () => string;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** @returns what tells the caller of a request. @throws (the teller) ApiRefusal 401, 403 */
export function callers({ auth, bankUrl }: AuthOptions): (headers: Headers) => Promise<Caller> {
  if (auth === 'off') {
    // Nobody is asked for: whoever sends a name is believed, so that a second person can approve in a demo.
    return ({ 'ledgerflow-actor': actor }) => Promise.resolve({ name: actorName.safeParse(actor).data ?? 'api', token: null });
  }
  let keys: { readonly url: string; readonly get: ReturnType<typeof createRemoteJWKSet> } | null = null;
  return async ({ authorization }) => {
    const token = /^Bearer ([\w.-]+)$/.exec(typeof authorization === 'string' ? authorization : '')?.[1];
    if (token === undefined)
      throw new ApiRefusal(401, 'not_logged_in', 'send an operator\'s token of the bank as "Authorization: Bearer …"');
    const url = bankUrl();
    if (keys?.url !== url)
      keys = { url, get: createRemoteJWKSet(new URL('/.well-known/jwks.json', url), { timeoutDuration: JWKS_DEADLINE_MS }) };
    const verified = await jwtVerify(token, keys.get, { algorithms: ['EdDSA'], issuer: 'ledgerflow-bank', audience: 'ledgerflow' }).catch((error: unknown) => {
      throw new ApiRefusal(401, 'not_logged_in', `the token is not valid: ${messageOf(error)}`);
    }); // prettier-ignore
    const found = claims.safeParse(verified.payload);
    if (!found.success) throw new ApiRefusal(401, 'not_logged_in', 'the token says nothing of its user');
    if (found.data.role !== 'operator') throw new ApiRefusal(403, 'forbidden', 'reconciliation is for operators');
    return { name: `user:${found.data.sub}`, token };
  };
}
