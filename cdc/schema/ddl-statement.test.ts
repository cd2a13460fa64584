import { describe, expect, it } from 'vitest';
import { CLAUSE_FORMS } from './ddl-forms.ts';
import { parseDdl } from './ddl-statement.ts';
import { tokenize } from './ddl-tokens.ts';

/** Forms of an ALTER TABLE's clauses. */
function forms(ddl: string): string[] {
  const statement = parseDdl(ddl);
  return statement.kind === 'alter' ? statement.clauses.map(({ form }) => form.id) : [statement.kind];
}

describe('tokens', () => {
  it('leave comments out, keep executable ones, and resolve quotes', () => {
    const text = (sql: string): string[] => tokenize(sql).map((token) => `${token.kind}:${token.text}`);
    expect(text("/* a */ x -- b\n# c\n/*!80000 y */ `q``r` 'it''s \\'n' \"d\"\"d\" 0x41 b'1' -1.5e3 naïve$")).toEqual([
      ...['word:x', 'word:y', 'name:q`r', "string:it's 'n", 'string:d"d', 'number:0x41', "number:b'1'", 'symbol:-', 'number:1.5e3'],
      'word:naïve$',
    ]);
    expect(text("'never closed")).toEqual(['string:never closed']);
  });
});

describe('ALTER TABLE', () => {
  it.each([
    [
      'ALTER TABLE t ADD COLUMN a INT, DROP COLUMN b, MODIFY c BIGINT, RENAME COLUMN d TO e',
      'add-column,drop-column,modify-column,rename-column',
    ],
    ["ALTER TABLE t CHANGE a b DECIMAL(12,2) COMMENT 'x, DROP PARTITION p', ADD (c INT, d INT)", 'change-column,add-column'],
    ['alter table `db`.`t` add index ix (a, b), add constraint fk foreign key (a) references o (id)', 'index,index'],
    ['ALTER TABLE t ADD CONSTRAINT PRIMARY KEY (a), ADD UNIQUE KEY u (b)', 'primary-key,index'],
    ['ALTER TABLE t ADD CONSTRAINT ck CHECK (a > 0), DROP CHECK ck2, DROP INDEX i', 'index,index,index'],
    ['ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (a, b)', 'primary-key,primary-key'],
    ['ALTER TABLE t TRUNCATE PARTITION p0, p1', 'silent-partition'],
    ['ALTER TABLE t DROP PARTITION p0, p1', 'silent-partition'],
    ['ALTER TABLE t EXCHANGE PARTITION p WITH TABLE o WITHOUT VALIDATION', 'exchange-partition'],
    ['ALTER TABLE t REORGANIZE PARTITION a, b INTO (PARTITION c VALUES LESS THAN (5))', 'partition'],
    ['ALTER TABLE t ADD PARTITION (PARTITION p9 VALUES LESS THAN (9))', 'partition'],
    ['ALTER TABLE t ENGINE=InnoDB ROW_FORMAT=DYNAMIC, ORDER BY a, b DESC', 'engine,option,order'],
    ['ALTER TABLE t ENGINE = BLACKHOLE', 'unknown'],
    ['ALTER TABLE t DISCARD TABLESPACE', 'tablespace'],
    ["ALTER TABLE t COMMENT 'RENAME TO x', ALGORITHM=INSTANT, LOCK=NONE", 'option,option,option'],
    ['ALTER TABLE t ALTER COLUMN a SET DEFAULT 4, ALTER INDEX i INVISIBLE, RENAME INDEX i TO j', 'default,index,index'],
    ['ALTER TABLE t CONVERT TO CHARACTER SET latin1', 'charset'],
    ['ALTER TABLE t ADD `index` INT, ADD COLUMN `check` INT', 'add-column,add-column'],
    ['ALTER TABLE d2 /*!50100 ADD COLUMN ver INT DEFAULT 1', 'add-column'],
    ['ALTER TABLE t SOMETHING NEW (1, 2)', 'unknown'],
    ['ALTER TABLE t', ''],
    ['ALTER DATABASE bank CHARACTER SET latin1', 'other'],
    ['CREATE INDEX ix ON t (a)', 'other'],
  ])('%s', (ddl, found) => {
    expect(forms(ddl).join(',')).toBe(found);
  });

  it('finds renamed columns and tables, and the other table of an exchange', () => {
    expect(parseDdl('ALTER TABLE `a` ADD COLUMN z INT, RENAME AS b, CHANGE COLUMN `x y` w INT')).toMatchObject({
      table: { database: null, table: 'a' },
      renamedTo: { database: null, table: 'b' },
      clauses: [{}, {}, { renames: ['x y', 'w'], columns: [{ name: 'w' }] }],
    });
    expect(parseDdl('ALTER TABLE p EXCHANGE PARTITION q WITH TABLE bank.o')).toMatchObject({
      clauses: [{ other: { database: 'bank', table: 'o' } }],
    });
  });

  it('has a form for every clause, the last for all that is not known', () => {
    expect(new Set(CLAUSE_FORMS.map(({ id }) => id)).size).toBe(CLAUSE_FORMS.length);
    expect(CLAUSE_FORMS.at(-1)).toMatchObject({ id: 'unknown', effect: 'silent' });
  });
});

describe('RENAME TABLE and CREATE TABLE', () => {
  it('names every pair', () => {
    expect(parseDdl('rename table `bank`.`we``ird t` to x, c TO other.d')).toEqual({
      kind: 'rename',
      pairs: [
        [
          { database: 'bank', table: 'we`ird t' },
          { database: null, table: 'x' },
        ],
        [
          { database: null, table: 'c' },
          { database: 'other', table: 'd' },
        ],
      ],
    });
    expect(parseDdl('CREATE TABLE IF NOT EXISTS t (a INT)')).toEqual({ kind: 'create', ifNotExists: true });
    expect(parseDdl('CREATE TABLE t LIKE o')).toEqual({ kind: 'create', ifNotExists: false });
  });
});
