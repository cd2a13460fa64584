// The HTTP side of the bank put together: body parser, validation, errors, documents, routes. It owns no connection and no clock.

import { fastify, type FastifyInstance } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { Log } from '../../infra/runtime/log.ts';
import { describeRoutes, serveDocs } from './docs-pages.ts';
import { handleErrors } from './error-handler.ts';
import { readExactJson } from './json-body.ts';
import { healthRoutes, type HealthOptions } from './routes/health.ts';

/** A request body; /v1/transfers:batch takes more. */
export const BODY_BYTES_MAX = 262_144;
const HEADER_BYTES_MAX = 16_384;
const REQUEST_TIMEOUT_MS = 30_000;
const PARAMETER_CHARACTERS_MAX = 128;

export interface AppOptions extends HealthOptions {
  readonly log: Log;
}

/** Ready to listen, or to be called with `inject`. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: HEADER_BYTES_MAX },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PARAMETER_CHARACTERS_MAX },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  readExactJson(app);
  handleErrors(app, options.log);
  await describeRoutes(app, options.version);
  healthRoutes(app, options);
  await serveDocs(app);
  return app;
}
