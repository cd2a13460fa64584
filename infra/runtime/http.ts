// The processor's small HTTP side: /metrics for Prometheus, /live, /ready, /health and /status for people and programs.
// /live: the process answers. /ready: gold exists and is served. /health: a MySQL heartbeat reached gold within its objective (G11).

import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Registry } from 'prom-client';
import { addControlRoutes, type ControlDoor } from './control.ts';
import { listen } from './listen.ts';
import { healthOf, type ProcessorStatus } from './status.ts';

export interface HttpOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly status: () => ProcessorStatus | Promise<ProcessorStatus>;
  readonly registry: Registry;
  readonly freshnessObjectiveMs: number;
  /** Commands for this process; none are taken without it. */
  readonly control?: ControlDoor;
}

export interface HttpServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

/**
 * Starts listening.
 * @throws LedgerflowError LF_PORT_TAKEN when the port is taken, LF_HTTP_START for anything else.
 */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const app = fastify({ logger: false, forceCloseConnections: true });
  addRoutes(app, options);
  if (options.control !== undefined) addControlRoutes(app, options.control);
  const place = { host: options.host, port: options.port, what: '/metrics and /status', failure: 'LF_HTTP_START' } as const;
  return { ...(await listen(app, place)), [Symbol.asyncDispose]: () => app.close() };
}

function addRoutes(app: FastifyInstance, options: HttpOptions): void {
  app.get('/metrics', async (_request, reply) => reply.type(options.registry.contentType).send(await options.registry.metrics()));
  app.get('/live', () => ({ alive: true }));
  app.get('/health', async (_request, reply) => {
    const health = await judge(options);
    return answer(reply, health.healthy, { healthy: health.healthy, state: health.state, reason: health.reason });
  });
  app.get('/ready', async (_request, reply) => {
    const health = await judge(options);
    return answer(reply, health.ready, { ready: health.ready, state: health.state, reason: health.ready ? null : health.reason });
  });
  app.get('/status', async (_request, reply) => {
    const report = await options.status();
    const { state, reason } = healthOf(report, options.freshnessObjectiveMs);
    return answer(reply, true, { ...report, state, reason });
  });
}

async function judge(options: HttpOptions): Promise<ReturnType<typeof healthOf>> {
  return healthOf(await options.status(), options.freshnessObjectiveMs);
}

function answer(reply: FastifyReply, good: boolean, body: object): FastifyReply {
  return reply
    .code(good ? 200 : 503)
    .header('cache-control', 'no-store')
    .send(body);
}
