import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnNames, escapedColumnName } from './column-names.ts';

describe('column names in Avro', () => {
  it('are restored', () => {
    expect(columnNames(['customer_u005fid', 'plain', '_u0031st', 'a_u002db'])).toEqual(['customer_id', 'plain', '1st', 'a-b']);
    expect(columnNames(['größe', 'Škoda', 'naïve'].map(escapedColumnName))).toEqual(['größe', 'Škoda', 'naïve']);
  });

  it('stay as they are when another connector wrote them with plain underscores', () => {
    expect(columnNames(['customer_id', 'b'])).toEqual(['customer_id', 'b']);
  });

  it('are refused when they can be read in two ways', () => {
    expect(() => columnNames([escapedColumnName('účet')])).toThrow('can be read in two ways');
    expect(() => columnNames([escapedColumnName('金額')])).toThrow('can be read in two ways');
  });

  it('are never mistaken: any name comes back or is refused', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0x20, max: 0xffff }).map((code) => String.fromCharCode(code)), minLength: 1 }),
        (name) => {
          let read: string[] | null = null;
          try {
            read = columnNames([escapedColumnName(name)]);
          } catch {
            return;
          }
          expect(read).toEqual([name]);
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), minLength: 1 }),
        (name) => {
          expect(columnNames([escapedColumnName(name)])).toEqual([name]);
        },
      ),
    );
  });
});
