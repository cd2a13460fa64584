// Turns everything that can go wrong with a request into the one problem shape. Nobody outside is told more than the code says;
// the log gets the cause of a 5xx, and who was refused, without secrets.

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { messageOf } from '../../infra/runtime/errors.ts';
import type { Log } from '../../infra/runtime/log.ts';
import { HttpProblem, problem, PROBLEM_TYPE } from './problem.ts';

interface ZodIssueLike {
  readonly instancePath?: string;
  readonly message?: string;
}

const CONNECTION_LOST = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ER_SERVER_SHUTDOWN',
  'POOL_CLOSED',
]);

export function handleErrors(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = problemOf(error);
    record(log, request, known, error);
    return sendProblem(reply, known);
  });
  app.setNotFoundHandler((request, reply) => sendProblem(reply, problem('not_found', `there is no ${request.method} ${pathOf(request)}`)));
}

export function sendProblem(reply: FastifyReply, known: HttpProblem): FastifyReply {
  if (known.retryAfter !== undefined) void reply.header('retry-after', String(known.retryAfter));
  if (known.status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply.code(known.status).header('cache-control', 'no-store').type(PROBLEM_TYPE).send(JSON.stringify(known.toBody()));
}

/** What an error means to the caller. */
export function problemOf(error: FastifyError): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error.validation !== undefined) return invalid(error);
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problem('body_too_large', 'the body is larger than this path takes');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problem('unsupported_media_type', 'the body has to be application/json');
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return problem('malformed_request', 'the body is not as long as its header says');
  }
  if (CONNECTION_LOST.has(error.code)) return new HttpProblem('unavailable', 'the database does not answer', { retryAfter: 1 });
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return problem('malformed_request', error.message);
  return problem('internal_error', 'the request could not be carried out');
}

/** The first thing that is wrong, by its field. */
function invalid(error: FastifyError): HttpProblem {
  const [first] = (error.validation ?? []) as readonly ZodIssueLike[];
  const path = first?.instancePath?.replace(/^\//, '').replaceAll('/', '.') ?? '';
  const field = path === '' ? null : path;
  const where = error.validationContext ?? 'body';
  return problem('malformed_request', `${where}${field === null ? '' : ` ${field}`}: ${first?.message ?? 'not allowed'}`, field);
}

function record(log: Log, request: FastifyRequest, known: HttpProblem, error: FastifyError): void {
  const fields = { code: known.code, method: request.method, path: pathOf(request), ip: request.ip, actor: request.actor };
  if (known.status >= 500) log.error({ ...fields, err: error }, `request failed: ${messageOf(error)}`);
  else if (known.status === 401 || known.status === 403 || known.status === 429) log.warn(fields, 'request refused');
  else log.debug(fields, 'request refused');
}

/** Without the query, which could hold anything. */
function pathOf(request: FastifyRequest): string {
  return (request.url.split('?', 1)[0] ?? '').slice(0, 200);
}
