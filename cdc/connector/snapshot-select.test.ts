import { describe, expect, it } from 'vitest';
import { snapshotSelect } from './snapshot-select.ts';

const select = (...columnTypes: string[]): string | null =>
  snapshotSelect(
    'ba`nk',
    't',
    columnTypes.map((columnType, index) => ({ name: `c${index}`, columnType })),
  );

describe('the SELECT of the snapshot', () => {
  it("is Debezium's own where that is exact", () => {
    expect(select('bigint unsigned', 'double', 'decimal(65,30)', 'varchar(10)', "enum('float','year')", 'point')).toBeNull();
  });

  it.each([
    ['float', 'CAST(`c1` AS DOUBLE) AS `c1`'],
    ['float(7,4) unsigned', 'CAST(`c1` AS DOUBLE) AS `c1`'],
    ['double(20,5)', 'CAST(`c1` AS DOUBLE) AS `c1`'],
    ['double unsigned zerofill', 'CAST(`c1` AS DOUBLE) AS `c1`'],
    ['decimal(20,5) unsigned zerofill', 'CAST(`c1` AS DECIMAL(20,5)) AS `c1`'],
    ['int(10) unsigned zerofill', 'CAST(`c1` AS UNSIGNED) AS `c1`'],
    ['bigint(20) unsigned zerofill', 'CAST(`c1` AS UNSIGNED) AS `c1`'],
    ['year', 'CASE WHEN `c1` = 0 THEN 1900 ELSE CAST(`c1` AS SIGNED) END AS `c1`'],
  ])('reads %s in a form whose text is exact', (columnType, item) => {
    expect(select('int', columnType)).toBe(`SELECT \`c0\`, ${item} FROM \`ba\`\`nk\`.\`t\``);
  });
});
