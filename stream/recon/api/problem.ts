// Every refusal of the API has one shape: {"error": {code, message, where, remedy}}.

import type { FastifyInstance } from 'fastify';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import type { Log } from '../../../infra/runtime/log.ts';

export class ApiRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    [this.status, this.code] = [status, code];
  }
}

const STATUS: Readonly<Record<string, number>> = {
  LF_USAGE: 400,
  LF_RECON_SOURCE: 404,
  LF_STATEMENT_SOURCE: 400,
  LF_RECON_UNKNOWN: 404,
  LF_RECON_BANK: 502,
};

export function handleErrors(app: FastifyInstance, log: Log): void {
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(body('not_found', 'there is no such path; /docs lists them')));
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof ApiRefusal) return reply.code(error.status).send(body(error.code, error.message));
    if (error instanceof LedgerflowError) {
      const { code, message, where, remedy } = error;
      return reply.code(STATUS[code] ?? 409).send({ error: { code, message, where: where ?? null, remedy } });
    }
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send(body('malformed_request', error.message));
    log.error({ path: request.routeOptions.url, error: messageOf(error) }, 'a request to the reconciliation API failed');
    return reply.code(500).send(body('internal', 'the request failed; the log of the processor says why'));
  });
}

function body(code: string, message: string): object {
  return { error: { code, message, where: null, remedy: null } };
}
