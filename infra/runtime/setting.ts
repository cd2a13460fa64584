// One setting's declaration and the kinds of numbers settings are made of.

import { z } from 'zod';

export interface Setting<S extends z.ZodType> {
  readonly env: string;
  readonly schema: S;
  readonly help: string;
  readonly secret?: boolean;
}

export function setting<S extends z.ZodType>(env: string, schema: S, help: string, secret = false): Setting<S> {
  return { env, schema, help, secret };
}

export const port = z.coerce.number().int().min(1).max(65_535);
export const positive = z.coerce.number().int().min(1);
