import { describe, expect, it } from 'vitest';
import { bytesText, csvRecord, durationText, renderPairs, renderTable } from './table.ts';

describe('renderTable', () => {
  it('aligns columns, shows NULL and keeps every row on one line', () => {
    const text = renderTable([{ name: 'id', align: 'right' }, { name: 'name' }], [
      ['9223372036854775807', 'a\tb\nc'],
      ['7', null],
    ]); // prettier-ignore
    expect(text.split('\n')).toEqual([
      '                 id  name',
      '-------------------  -------',
      '9223372036854775807  a\\tb\\nc',
      '                  7  NULL',
    ]);
  });

  it('shows a header without rows', () => {
    expect(renderTable([{ name: 'a' }], [])).toBe('a\n-');
  });
});

it('csvRecord quotes what needs it and tells NULL from an empty text', () => {
  expect(csvRecord(['a,b', 'say "hi"', null, '', 'x\ny', '1.50'])).toBe('"a,b","say ""hi""",,"","x\ny",1.50');
});

it('renderPairs aligns the values', () => {
  expect(renderPairs([['a', '1'], ['long', '2']])).toBe('a     1\nlong  2'); // prettier-ignore
});

it('sizes and durations are short', () => {
  expect([999, 1_500, 36_436_086].map(bytesText)).toEqual(['999 B', '1.5 kB', '36.4 MB']);
  expect([9, 93, 3_700, 200_000].map(durationText)).toEqual(['9s', '1m 33s', '1h 1m', '2d 7h']);
});
