// JSON as the text Debezium sends. It is not reformatted: a parser would round long numbers. The snapshot writes MySQL's spacing
// (`{"a": 1}`), the binlog none (`{"a":1}`): the values are equal, the texts need not be.

import { TEXT, type Converter } from './column-type.ts';

export const json: Converter = () => ({ logical: 'json', duckdbType: 'VARCHAR', jsonType: TEXT, toSilver: (field) => field });
