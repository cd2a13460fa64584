// CHAR, VARCHAR and the TEXT types: Debezium has decoded the column's character set, JSON carries UTF-8.

import { UnsupportedColumn } from '../../schema/unsupported-column.ts';
import { TEXT, type Converter } from './column-type.ts';

export const TEXT_NAMES =
  /^(TINYTEXT|TEXT|MEDIUMTEXT|LONGTEXT|LONG|LONG VARCHAR|(NATIONAL )?(CHAR|CHARACTER|NCHAR)( VARYING| VARCHAR)?|(NATIONAL )?VARCHAR|NVARCHAR|VARCHARACTER)$/;

export const text: Converter = (column) => {
  // A streamed `VARCHAR(5) CHARACTER SET binary` is VARBINARY in MySQL, but Debezium decodes its bytes as text.
  if (column.charset === 'binary')
    throw new UnsupportedColumn(column, 'text with CHARACTER SET binary; declare it as BINARY, VARBINARY or BLOB');
  return { logical: 'text', duckdbType: 'VARCHAR', jsonType: TEXT, toSilver: (field) => field };
};
