// One column per character set that is carried, filled with every character of the set that Unicode's first plane knows.

import type mysql from 'mysql2/promise';
import { FORMS } from './forms.ts';
import type { WorldColumn } from './tables.ts';

/** Those of MySQL that are carried; the others are refused by name (cdc/envelope/types/charsets.ts). */
const CHARSETS =
  'ascii big5 cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 cp932 gb18030 gb2312 gbk greek hebrew koi8r koi8u latin1 latin2 latin5 latin7 macce macroman sjis tis620 ucs2 ujis utf16 utf16le utf32 utf8mb3 utf8mb4'.split(
    ' ',
  );
export const CHARSET_TABLE = 'every_character';
export const CHARSET_COLUMNS: readonly WorldColumn[] = CHARSETS.map((charset) => ({
  name: charset,
  type: `LONGTEXT CHARACTER SET ${charset}`,
  form: FORMS.text,
}));

const CHUNK = 4_096;
/** Lost on the way, and parked when they occur: control characters of the second block, private ones, and the few that charsets.ts names. */
const LEFT_OUT = /[\u0000\u0080-\u009f\ud800-\udfff\ue000-\uf8ff\ufe10-\ufe19\u9fb4-\u9fbb\ufffd]/;
const BIG5_LOST = /[\u7881\u92b9\u88cf\u58bb\u6052\u7ca7\u5afa]/;

/** Makes and fills the table. @returns characters written, by set */
export async function fillCharsets(connection: mysql.Connection): Promise<Map<string, number>> {
  const columns = CHARSET_COLUMNS.map((column) => `${column.name} ${column.type} NOT NULL`);
  await connection.query(`CREATE TABLE ${CHARSET_TABLE} (id INT PRIMARY KEY, ${columns.join(', ')})`);
  const written = new Map<string, number>();
  for (let base = 0; base < 0x10000; base += CHUNK) {
    const all = Array.from({ length: CHUNK }, (_unused, index) => String.fromCharCode(base + index)).filter((one) => !LEFT_OUT.test(one));
    const there = CHARSETS.map((charset) => `CONVERT(CONVERT(? USING ${charset}) USING utf8mb4) AS ${charset}`);
    const text = all.join('');
    const [rows] = await connection.query<mysql.RowDataPacket[]>(
      `SELECT ${there.join(', ')}`,
      CHARSETS.map(() => text),
    );
    const kept = CHARSETS.map((charset) => keptCharacters(charset, all, Array.from(String(rows[0]?.[charset]))));
    CHARSETS.forEach((charset, index) => written.set(charset, (written.get(charset) ?? 0) + (kept[index]?.length ?? 0)));
    await connection.query(`INSERT INTO ${CHARSET_TABLE} VALUES (?, ${CHARSETS.map(() => '?').join(', ')})`, [base / CHUNK + 1, ...kept]);
  }
  return written;
}

/** What the set has: MySQL puts a question mark in place of what it has not. */
function keptCharacters(charset: string, all: readonly string[], converted: readonly string[]): string {
  return all.filter((one, index) => converted[index] === one && !(charset === 'big5' && BIG5_LOST.test(one))).join('');
}
