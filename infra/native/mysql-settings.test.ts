import { describe, expect, it } from 'vitest';
import { judgeSettings } from './mysql-admin.ts';

const GOOD: readonly (readonly [string, string])[] = [
  ['log_bin', 'ON'],
  ['binlog_format', 'ROW'],
  ['binlog_row_image', 'FULL'],
  ['binlog_row_metadata', 'FULL'],
  ['binlog_row_value_options', ''],
  ['gtid_mode', 'ON'],
  ['log_bin_trust_function_creators', 'ON'],
  ['sql_mode', 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'],
];

const wrongNames = (changes: readonly (readonly [string, string])[]): string[] =>
  judgeSettings(new Map([...GOOD, ...changes]))
    .filter(({ ok }) => !ok)
    .map(({ name, change }) => `${name}: ${change === '' ? 'no advice' : 'advice'}`);

describe('the settings of the MySQL server', () => {
  it('are right as MySQL 9 and infra/mysql/my.cnf have them', () => {
    expect(wrongNames([])).toEqual([]);
  });

  it.each([
    ['binlog_row_value_options', 'PARTIAL_JSON'],
    ['binlog_row_image', 'MINIMAL'],
    ['binlog_row_metadata', 'MINIMAL'],
    ['sql_mode', ''],
    ['sql_mode', 'STRICT_TRANS_TABLES,NO_ZERO_DATE'],
    ['sql_mode', 'NO_ZERO_IN_DATE,NO_ZERO_DATE'],
    ['sql_mode', 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,PAD_CHAR_TO_FULL_LENGTH'],
  ])('are named when %s is %j', (name, value) => {
    expect(wrongNames([[name, value]])).toEqual([`${name}: advice`]);
  });
});
