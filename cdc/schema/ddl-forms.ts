// Every form of schema change with what LedgerFlow does about it: the one table from which docs/schema-changes.md is made.
// A clause that no line knows holds the table: it may change rows without a change event.

import { shapeOf, type Token } from './ddl-tokens.ts';

/**
 * none: silver is not touched. shape: the columns before and after decide (SHAPE_FORMS). silent: MySQL changes rows and writes no
 * change event, so silver is held unless the table is empty.
 */
export type ClauseEffect = 'none' | 'shape' | 'silent';

export interface ClauseForm {
  readonly id: string;
  readonly form: string;
  readonly match: RegExp;
  readonly effect: ClauseEffect;
  readonly note: string;
}

const NAME = '(?:`|[\\w$\\u0080-\\uffff]+)';
const COLUMN = '(?:COLUMN )?';

function form(
  ...[id, effect, text, match, note = '']: [id: string, effect: ClauseEffect, text: string, match: string, note?: string]
): ClauseForm {
  return { id, form: text, match: new RegExp(`^(?:${match})(?: |$)`), effect, note };
}

const UNKNOWN = form('unknown', 'silent', 'any other clause', '.*', 'not known here, so nothing is assumed');

/** Clauses of ALTER TABLE over their text in one line (ddl-tokens.ts, shapeOf); the first that matches counts. */
export const CLAUSE_FORMS: readonly ClauseForm[] = [
  form(
    'index',
    'none',
    'ADD / DROP / RENAME / ALTER INDEX, KEY, CONSTRAINT, CHECK, FOREIGN KEY',
    `ADD (?:CONSTRAINT (?:(?!PRIMARY |UNIQUE |FOREIGN |CHECK )${NAME} )?)?(?:UNIQUE|INDEX|KEY|FULLTEXT|SPATIAL|FOREIGN KEY|CHECK)|DROP (?:INDEX|KEY|FOREIGN KEY|CHECK|CONSTRAINT)|RENAME (?:INDEX|KEY)|ALTER (?:INDEX|CHECK|CONSTRAINT)|ENABLE KEYS|DISABLE KEYS`,
  ),
  form('default', 'none', 'ALTER COLUMN SET / DROP DEFAULT, SET VISIBLE / INVISIBLE', `ALTER ${COLUMN}${NAME} (?:SET|DROP)`),
  form(
    'primary-key',
    'shape',
    'ADD / DROP PRIMARY KEY',
    `ADD (?:CONSTRAINT (?:(?!PRIMARY )${NAME} )?)?PRIMARY KEY|DROP PRIMARY KEY`,
    'see key change',
  ),
  form('silent-partition', 'silent', 'TRUNCATE / DROP PARTITION', '(?:TRUNCATE|DROP) PARTITION', 'deletes rows without change events'),
  form(
    'exchange-partition',
    'silent',
    'EXCHANGE PARTITION … WITH TABLE',
    'EXCHANGE PARTITION',
    'swaps rows without change events, in both tables',
  ),
  form('tablespace', 'silent', 'DISCARD / IMPORT TABLESPACE', '(?:DISCARD|IMPORT)', 'replaces rows without change events'),
  form(
    'partition',
    'none',
    'PARTITION BY, REMOVE PARTITIONING, ADD / REORGANIZE / COALESCE / REBUILD / OPTIMIZE / ANALYZE / CHECK PARTITION',
    '(?:ADD|REORGANIZE|COALESCE|REBUILD|OPTIMIZE|ANALYZE|CHECK) PARTITION|PARTITION BY|REMOVE PARTITIONING|WITH VALIDATION|WITHOUT VALIDATION',
    'rows stay what they are',
  ),
  form(
    'rename-table',
    'shape',
    'RENAME TO, also together with other clauses',
    'RENAME (?!COLUMN |INDEX |KEY )\\S+',
    'see rename of a table',
  ),
  form('rename-column', 'shape', 'RENAME COLUMN', 'RENAME COLUMN', 'see rename of a column'),
  form('drop-column', 'shape', 'DROP COLUMN', `DROP ${COLUMN}${NAME}`, 'see drop'),
  form('change-column', 'shape', 'CHANGE COLUMN', `CHANGE ${COLUMN}${NAME} ${NAME}`, 'see rename of a column and change of type'),
  form('modify-column', 'shape', 'MODIFY COLUMN, also FIRST / AFTER', `MODIFY ${COLUMN}${NAME}`, 'see change of type'),
  form('add-column', 'shape', 'ADD COLUMN, also FIRST / AFTER and in parentheses', `ADD ${COLUMN}(?:\\(|${NAME})`, 'see add'),
  form('charset', 'shape', 'CONVERT TO CHARACTER SET', 'CONVERT TO', 'see change of character set'),
  form('order', 'none', 'ORDER BY, FORCE', 'ORDER BY|FORCE'),
  form(
    'engine',
    'none',
    'ENGINE = InnoDB, MyISAM',
    'ENGINE (?:= )?(?:INNODB|MYISAM)',
    'other engines may lose rows: held like an unknown clause',
  ),
  form(
    'option',
    'none',
    'ALGORITHM, LOCK, COMMENT, AUTO_INCREMENT, ROW_FORMAT, default character set and other table options',
    '(?:ALGORITHM|LOCK|COMMENT|AUTO_INCREMENT|AUTOEXTEND_SIZE|AVG_ROW_LENGTH|CHECKSUM|COMPRESSION|DELAY_KEY_WRITE|ENCRYPTION|ENGINE_ATTRIBUTE|KEY_BLOCK_SIZE|MAX_ROWS|MIN_ROWS|PACK_KEYS|ROW_FORMAT|SECONDARY_ENGINE|SECONDARY_ENGINE_ATTRIBUTE|STATS_AUTO_RECALC|STATS_PERSISTENT|STATS_SAMPLE_PAGES|TABLESPACE|DEFAULT|CHARACTER SET|CHARSET|COLLATE|SECONDARY_LOAD|SECONDARY_UNLOAD)',
    'no row changes',
  ),
  UNKNOWN,
];

