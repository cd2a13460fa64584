// The OpenAPI document and the two pages that show it: Swagger UI at /docs, ReDoc at /redoc, from installed packages.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';

const REDOC_FILE = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
/** Nothing from elsewhere; ReDoc starts its search from a blob. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:";
const REDOC_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>LedgerFlow reconciliation</title><meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{margin:0}</style></head>
<body><redoc spec-url="/openapi.json"></redoc><script src="/redoc/redoc.standalone.js"></script></body></html>
`;
const DESCRIPTION = `External statements against the ledger: runs by source and business date, their logs and summaries, breaks and what people do with them.
Amounts are decimal strings. Every refusal is \`{"error": {code, message, where, remedy}}\`.`;

/** Has to run before the routes are added: it collects them. */
export async function describeRoutes(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'LedgerFlow reconciliation', version, description: DESCRIPTION },
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: "An operator's token of the bank's POST /auth/login." } },
      },
    },
    transform: jsonSchemaTransform,
  });
}

/** Adds /openapi.json, /docs and /redoc. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { deepLinking: true, validatorUrl: null } });
  const hidden = { schema: { hide: true } };
  app.get('/openapi.json', hidden, (_request, reply) => reply.send(app.swagger()));
  app.get('/redoc', hidden, (_request, reply) => reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(REDOC_PAGE)); // prettier-ignore
  app.get('/redoc/redoc.standalone.js', hidden, (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').header('cache-control', 'public, max-age=86400').send(readFileSync(REDOC_FILE)),
  );
}
