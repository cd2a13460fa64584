// /metrics of the bank API, and the hook that counts and times every answer by its route (never by its path: ids are no labels).

import type { FastifyInstance } from 'fastify';
import type { BankMetrics } from '../../infra/runtime/bank-metrics.ts';

export function serveMetrics(app: FastifyInstance, metrics: BankMetrics): void {
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.requests.inc({ route, method: request.method, status: reply.statusCode });
    metrics.requestSeconds.observe({ route }, reply.elapsedTime / 1_000);
    done();
  });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
