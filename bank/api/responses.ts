// The shapes of answers, for the OpenAPI document. Answers are written by JSON.stringify: checking our own output on every request would
// cost more than the rest of the HTTP side; a test checks every route's answers against these shapes instead.

import { z } from 'zod';

export const problemSchema = z
  .object({
    type: z.string().meta({ example: 'urn:ledgerflow:error:insufficient_funds' }),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable; docs/bank-errors.md lists all of them.' }),
    message: z.string(),
    field: z.string().optional().meta({ description: 'The field that is to blame; absent where none is.' }),
    remedy: z.string().meta({ description: 'What the caller does about it.' }),
  })
  .meta({ description: 'Any refusal or failure (RFC 9457).' });

const TITLES: Readonly<Record<number, string>> = {
  400: 'Malformed or not allowed',
  401: 'Not logged in',
  403: 'Not allowed for this caller',
  404: 'There is no such thing',
  409: 'In conflict with what is there',
  413: 'Body too large',
  415: 'Not JSON',
  422: 'Understood and refused',
  424: 'Another one was refused, so this was not done',
  429: 'Locked for a while',
  503: 'The database does not answer',
};

type ProblemResponse = { readonly description: string; readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>> };

/** A response entry whose problem has further fields. */
export function problemWith(status: number, more: z.ZodRawShape): ProblemResponse {
  return { description: TITLES[status] ?? 'Problem', content: { 'application/problem+json': { schema: problemSchema.extend(more) } } };
}

/** Response entries for statuses that answer with a problem. */
export function problemResponses(...statuses: readonly number[]): Record<number, ProblemResponse> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: TITLES[status] ?? 'Problem', content: { 'application/problem+json': { schema: problemSchema } } },
    ]),
  );
}
