// CHAR, VARCHAR and the TEXT types: Debezium has decoded the column's character set, JSON carries UTF-8. What it decodes differently
// from MySQL is restored or raises (charsets.ts).

import { UnsupportedColumn } from '../../schema/unsupported-column.ts';
import { decodingOf } from './charsets.ts';
import { raise, TEXT, type Converter } from './column-type.ts';

export const TEXT_NAMES =
  /^(TINYTEXT|TEXT|MEDIUMTEXT|LONGTEXT|LONG|LONG VARCHAR|(NATIONAL )?(CHAR|CHARACTER|NCHAR)( VARYING| VARCHAR)?|(NATIONAL )?VARCHAR|NVARCHAR|VARCHARACTER)$/;

export const text: Converter = (column) => {
  // A streamed `VARCHAR(5) CHARACTER SET binary` is VARBINARY in MySQL, but Debezium decodes its bytes as text.
  if (column.charset === 'binary')
    throw new UnsupportedColumn(column, 'text with CHARACTER SET binary; declare it as BINARY, VARBINARY or BLOB');
  const { refused, restore, lost } = decodingOf(column.charset);
  if (refused !== null) throw new UnsupportedColumn(column, refused);
  const toSilver = (field: string): string => {
    const restored = restore === null ? field : `translate(${field}, '${restore[0]}', '${restore[1]}')`;
    if (lost === null) return restored;
    return `CASE WHEN ${lost(field)} THEN ${raise('VARCHAR', `a character of ${column.charset ?? ''} was lost`, field)} ELSE ${restored} END`;
  };
  return { logical: 'text', duckdbType: 'VARCHAR', jsonType: TEXT, toSilver };
};
