// The OpenAPI document and the two pages that show it: Swagger UI at /docs, ReDoc at /redoc. Everything is served from installed packages.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { describeSchemas } from './openapi-schemas.ts';

const REDOC_FILE = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
/** Nothing from elsewhere; ReDoc starts its search from a blob. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:";
const REDOC_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>LedgerFlow bank</title><meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{margin:0}</style></head>
<body><redoc spec-url="/openapi.json"></redoc><script src="/redoc/redoc.standalone.js"></script></body></html>
`;

const DESCRIPTION = `The bank's ledger service: accounts, deposits, withdrawals, transfers, holds, refunds, and what users set for themselves.

Money is a decimal string ("100.50"); a JSON number is taken only as it is written, never through a float. Every request that moves money
needs an idempotency key (header \`Idempotency-Key\` or field \`idempotency_key\`): sent again with the same key it answers the same and moves nothing.
Every refusal is one shape with \`code\`, \`message\`, \`field\` and \`remedy\`. A write answers with the GTID of its commit (\`Ledger-GTID\`, \`gtid\`),
which \`ledgerflow wait --gtid\` waits for in the lake.`;

const TAGS = [
  { name: 'accounts', description: 'Opening, reading, freezing and closing accounts.' },
  { name: 'money', description: 'Everything that moves money.' },
  { name: 'holds', description: 'Two-phase payments: authorise, then capture or void.' },
  { name: 'auth', description: 'Users, logins and tokens.' },
  { name: 'settings', description: 'Budgets, watch lists and price alerts of a customer.' },
  { name: 'market', description: 'Instruments, prices and paper trades.' },
  { name: 'service', description: 'Health and keys.' },
] as const;

/** Has to run before the routes are added: it collects them. */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'LedgerFlow bank', version, description: DESCRIPTION },
      tags: [...TAGS],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'A token of POST /auth/login, or a service key (lfk_…).' },
        },
      },
    },
    transform: describeSchemas,
  });
}

/** Adds /openapi.json, /docs and /redoc. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { deepLinking: true, validatorUrl: null } });
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => reply.send(app.swagger()));
  const script = readFileSync(REDOC_FILE);
  const etag = `"${createHash('sha256').update(script).digest('hex').slice(0, 32)}"`;
  app.get('/redoc', { schema: { hide: true } }, (_request, reply) =>
    reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(REDOC_PAGE),
  );
  app.get('/redoc/redoc.standalone.js', { schema: { hide: true } }, (request, reply) => {
    void reply.header('etag', etag).header('cache-control', 'public, max-age=86400');
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type('text/javascript; charset=utf-8').send(script);
  });
}
