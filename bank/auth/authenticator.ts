// From the Authorization header to a principal: a JWT of a login, a service key, or nobody while logins are off.
// A credential that is sent must be good, also while logins are off: a wrong token never becomes nobody.

import type { Sessions } from './sessions.ts';
import { OPEN, type Principal } from './principal.ts';
import { SERVICE_KEY, type ServiceKeys } from './service-keys.ts';
import type { Tokens } from './tokens.ts';

export type Denial = 'unauthenticated' | 'token_invalid' | 'token_expired';
export type Authenticated = Principal | Denial;

export interface AuthenticatorOptions {
  /** off: requests without a credential are taken as `open`. */
  readonly mode: 'on' | 'off';
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly keys: ServiceKeys;
}

export class Authenticator {
  readonly #options: AuthenticatorOptions;

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** Without a header there is nothing to wait for: the answer is there at once. */
  anonymous(): Authenticated {
    return this.#options.mode === 'off' ? OPEN : 'unauthenticated';
  }

  /** @param header value of Authorization @param now milliseconds since 1970 */
  async authenticate(header: string, now: number): Promise<Authenticated> {
    const [, credential = ''] = /^Bearer +([\w.~+/=-]{1,4096})$/i.exec(header) ?? [];
    if (credential === '') return 'token_invalid';
    if (SERVICE_KEY.test(credential)) {
      const key = await this.#options.keys.verify(credential, now);
      return key === undefined ? 'token_invalid' : { kind: 'service', actor: `service:${key.name}`, keyId: key.keyId };
    }
    const verified = await this.#options.tokens.verify(credential, now);
    if (verified === 'expired') return 'token_expired';
    if (verified === 'invalid' || this.#options.sessions.hasEnded(verified.subject.sessionId)) return 'token_invalid';
    return { kind: 'user', actor: `user:${verified.subject.userId}`, ...verified.subject };
  }
}
