// Access tokens: the bank's, verified by its published keys (JWKS), and this process's own for sessions without a password.
// Only EdDSA is taken, whatever a token's header says.

import { createRemoteJWKSet, errors, generateKeyPair, jwtVerify, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { z } from 'zod';
import { ApiProblem } from '../problem.ts';
import type { Session } from './session.ts';

const ALGORITHM = 'EdDSA';
const BANK = { issuer: 'ledgerflow-bank', audience: 'ledgerflow' };
const DEMO = { issuer: 'ledgerflow-dashboards', audience: 'ledgerflow-dashboards' };
export const DEMO_SECONDS = 43_200;
const JWKS_DEADLINE_MS = 3_000;

const id = z.string().regex(/^\d{1,19}$/);
const claimsSchema = z.object({
  sub: z.string().max(40),
  role: z.enum(['customer', 'operator']),
  customer_id: id.nullable(),
  exp: z.int(),
});

export interface DemoSubject {
  readonly role: 'customer' | 'operator';
  readonly customerId: string | null;
}

export class Verifier {
  readonly #bankKeys: ReturnType<typeof createRemoteJWKSet>;
  readonly #demo: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey } | null;

  private constructor(bankUrl: string, demo: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey } | null) {
    this.#bankKeys = createRemoteJWKSet(new URL('/.well-known/jwks.json', bankUrl), { timeoutDuration: JWKS_DEADLINE_MS });
    this.#demo = demo;
  }

  /** @param demo whether sessions without a password are given and taken; their key lives as long as this process */
  static async create(bankUrl: string, demo: boolean): Promise<Verifier> {
    return new Verifier(bankUrl, demo ? await generateKeyPair(ALGORITHM) : null);
  }

  /** A token for a session without a password. @throws ApiProblem forbidden while the bank asks for logins */
  async issueDemo({ role, customerId }: DemoSubject, now: number): Promise<string> {
    if (this.#demo === null) throw new ApiProblem('forbidden', 'the bank asks for a login: use your address and password');
    const seconds = Math.floor(now / 1_000);
    return await new SignJWT({ role, customer_id: customerId })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuer(DEMO.issuer)
      .setAudience(DEMO.audience)
      .setSubject(customerId ?? 'operator')
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + DEMO_SECONDS)
      .sign(this.#demo.privateKey);
  }

  /** @param now milliseconds since 1970 @throws ApiProblem not_logged_in, session_expired, unavailable */
  async verify(token: string, now: number): Promise<Session> {
    const options = { algorithms: [ALGORITHM], typ: 'JWT', currentDate: new Date(now) };
    try {
      if (this.#demo !== null && issuerOf(token) === DEMO.issuer) {
        const { payload } = await jwtVerify(token, this.#demo.publicKey, { ...options, ...DEMO });
        return sessionOf(payload, 'demo', null);
      }
      const { payload } = await jwtVerify(token, this.#bankKeys, { ...options, ...BANK });
      return sessionOf(payload, 'user', token);
    } catch (error) {
      throw denied(error);
    }
  }
}

/** Which key to verify with: nothing is believed before the signature was checked. */
function issuerOf(token: string): unknown {
  try {
    const [, payload = ''] = token.split('.');
    return (JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { iss?: unknown }).iss;
  } catch {
    return undefined; // not a token: the verification says so
  }
}

function sessionOf(payload: JWTPayload, kind: 'user' | 'demo', token: string | null): Session {
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success) throw new ApiProblem('not_logged_in', 'the login is not valid');
  const { sub, role, customer_id: customerId, exp } = claims.data;
  if (role === 'customer' && customerId === null) throw new ApiProblem('not_logged_in', 'the login belongs to no customer');
  return { user: `${kind}:${sub}`, role, customerId, token, expiresAtMs: exp * 1_000 };
}

function denied(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof errors.JWTExpired)
    return new ApiProblem('session_expired', 'your session has ended: log in again', { cause: error });
  if (
    error instanceof errors.JWKSTimeout ||
    (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC') ||
    error instanceof TypeError
  )
    return new ApiProblem('unavailable', 'the bank does not answer, so the login cannot be checked', { cause: error });
  return new ApiProblem('not_logged_in', 'the login is not valid', { cause: error });
}
