// Reads what a request brings, checked by a schema. The message names the field.

import type { z } from 'zod';
import { ApiProblem } from './problem.ts';

/** @throws ApiProblem malformed */
export function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new ApiProblem('malformed', `${field === '' ? '' : `${field}: `}${issue?.message ?? 'not allowed'}`);
}
