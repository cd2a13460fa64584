// The HTTP API of reconciliation, in the processor's process on a port of its own.

import { fastify, type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { describeRoutes, serveDocs } from '../../../infra/runtime/api-docs.ts';
import { listen } from '../../../infra/runtime/listen.ts';
import type { Log } from '../../../infra/runtime/log.ts';
import { callers, type AuthOptions } from './auth.ts';
import { RECON_API } from './description.ts';
import { handleErrors } from './problem.ts';
import { reconRoutes, type RouteParts } from './routes.ts';

export interface ReconApiOptions extends AuthOptions, Omit<RouteParts, 'caller'> {
  readonly version: string;
  readonly log: Log;
}

export interface ReconServer extends AsyncDisposable {
  readonly url: string;
}

const BODY_BYTES_MAX = 262_144;

/** Ready to listen, or to be called with `inject`. */
export async function buildReconApp({ desk, actions, auth, bankUrl, version, log }: ReconApiOptions): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  handleErrors(app, log);
  await describeRoutes(app, { ...RECON_API, version });
  reconRoutes(app, { desk, actions, bankUrl, caller: callers({ auth, bankUrl }) });
  await serveDocs(app, RECON_API.title);
  return app;
}

/** @throws LedgerflowError LF_PORT_TAKEN, LF_RECON_SERVE */
export async function serveRecon(options: ReconApiOptions & { readonly host: string; readonly port: number }): Promise<ReconServer> {
  const app = await buildReconApp(options);
  const place = { host: options.host, port: options.port, what: 'the reconciliation API', failure: 'LF_RECON_SERVE' } as const;
  const { url } = await listen(app, place);
  return { url, [Symbol.asyncDispose]: () => app.close() };
}
