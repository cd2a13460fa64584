import { describe, expect, it } from 'vitest';
import { columnType } from '../../schema/column-type.ts';
import { testColumn } from '../../schema/duckdb-testkit.ts';
import { decodingOf } from './charsets.ts';

/** SHOW CHARACTER SET of MySQL 9.7, without `binary`, which is no text. */
const ALL =
  'armscii8 ascii big5 cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 cp932 dec8 eucjpms euckr gb18030 gb2312 gbk geostd8 greek hebrew hp8 keybcs2 koi8r koi8u latin1 latin2 latin5 latin7 macce macroman sjis swe7 tis620 ucs2 ujis utf16 utf16le utf32 utf8mb3 utf8mb4'.split(
    ' ',
  );

describe('character sets', () => {
  it('are refused by name where Java has none like it', () => {
    const refused = ALL.filter((charset) => decodingOf(charset).refused !== null);
    expect(refused).toEqual(['armscii8', 'dec8', 'eucjpms', 'geostd8', 'hp8', 'keybcs2', 'swe7']);
    for (const charset of refused)
      expect(() => columnType(testColumn('VARCHAR', { charset }))).toThrow(
        `column x (VARCHAR) cannot be carried: text in CHARACTER SET ${charset}`,
      );
  });

  it('may hold U+FFFD when they are Unicode, and only then', () => {
    expect(ALL.filter((charset) => decodingOf(charset).lost === null)).toEqual(['ucs2', 'utf16', 'utf16le', 'utf32', 'utf8mb3', 'utf8mb4']);
    expect(decodingOf(null)).toEqual(decodingOf('utf8mb4'));
  });

  it.each(ALL)('%s restores place by place, to characters that are not restored again', (charset) => {
    const [from, to] = decodingOf(charset).restore ?? ['', ''];
    expect(Array.from(from)).toHaveLength(Array.from(to).length);
    expect(Array.from(to).filter((character) => from.includes(character))).toEqual([]);
  });
});
