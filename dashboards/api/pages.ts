// The built pages: files with a hash in their name are kept by the browser for ever, the rest is asked for anew.
// They were compressed when they were built. Any other address is a page of the application.

import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { ApiProblem } from './problem.ts';

const FOR_EVER = 'public, max-age=31536000, immutable';

export async function servePages(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: path.resolve(folder),
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, file) => {
      void reply.header('cache-control', file.includes(`${path.sep}assets${path.sep}`) ? FOR_EVER : 'no-cache');
    },
  });
  app.setNotFoundHandler((request, reply) => {
    const isPage = request.method === 'GET' && !request.url.startsWith('/api/') && !/\.\w{1,8}$/.test(request.url);
    if (!isPage) throw new ApiProblem('not_found', `there is no ${request.method} ${request.url.split('?')[0] ?? ''}`);
    return reply.sendFile('index.html');
  });
}
