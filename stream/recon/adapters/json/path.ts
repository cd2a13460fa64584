// Values of JSON whose numbers keep their text: by dotted paths, as text.

import { isLosslessNumber, parse } from 'lossless-json';
import { messageOf } from '../../../../infra/runtime/errors.ts';
import { LineProblem } from '../problem.ts';

export type Json = unknown;

/** @throws LineProblem when it is no JSON */
export function parseJson(text: string): Json {
  try {
    return parse(text);
  } catch (error) {
    throw new LineProblem(`not JSON: ${messageOf(error)}`);
  }
}

/** The value at `a.b.0.c`; undefined where there is none. An empty path is the value itself. */
export function valueAt(value: Json, path: string): Json {
  if (path === '') return value;
  let now: Json = value;
  for (const key of path.split('.')) {
    if (typeof now !== 'object' || now === null || isLosslessNumber(now) || !Object.hasOwn(now, key)) return undefined;
    now = (now as Record<string, Json>)[key];
  }
  return now;
}

/** Null for what is not there; a list or an object is no text. @throws LineProblem */
export function textAt(value: Json, path: string): string | null {
  const found = valueAt(value, path);
  if (found === undefined || found === null) return null;
  if (typeof found === 'string') return found;
  if (isLosslessNumber(found)) return found.value;
  if (typeof found === 'boolean') return String(found);
  throw new LineProblem(`"${path}" is no text and no number`);
}
