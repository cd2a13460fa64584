// Access tokens: short-lived JWTs signed with EdDSA. Only that algorithm is taken, whatever a token's header says.

import { createLocalJWKSet, errors, importJWK, jwtVerify, SignJWT, type CryptoKey, type JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { SigningKey } from './key-file.ts';
import type { Role } from './principal.ts';

const ISSUER = 'ledgerflow-bank';
const AUDIENCE = 'ledgerflow';
const ALGORITHM = 'EdDSA';
export const ACCESS_TOKEN_SECONDS = 900;
/** Verified tokens that are remembered: a signature costs 0.1 ms, a look-up nothing. */
const VERIFIED_MAX = 10_000;

const claimsSchema = z.object({
  sub: z.string().regex(/^\d{1,19}$/),
  sid: z.uuid(),
  role: z.enum(['customer', 'operator']),
  customer_id: z.string().regex(/^\d{1,19}$/).nullable(), // prettier-ignore
  exp: z.int(),
});

export interface TokenSubject {
  readonly userId: bigint;
  readonly sessionId: string;
  readonly role: Role;
  readonly customerId: bigint | null;
}

export type Verified = { readonly subject: TokenSubject; readonly expiresAtMs: number } | 'expired' | 'invalid';

export class Tokens {
  readonly jwks: JSONWebKeySet;
  readonly #signer: { readonly kid: string; readonly key: CryptoKey | Uint8Array };
  readonly #keyOf: ReturnType<typeof createLocalJWKSet>;
  readonly #verified = new Map<string, { readonly subject: TokenSubject; readonly expiresAtMs: number }>();

  private constructor(signer: { readonly kid: string; readonly key: CryptoKey | Uint8Array }, jwks: JSONWebKeySet) {
    this.#signer = signer;
    this.jwks = jwks;
    this.#keyOf = createLocalJWKSet(jwks);
  }

  /** The first key signs; all of them verify. */
  static async create(keys: readonly SigningKey[]): Promise<Tokens> {
    const [first] = keys;
    if (first === undefined) throw new RangeError('a signing key is needed');
    const open = keys.map(({ kid, jwk: { kty, crv, x } }) => ({ kty, crv, x, kid, alg: ALGORITHM, use: 'sig' }));
    return new Tokens({ kid: first.kid, key: await importJWK(first.jwk, ALGORITHM) }, { keys: open });
  }

  /** @param now milliseconds since 1970 */
  async issue(subject: TokenSubject, now: number): Promise<string> {
    const seconds = Math.floor(now / 1_000);
    const customer = subject.customerId === null ? null : subject.customerId.toString();
    return await new SignJWT({ sid: subject.sessionId, role: subject.role, customer_id: customer })
      .setProtectedHeader({ alg: ALGORITHM, kid: this.#signer.kid, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(subject.userId.toString())
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + ACCESS_TOKEN_SECONDS)
      .sign(this.#signer.key);
  }

  async verify(token: string, now: number): Promise<Verified> {
    const known = this.#verified.get(token);
    if (known !== undefined) {
      if (known.expiresAtMs > now) return known;
      this.#verified.delete(token);
      return 'expired';
    }
    try {
      const options = { algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE, typ: 'JWT', currentDate: new Date(now) };
      const { payload } = await jwtVerify(token, this.#keyOf, options);
      return this.#remember(token, payload);
    } catch (error) {
      return error instanceof errors.JWTExpired ? 'expired' : 'invalid';
    }
  }

  #remember(token: string, payload: unknown): Verified {
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) return 'invalid';
    const { sub, sid, role, customer_id: customer, exp } = claims.data;
    const subject = { userId: BigInt(sub), sessionId: sid, role, customerId: customer === null ? null : BigInt(customer) };
    const entry = { subject, expiresAtMs: exp * 1_000 };
    if (this.#verified.size >= VERIFIED_MAX) this.#verified.delete(this.#verified.keys().next().value!);
    this.#verified.set(token, entry);
    return entry;
  }
}
