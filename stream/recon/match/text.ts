// Normal forms of references and descriptions, and how alike two of them are (0 to 1).

import { similarity as jaroWinkler } from 'talisman/metrics/jaro-winkler.js';

/** Marks of banks that say nothing of the payment. */
const NO_REFERENCE = new Set(['', 'NONREF', 'NOTPROVIDED', 'NONE', 'NA', 'NULL', '0']);

/** Letters and digits only, upper case, without accents and without leading zeros of its numbers; empty when it says nothing. */
export function normaliseReference(text: string): string {
  const plain = unaccented(text)
    .toUpperCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '')
    .replaceAll(/(?<!\d)0+(?=\d)/gu, '');
  return NO_REFERENCE.has(plain) ? '' : plain;
}

/** Words of two or more letters or digits, upper case, each once, in order. */
export function tokensOf(text: string): readonly string[] {
  const words = unaccented(text)
    .toUpperCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 1);
  return [...new Set(words)].sort();
}

function unaccented(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}+/gu, '');
}

/** 1 for equal normal forms, else Jaro-Winkler (Winkler 1990). */
export function referenceLikeness(one: string, other: string): number {
  return one === other ? 1 : jaroWinkler(one, other);
}

/**
 * How much two sets of words have in common: the shared words' length over the mean length of both sets (Sørensen–Dice by characters).
 * A word that begins another one of four or more letters counts as shared by its own length: memos are cut off.
 */
export function tokenLikeness(one: readonly string[], other: readonly string[]): number {
  const all = lengthOf(one) + lengthOf(other);
  if (all === 0) return 0;
  const [fewer, more] = one.length <= other.length ? [one, other] : [other, one];
  const left = new Set(more);
  const cut: string[] = [];
  let shared = 0;
  for (const word of fewer) {
    if (left.delete(word)) shared += 2 * word.length;
    else cut.push(word);
  }
  for (const word of cut) {
    for (const candidate of left) {
      const common = beginning(word, candidate);
      if (common === 0) continue;
      shared += 2 * common;
      left.delete(candidate);
      break;
    }
  }
  return Math.min(1, shared / all);
}

const CUT_WORD_MIN = 4;

function beginning(one: string, other: string): number {
  const common = Math.min(one.length, other.length);
  if (common < CUT_WORD_MIN) return 0;
  return one.startsWith(other) || other.startsWith(one) ? common : 0;
}

function lengthOf(words: readonly string[]): number {
  return words.reduce((sum, word) => sum + word.length, 0);
}
