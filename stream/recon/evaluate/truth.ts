// What is true of a generated world's statements (docs/generator.md), as sets to compare with.

import { readFileSync } from 'node:fs';
import path from 'node:path';

interface MatchLine {
  readonly kind: 'one' | 'split' | 'batch';
  readonly external_ids: readonly string[];
  readonly transaction_ids: readonly (number | string)[];
}
interface BreakLine {
  readonly kind: string;
  readonly account: string;
  readonly currency: string;
  readonly external_ids?: readonly string[];
  readonly transaction_ids?: readonly (number | string)[];
  readonly file?: string;
}

export interface Truth {
  readonly matches: readonly MatchLine[];
  readonly breaks: readonly BreakLine[];
}

/** @param folder `truth` of a world that `ledgerflow generate --to` has written */
export function readTruth(folder: string): Truth {
  return { matches: lines(path.join(folder, 'matches.jsonl')), breaks: lines(path.join(folder, 'breaks.jsonl')) };
}

function lines<T>(file: string): T[] {
  const texts = readFileSync(file, 'utf8').split('\n');
  return texts.filter((text) => text !== '').map((text) => JSON.parse(text) as T);
}

/** Lines and movements of one match, each with each: what precision and recall are counted in. */
export function pairsOf({ external_ids: external, transaction_ids: internal }: Omit<MatchLine, 'kind'>): string[] {
  return external.flatMap((one) => internal.map((other) => `${one} ${other}`));
}