export function clauseForm(tokens: readonly Token[]): ClauseForm {
  const line = shapeOf(tokens);
  return CLAUSE_FORMS.find(({ match }) => match.test(line)) ?? UNKNOWN;
}

/** always: applied. fits: applied when no live row can have changed, else held. held: held whatever the rows are. */
export type ShapeClass = 'always' | 'fits' | 'held';

export interface ShapeForm {
  readonly form: string;
  readonly class: ShapeClass;
  /** What makes it doubtful: the rows that are looked for, or why it is held. */
  readonly note: string;
}

/** What the difference of two shapes can be. 'fits' looks at silver's live rows as they are just before the statement. */
export const SHAPE_FORMS = {
  'add-null': { form: 'ADD COLUMN that is NULL in old rows', class: 'always', note: 'old rows get NULL' },
  'add-constant': {
    form: 'ADD COLUMN with a constant DEFAULT, or NOT NULL without one',
    class: 'always',
    note: 'old rows get the value MySQL gave them',
  },
  'add-computed': {
    form: 'ADD COLUMN with CURRENT_TIMESTAMP, an expression, GENERATED, AUTO_INCREMENT, or a DEFAULT that is not surely the same text',
    class: 'fits',
    note: 'MySQL worked the values out without change events; only an empty table is surely right',
  },
  drop: { form: 'DROP COLUMN', class: 'always', note: 'history and bronze keep the values' },
  'rename-column': { form: 'RENAME COLUMN, CHANGE old new', class: 'always', note: 'rows and history go on under the new name' },
  'rename-table': { form: 'RENAME TABLE, also several at once and swaps', class: 'always', note: 'rows and history go with the name' },
  same: { form: 'MODIFY that changes only position, comment, default or collation', class: 'always', note: '' },
  widen: {
    form: 'MODIFY to a wider type: longer text, wider integer, more digits, more members, more fraction, NOT NULL to NULL',
    class: 'always',
    note: 'every value stays',
  },
  'not-null': { form: 'MODIFY from NULL to NOT NULL', class: 'fits', note: 'rows with NULL: MySQL may have written 0 or the empty text' },
  narrow: {
    form: 'MODIFY to a narrower type of the same kind',
    class: 'fits',
    note: 'rows whose value does not fit: MySQL may have cut it off',
  },
  charset: { form: 'change of the character set', class: 'fits', note: 'text beyond ASCII, where the new set does not surely have it' },
  generated: { form: 'MODIFY of a generated column', class: 'fits', note: 'MySQL works the values out anew' },
  retype: { form: 'change of the kind of type', class: 'fits', note: 'MySQL converted every row; only an empty table is surely right' },
  rekey: { form: 'another PRIMARY KEY', class: 'always', note: 'rows are identified by the new key from there on' },
  'key-made': {
    form: 'ADD PRIMARY KEY to a table without a key',
    class: 'fits',
    note: 'silver holds one row per change there, not one per row',
  },
  'key-lost': { form: 'DROP PRIMARY KEY without a new one', class: 'held', note: 'changes no longer say which row they mean' },
  unsupported: { form: 'a column of a type that cannot be carried', class: 'held', note: 'docs/types.md lists the carried ones' },
  'moved-in': { form: 'RENAME TABLE from another database', class: 'held', note: 'its rows were never captured' },
  xa: {
    form: 'rows of an XA transaction',
    class: 'held',
    note: 'they are read at XA PREPARE; whether they were committed or rolled back is not told',
  },
} as const satisfies Record<string, ShapeForm>;

export type ShapeFormId = keyof typeof SHAPE_FORMS;
