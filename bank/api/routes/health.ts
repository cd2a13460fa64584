// /live: the process answers. /health: it also reaches MySQL, which every other answer depends on.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { HttpProblem } from '../problem.ts';
import { problemResponses } from '../responses.ts';

const aliveSchema = z.object({ alive: z.literal(true) });
const healthSchema = z.object({
  healthy: z.literal(true),
  /** Whether a login is asked for. */
  auth: z.enum(['on', 'off']),
  version: z.string(),
});

export interface HealthOptions {
  /** @throws when MySQL does not answer */
  readonly ping: () => Promise<unknown>;
  readonly auth: 'on' | 'off';
  readonly version: string;
}

export function healthRoutes(app: FastifyInstance, { ping, auth, version }: HealthOptions): void {
  const schema = { tags: ['service'], summary: 'The process answers', response: { 200: aliveSchema } };
  app.get('/live', { schema }, () => ({ alive: true }));
  const health = {
    tags: ['service'],
    summary: 'The service and its database answer',
    response: { 200: healthSchema, ...problemResponses(503) },
  };
  app.get('/health', { schema: health }, async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
    try {
      await ping();
    } catch {
      throw new HttpProblem('unavailable', 'the database does not answer', { retryAfter: 1 });
    }
    return { healthy: true, auth, version };
  });
}
