// A login of a command: the password from standard input, the bank's refusal in words.

import { Readable } from 'node:stream';
import { fastify } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { logIn } from './bank-token.ts';

const bank = fastify();
let url: string;

beforeAll(async () => {
  bank.post<{ Body: { email: string; password: string } }>('/auth/login', (request, reply) =>
    request.body.password === 'correct horse' ? { access_token: `of ${request.body.email}`, refresh_token: 'r' } : reply.code(401).send({}),
  );
  url = await bank.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => bank.close());

it('takes the first line as the password', async () => {
  expect(await logIn(url, 'olga@example.com', Readable.from(['correct horse\nmore\n']))).toBe('of olga@example.com');
});

it('says what the bank refused, and when it does not answer', async () => {
  await expect(logIn(url, 'olga@example.com', Readable.from(['wrong\n']))).rejects.toMatchObject({
    code: 'LF_RECON_LOGIN',
    message: expect.stringContaining('HTTP 401') as string,
  });
  await expect(logIn('http://127.0.0.1:9', 'olga@example.com', Readable.from(['x\n']))).rejects.toThrow('the bank does not answer');
});
