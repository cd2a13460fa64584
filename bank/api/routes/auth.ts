// Users: register, log in, refresh, log out; who am I; the keys that verify tokens (JWKS).

import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { checkLogin, addUser, findUser } from '../../auth/users.ts';
import { ACCESS_TOKEN_SECONDS, type TokenSubject } from '../../auth/tokens.ts';
import { idJson } from '../../ledger/json.ts';
import { callerOf, type BankApi } from '../context.ts';
import { HttpProblem, problem } from '../problem.ts';
import { problemResponses } from '../responses.ts';
import { ScryptGate } from '../scrypt-gate.ts';

const email = z
  .string()
  .max(254)
  .transform((text) => text.toLowerCase())
  .pipe(z.email('must be an e-mail address').regex(/^[\x21-\x7e]+$/, 'must be ASCII'))
  .meta({ examples: ['alice@example.com'] });
const password = z.string().min(10, 'must have at least 10 characters').max(256);
const name = z.string().max(80).default('');
const registerBody = z.strictObject({ email, password, first_name: name, last_name: name });
const loginBody = z.strictObject({ email, password: z.string().min(1).max(256) });
const tokenBody = z.strictObject({ refresh_token: z.string().min(1).max(256) });

const id = z.union([z.int(), z.string()]);
const userAnswer = z.object({
  user_id: id,
  email: z.string(),
  role: z.enum(['customer', 'operator']),
  customer_id: id.nullable(),
  created_at: z.string(),
});
const registered = z.object({ user_id: id, customer_id: id.nullable(), email: z.string(), role: z.string(), gtid: z.string().nullable() });
const tokens = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int().meta({ description: 'Seconds.' }),
  refresh_token: z.string().meta({ description: 'Good for one use.' }),
});
const done = z.object({ done: z.literal(true) });
const jwks = z.object({ keys: z.array(z.record(z.string(), z.string())) });

export function authRoutes(app: FastifyInstance, api: BankApi): void {
  const gate = new ScryptGate();
  app.post(
    '/auth/register',
    { schema: { tags: ['auth'], summary: 'Register a customer with a login', body: registerBody, response: { 201: registered, ...problemResponses(400, 409, 503) } } },
    async (request, reply) => {
      const body = request.body as z.output<typeof registerBody>;
      const { email: address, password: secret, first_name: firstName, last_name: lastName } = body;
      const added = await gate.run(() => addUser(api.users, { email: address, password: secret, firstName, lastName, role: 'customer' }));
      if (added === undefined) throw problem('email_taken', 'this address has a login already', 'email');
      const user = await findUser(api.users, added.value);
      const customer = user?.customerId ?? null;
      if (added.gtid !== null) void reply.header('ledger-gtid', added.gtid);
      const ids = { user_id: idJson(added.value), customer_id: customer === null ? null : idJson(customer) };
      return reply.code(201).header('cache-control', 'no-store').send({ ...ids, email: address, role: 'customer', gtid: added.gtid });
    },
  ); // prettier-ignore
  app.post(
    '/auth/login',
    { schema: { tags: ['auth'], summary: 'Log in', body: loginBody, response: { 200: tokens, ...problemResponses(400, 401, 429, 503) } } },
    async (request, reply) => {
      const { email: address, password: secret } = request.body as z.output<typeof loginBody>;
      const locked = await api.lockout.attempt(address);
      if (locked !== null) throw new HttpProblem('login_locked', `too many failures: locked for ${locked} s`, { retryAfter: locked });
      const user = await gate.run(() => checkLogin(api.users, address, secret));
      if (user === undefined) throw problem('login_failed', 'the address or the password is wrong');
      await api.lockout.clear(address);
      return await sendTokens(api, reply, await api.sessions.open(user));
    },
  );
  sessionRoutes(app, api);
}

function sessionRoutes(app: FastifyInstance, api: BankApi): void {
  app.post(
    '/auth/refresh',
    { schema: { tags: ['auth'], summary: 'Exchange a refresh token for new tokens', body: tokenBody, response: { 200: tokens, ...problemResponses(400, 401, 503) } } },
    async (request, reply) => {
      const { refresh_token: token } = request.body as z.output<typeof tokenBody>;
      const found = await api.sessions.refresh(token, api.now());
      if (found === 'unknown') throw problem('token_invalid', 'the refresh token is not valid', 'refresh_token');
      if (found === 'reused') throw problem('token_invalid', 'the refresh token was used before: its login has been ended', 'refresh_token');
      return await sendTokens(api, reply, found);
    },
  ); // prettier-ignore
  app.post(
    '/auth/logout',
    { schema: { tags: ['auth'], summary: 'End the login of the token', security: [{ bearer: [] }], response: { 200: done, ...problemResponses(401, 503) } } },
    async (request) => {
      const caller = await callerOf(api, request);
      if (caller.kind !== 'user') throw problem('unauthenticated', 'there is no login to end');
      await api.sessions.end(caller.sessionId, api.now());
      return { done: true };
    },
  ); // prettier-ignore
  app.get(
    '/auth/me',
    { schema: { tags: ['auth'], summary: 'The user of the token', security: [{ bearer: [] }], response: { 200: userAnswer, ...problemResponses(401, 503) } } },
    async (request) => {
      const caller = await callerOf(api, request);
      const user = caller.kind === 'user' ? await findUser(api.users, caller.userId) : undefined;
      if (user === undefined) throw problem('unauthenticated', 'a user has to log in');
      const customer = user.customerId === null ? null : idJson(user.customerId);
      return { user_id: idJson(user.userId), email: user.email, role: user.role, customer_id: customer, created_at: user.createdAt };
    },
  ); // prettier-ignore
  app.get(
    '/.well-known/jwks.json',
    { schema: { tags: ['auth'], summary: 'The public keys of the tokens', response: { 200: jwks } } },
    (_request, reply) => reply.header('cache-control', 'public, max-age=300').send(api.tokens.jwks),
  );
}

async function sendTokens(
  api: BankApi,
  reply: FastifyReply,
  opened: TokenSubject & { readonly refreshToken: string },
): Promise<FastifyReply> {
  const access = await api.tokens.issue(opened, api.now());
  return reply
    .header('cache-control', 'no-store')
    .send({ access_token: access, token_type: 'Bearer', expires_in: ACCESS_TOKEN_SECONDS, refresh_token: opened.refreshToken });
}
