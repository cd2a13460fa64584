// How requests prove who asks: none, a bearer token, a header, basic, or OAuth 2 client credentials. Secrets are named, never written.

import { LedgerflowError } from '../../../../infra/runtime/errors.ts';
import { parseJson, textAt } from '../json/path.ts';
import type { AdapterOf } from '../source-config.ts';
import { ask, type Limits } from './request.ts';

type Auth = AdapterOf<'http'>['auth'];

export class Login {
  readonly #auth: Auth;
  readonly #secret: (name: string) => string | undefined;
  readonly #limits: Limits;
  #token: string | null = null;

  constructor(auth: Auth, secret: ((name: string) => string | undefined) | undefined, limits: Limits) {
    this.#auth = auth;
    this.#secret = secret ?? (() => undefined);
    this.#limits = limits;
  }

  /** @throws LedgerflowError LF_STATEMENT_SOURCE without the secret, LF_STATEMENT_API_REFUSED when no token is given */
  async headers(url: URL): Promise<Record<string, string>> {
    const auth = this.#auth;
    if (auth.kind === 'none') return {};
    if (url.protocol !== 'https:' && !this.#limits.allowPrivate)
      throw new LedgerflowError('LF_STATEMENT_SOURCE', 'a secret is not sent over plain http: use https', { where: url.host });
    const secret = this.#secret(auth.secret)?.trim() ?? '';
    if (secret === '')
      throw new LedgerflowError('LF_STATEMENT_SOURCE', `there is no secret "${auth.secret}": write it to recon.secrets/${auth.secret}`);
    if (auth.kind === 'header') return { [auth.name.toLowerCase()]: secret };
    if (auth.kind === 'basic') return { authorization: `Basic ${Buffer.from(`${auth.user}:${secret}`).toString('base64')}` };
    if (auth.kind === 'bearer') return { authorization: `Bearer ${secret}` };
    this.#token ??= await this.#fetchToken(auth, secret);
    return { authorization: `Bearer ${this.#token}` };
  }

  /** After an answer 401: a token may have run out. False when there is nothing to renew. */
  renew(): boolean {
    const had = this.#token !== null;
    this.#token = null;
    return had;
  }

  async #fetchToken(auth: Extract<Auth, { kind: 'oauth2' }>, secret: string): Promise<string> {
    const url = new URL(auth.tokenUrl);
    if (url.protocol !== 'https:' && !this.#limits.allowPrivate)
      throw new LedgerflowError('LF_STATEMENT_SOURCE', 'a secret is not sent over plain http: use https', { where: url.host });
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: auth.clientId, client_secret: secret });
    if (auth.scope !== undefined) form.set('scope', auth.scope);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const { status, body } = await ask({ url, method: 'POST', headers, body: form.toString() }, this.#limits);
    const token = status === 200 ? textAt(parseJson(body), 'access_token') : null;
    if (token === null)
      throw new LedgerflowError('LF_STATEMENT_API_REFUSED', `no token was given: the answer is ${status}`, { where: url.host });
    return token;
  }
}
