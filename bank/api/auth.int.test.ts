// Users over HTTP on a real MySQL: register, log in, refresh, log out, lock-out; tokens that are not good.

import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, generateKeyPair, jwtVerify, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { column, startTestApi, type TestApi } from '../../test/support/bank-api.ts';
import { login, newCustomer, newEmail, PASSWORD } from '../../test/support/bank-users.ts';

let api: TestApi;
let now = Date.now();

beforeAll(async () => {
  api = await startTestApi({ auth: 'on', now: () => now });
});

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
});

describe('users', () => {
  it('register, log in, are known by the token, and cannot register twice', async () => {
    const email = `Mixed.Case@Example.com`;
    const body = { email, password: PASSWORD, first_name: 'Mia', last_name: 'Case' };
    const registered = await api.post('/auth/register', body);
    expect(registered).toMatchObject({ status: 201, json: { email: email.toLowerCase(), role: 'customer' } });
    expect(registered.json.gtid).toMatch(/:\d+$/);
    expect(await api.post('/auth/register', { ...body, email: email.toUpperCase() })).toMatchObject({
      status: 409,
      json: { code: 'email_taken' },
    });
    const { access } = await login(api, email);
    expect((await api.get('/auth/me', { token: access })).json).toMatchObject({
      email: email.toLowerCase(),
      customer_id: registered.json.customer_id,
    });
    const [stored] = await api.bank.rows('SELECT password_hash FROM bank_auth.user_credentials WHERE user_id = ?', [
      registered.json.user_id,
    ]);
    expect(String(stored?.['password_hash'])).toMatch(/^scrypt\$15\$8\$1\$/);
  });

  it('get tokens that anybody can check with the published keys', async () => {
    const { access, customerId } = await newCustomer(api);
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', api.server.url));
    const { payload } = await jwtVerify(access, keys, { issuer: 'ledgerflow-bank', audience: 'ledgerflow', currentDate: new Date(now) });
    expect(payload).toMatchObject({ customer_id: String(customerId), role: 'customer' });
    expect(decodeProtectedHeader(access).alg).toBe('EdDSA');
    const { keys: published } = (await api.get('/.well-known/jwks.json')).json;
    expect(column(published, 'd')).toEqual([undefined]);
  });

  it('get new tokens for a refresh token once; a second use ends the login', async () => {
    const first = await newCustomer(api);
    const second = (await api.post('/auth/refresh', { refresh_token: first.refresh })).json;
    expect((await api.get('/auth/me', { token: second.access_token })).status).toBe(200);
    expect(await api.post('/auth/refresh', { refresh_token: first.refresh })).toMatchObject({
      status: 401,
      json: { code: 'token_invalid' },
    });
    expect((await api.post('/auth/refresh', { refresh_token: second.refresh_token })).status).toBe(401);
    expect(await api.get('/auth/me', { token: second.access_token })).toMatchObject({ status: 401, json: { code: 'token_invalid' } });
  });

  it('end their login by logging out', async () => {
    const { access, refresh } = await newCustomer(api);
    expect((await api.post('/auth/logout', undefined, { token: access })).json).toEqual({ done: true });
    expect((await api.get('/auth/me', { token: access })).status).toBe(401);
    expect((await api.post('/auth/refresh', { refresh_token: refresh })).status).toBe(401);
  });

  it('are locked out after five failures, also with the right password, also when nobody has that address', async () => {
    const { email } = await newCustomer(api);
    for (const address of [email, newEmail()]) {
      for (let failure = 1; failure <= 5; failure += 1)
        expect(await api.post('/auth/login', { email: address, password: 'wrong password' })).toMatchObject({
          status: 401,
          json: { code: 'login_failed' },
        });
      const locked = await api.post('/auth/login', { email: address, password: PASSWORD });
      expect(locked).toMatchObject({ status: 429, json: { code: 'login_locked' } });
      expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(800);
    }
    await api.bank.run('UPDATE bank_auth.login_attempts SET locked_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND');
    expect((await api.post('/auth/login', { email, password: PASSWORD })).status).toBe(200);
  });

  it('get no more than five guesses by sending many at once', async () => {
    const { email } = await newCustomer(api);
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.post('/auth/login', { email, password: 'wrong password' })));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
    await api.bank.run('DELETE FROM bank_auth.login_attempts');
  });
});

describe('without a good credential', () => {
  it('nothing of the ledger is reached', async () => {
    for (const [method, path, body] of [
      ['GET', '/accounts/801', undefined],
      ['GET', '/accounts/801/history', undefined],
      ['GET', '/ledger/events/', undefined],
      ['GET', '/v1/transactions/1', undefined],
      ['POST', '/accounts/', { owner: 'x', currency: 'USD' }],
      ['POST', '/deposit/', { account_id: 1, amount: 1, idempotency_key: 'a' }],
      ['POST', '/v1/transfers:batch', { transfers: [{ from_account_id: 1, to_account_id: 2, amount: 1, idempotency_key: 'a' }] }],
      ['PUT', '/v1/budgets', { category: 'a', month: '2026-11', limit: 1 }],
      ['GET', '/v1/watch-lists', undefined],
    ] as const) {
      const answer = await api.call(method, path, body === undefined ? {} : { body });
      expect(answer, path).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
      expect(answer.headers.get('www-authenticate'), path).toBe('Bearer');
    }
  });

  it('malformed comes before unauthenticated', async () => {
    expect(await api.post('/deposit/', { account_id: 'x', amount: 1 })).toMatchObject({ status: 400, json: { field: 'account_id' } });
  });

  it('forged, expired and wrong-algorithm tokens are refused, and logged without themselves', async () => {
    const { access } = await newCustomer(api);
    const { exp: _, ...claims } = decodeJwt(access);
    const header = decodeProtectedHeader(access) as { alg: string; kid: string };
    const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const { keys: [published] } = (await api.get('/.well-known/jwks.json')).json; // prettier-ignore
    const [head, payload, signature] = access.split('.');
    const later = Math.floor(now / 1_000) + 600;
    const forged: Record<string, string> = {
      'another key': await new SignJWT(claims).setProtectedHeader({ ...header, typ: 'JWT' }).setExpirationTime(later).sign(privateKey),
      'no algorithm': new UnsecuredJWT(claims).setExpirationTime(later).encode(),
      'the public key as a secret': await new SignJWT(claims).setProtectedHeader({ ...header, alg: 'HS256', typ: 'JWT' }).setExpirationTime(later)
        .sign(Buffer.from(published.x, 'base64url')),
      'another payload': [head, Buffer.from(JSON.stringify({ ...claims, role: 'operator', exp: later })).toString('base64url'), signature].join('.'),
      'no signature': `${head}.${payload}.`,
      'not a token': 'abc.def.ghi',
    }; // prettier-ignore
    for (const [name, token] of Object.entries(forged))
      expect(await api.get('/auth/me', { token }), name).toMatchObject({ status: 401, json: { code: 'token_invalid' } });
    for (const authorization of ['Basic YTpi', 'Bearer', 'Bearer  ', `Bearer ${'x'.repeat(5_000)}`])
      expect((await api.get('/auth/me', { headers: { authorization } })).status, authorization.slice(0, 12)).toBe(401);
    now += 901_000;
    expect(await api.get('/auth/me', { token: access })).toMatchObject({ status: 401, json: { code: 'token_expired' } });
    now -= 901_000;
    const log = api.log.join('');
    expect(log).toContain('token_invalid');
    for (const secret of [...Object.values(forged), access, PASSWORD]) expect(log.includes(secret)).toBe(false);
  });
});
