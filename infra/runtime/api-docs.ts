// The OpenAPI document of an HTTP API and the two pages that show it: Swagger UI at /docs, ReDoc at /redoc. All from installed packages.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';

const REDOC_FILE = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
/** Nothing from elsewhere; ReDoc starts its search from a blob. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src blob:";

export interface ApiDescription {
  readonly title: string;
  readonly version: string;
  /** Markdown. */
  readonly description: string;
  readonly tags?: readonly { readonly name: string; readonly description: string }[];
  /** What goes into the Authorization header. */
  readonly bearer: string;
  /** How the routes' schemas become JSON Schema. */
  readonly transform: NonNullable<FastifyDynamicSwaggerOptions['transform']>;
}

/** Has to run before the routes are added: it collects them. */
export async function describeRoutes(
  app: FastifyInstance,
  { title, version, description, tags, bearer, transform }: ApiDescription,
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, version, description },
      ...(tags === undefined ? {} : { tags: [...tags] }),
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: bearer } } },
    },
    transform,
  });
}

/** Adds /openapi.json, /docs and /redoc. @param title of ReDoc's page */
export async function serveDocs(app: FastifyInstance, title: string): Promise<void> {
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true, uiConfig: { deepLinking: true, validatorUrl: null } });
  const hidden = { schema: { hide: true } };
  const script = readFileSync(REDOC_FILE);
  const etag = `"${createHash('sha256').update(script).digest('hex').slice(0, 32)}"`;
  const page = redocPage(title);
  app.get('/openapi.json', hidden, (_request, reply) => reply.send(app.swagger()));
  app.get('/redoc', hidden, (_request, reply) =>
    reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(page),
  );
  app.get('/redoc/redoc.standalone.js', hidden, (request, reply) => {
    void reply.header('etag', etag).header('cache-control', 'public, max-age=86400');
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type('text/javascript; charset=utf-8').send(script);
  });
}

function redocPage(title: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title><meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{margin:0}</style></head>
<body><redoc spec-url="/openapi.json"></redoc><script src="/redoc/redoc.standalone.js"></script></body></html>
`;
}
