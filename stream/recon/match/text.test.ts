// Normal forms and likeness of texts.

import { describe, expect, it } from 'vitest';
import { normaliseReference, referenceLikeness, tokenLikeness, tokensOf } from './text.ts';

describe('a reference', () => {
  it.each([
    ['inv-2025-003', 'INV2025003'],
    ['INV 2025003', 'INV2025003'],
    ['LF00041', 'LF41'],
    ['Überweisung 7', 'UBERWEISUNG7'],
    ['NOTPROVIDED', ''],
    ['  n/a ', ''],
    ['100', '100'],
  ])('%s becomes %s', (text, normal) => {
    expect(normaliseReference(text)).toBe(normal);
  });

  it('is like itself, and less like others', () => {
    expect(referenceLikeness('INV20253', 'INV20253')).toBe(1);
    expect(referenceLikeness('MARTHA', 'MARHTA')).toBeCloseTo(0.9611, 4); // Winkler 1990
    expect(referenceLikeness('INV20253', 'ZZZ')).toBe(0);
  });
});

describe('descriptions', () => {
  it('are alike by the words they share, in whatever order', () => {
    expect(tokenLikeness(tokensOf('Payment Acme Corp'), tokensOf('ACME  CORP, payment'))).toBe(1);
    expect(tokenLikeness(tokensOf('Payment Acme'), tokensOf('Rent Zenith'))).toBe(0);
    expect(tokenLikeness([], tokensOf('anything'))).toBe(0);
  });

  it('count a word that was cut off by what is left of it', () => {
    expect(tokenLikeness(['CORNER', 'GROC'], ['CORNER', 'GROCERY'])).toBeCloseTo(20 / 23, 9);
  });
});
