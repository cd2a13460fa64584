// What kind of statement a text is, by its leading words. Queries go on to the guard; session commands are answered by the endpoint itself.

import { SqlFailure, refused } from './failures.ts';
import { tokens, type Token } from './lexer.ts';

export type Command =
  | { readonly kind: 'empty' }
  | { readonly kind: 'query'; readonly sql: string; readonly tag: 'SELECT' | 'EXPLAIN' }
  | { readonly kind: 'explain'; readonly sql: string; readonly prefix: string }
  | { readonly kind: 'copy'; readonly sql: string; readonly csv: boolean; readonly header: boolean; readonly delimiter: string }
  | { readonly kind: 'begin' | 'commit' | 'rollback'; readonly tag: string }
  | { readonly kind: 'set'; readonly name: string; readonly value: string | undefined }
  | { readonly kind: 'show'; readonly name: string }
  | { readonly kind: 'reset' | 'deallocate' | 'close'; readonly name: string | undefined }
  | { readonly kind: 'accepted'; readonly tag: string };

type Parse = (words: readonly Token[], sql: string) => Command;

const QUERY: Parse = (_words, sql) => ({ kind: 'query', sql, tag: 'SELECT' });

const PARSERS: Readonly<Record<string, Parse>> = {
  SELECT: QUERY,
  WITH: QUERY,
  VALUES: QUERY,
  FROM: QUERY,
  '(': QUERY,
  TABLE: (words, sql) => ({ kind: 'query', sql: `SELECT * FROM ${after(words, 0, sql)}`, tag: 'SELECT' }),
  DESCRIBE: describe,
  DESC: describe,
  SUMMARIZE: (words, sql) => ({ kind: 'query', sql: `SUMMARIZE ${relationOrQuery(words, sql)}`, tag: 'SELECT' }),
  EXPLAIN: explain,
  SHOW: show,
  BEGIN: begin,
  START: begin,
  COMMIT: () => ({ kind: 'commit', tag: 'COMMIT' }),
  END: () => ({ kind: 'commit', tag: 'COMMIT' }),
  ROLLBACK: (words) => (upper(words[1]) === 'TO' ? savepoint() : { kind: 'rollback', tag: 'ROLLBACK' }),
  ABORT: () => ({ kind: 'rollback', tag: 'ROLLBACK' }),
  SAVEPOINT: savepoint,
  SET: set,
  RESET: (words) => ({ kind: 'reset', name: upper(words[1]) === 'ALL' ? undefined : settingName(words, 1).name }),
  DISCARD: (words) =>
    upper(words[1]) === 'ALL' ? { kind: 'reset', name: undefined } : { kind: 'accepted', tag: `DISCARD ${upper(words[1])}` },
  DEALLOCATE: (words) => {
    const name = words[upper(words[1]) === 'PREPARE' ? 2 : 1];
    return { kind: 'deallocate', name: name === undefined || upper(name) === 'ALL' ? undefined : unquote(name) };
  },
  CLOSE: (words) => ({ kind: 'close', name: upper(words[1]) === 'ALL' || words[1] === undefined ? undefined : unquote(words[1]) }),
  LISTEN: () => ({ kind: 'accepted', tag: 'LISTEN' }),
  UNLISTEN: () => ({ kind: 'accepted', tag: 'UNLISTEN' }),
  COPY: copy,
};

const CURSORS: ReadonlySet<string> = new Set(['DECLARE', 'FETCH', 'MOVE']);

/** Statements that exist but have no place here. */
const WRITES: ReadonlySet<string> = new Set(
  (
    'ALTER ANALYZE ATTACH CALL CHECKPOINT CLUSTER COMMENT CREATE DELETE DETACH DO DROP EXECUTE EXPORT FORCE GRANT IMPORT INSERT INSTALL ' +
    'LOAD LOCK MERGE NOTIFY PIVOT PIVOT_WIDER PRAGMA PREPARE REFRESH REINDEX REVOKE TRUNCATE UNPIVOT UPDATE USE VACUUM'
  ).split(' '),
);

/** @throws SqlFailure 25006 for everything that is not a read or a session command. */
export function parseCommand(sql: string): Command {
  const words = tokens(sql);
  const head = words[0];
  if (head === undefined) return { kind: 'empty' };
  const parse = PARSERS[upper(head)];
  if (parse !== undefined) return parse(words, sql);
  if (CURSORS.has(upper(head)))
    throw new SqlFailure('0A000', `${upper(head)} is not supported`, {
      hint: "Use the protocol's own cursors: a fetch size, or rows in portions.",
    });
  if (WRITES.has(upper(head))) throw refused(upper(head));
  throw new SqlFailure('42601', `syntax error at or near "${head.text.slice(0, 40)}"`, { position: head.start + 1 });
}

export function unquote(token: Token): string {
  return token.kind === 'quoted' ? token.text.slice(1, -1).replaceAll('""', '"') : token.text.toLowerCase();
}

function upper(token: Token | undefined): string {
  return token?.kind === 'word' || token?.kind === 'symbol' ? token.text.toUpperCase() : '';
}

/** The text that follows token `index`. */
function after(words: readonly Token[], index: number, sql: string): string {
  const token = words[index];
  return token === undefined ? '' : sql.slice(token.start + token.text.length);
}

/** DESCRIBE and SUMMARIZE of a name become those of a query, so that the guard sees the relation. */
function relationOrQuery(words: readonly Token[], sql: string): string {
  const first = upper(words[1]) === 'TABLE' ? 2 : 1;
  const rest = after(words, first - 1, sql);
  return ['SELECT', 'WITH', 'VALUES', 'FROM', '('].includes(upper(words[first])) ? rest : `SELECT * FROM ${rest}`;
}

function describe(words: readonly Token[], sql: string): Command {
  return { kind: 'query', sql: words.length === 1 ? LIST_RELATIONS : `DESCRIBE ${relationOrQuery(words, sql)}`, tag: 'SELECT' };
}

const LIST_RELATIONS = 'SELECT table_schema AS schema, table_name AS name, table_type AS type FROM information_schema.tables ORDER BY 1, 2';
const LIST_SCHEMAS = 'SELECT schema_name AS schema FROM information_schema.schemata ORDER BY 1';
const LIST_DATABASES = 'SELECT datname AS database FROM pg_catalog.pg_database ORDER BY 1';

function show(words: readonly Token[]): Command {
  const what = words.slice(1).map(upper).join(' ');
  if (what === 'TABLES' || what === 'ALL TABLES') return { kind: 'query', sql: LIST_RELATIONS, tag: 'SELECT' };
  if (what === 'SCHEMAS') return { kind: 'query', sql: LIST_SCHEMAS, tag: 'SELECT' };
  if (what === 'DATABASES') return { kind: 'query', sql: LIST_DATABASES, tag: 'SELECT' };
  if (words.length === 1) throw new SqlFailure('42601', 'SHOW needs the name of a setting');
  return { kind: 'show', name: what === 'TRANSACTION ISOLATION LEVEL' ? 'transaction_isolation' : settingName(words, 1).name };
}

function begin(words: readonly Token[]): Command {
  const modes = words.map(upper).join(' ');
  if (modes.includes('READ WRITE')) throw refused('READ WRITE');
  return { kind: 'begin', tag: modes.startsWith('START') ? 'START TRANSACTION' : 'BEGIN' };
}

function savepoint(): never {
  throw new SqlFailure('0A000', 'savepoints are not supported', { hint: 'A read-only transaction has nothing to roll back to.' });
}

function explain(words: readonly Token[], sql: string): Command {
  let index = 1;
  if (words[1]?.text === '(') {
    while (index < words.length && words[index]?.text !== ')') index += 1;
    index += 1;
  } else while (['ANALYZE', 'VERBOSE'].includes(upper(words[index]))) index += 1;
  const analyze = words.slice(1, index).some((word) => upper(word) === 'ANALYZE');
  return { kind: 'explain', sql: after(words, index - 1, sql).trim(), prefix: analyze ? 'EXPLAIN ANALYZE ' : 'EXPLAIN ' };
}

/** SET [SESSION|LOCAL] name {TO|=} value; also SET TIME ZONE value and SET [SESSION CHARACTERISTICS AS] TRANSACTION modes. */
function set(words: readonly Token[], sql: string): Command {
  const scope = ['SESSION', 'LOCAL'].includes(upper(words[1])) && words[2]?.text !== '=' && upper(words[2]) !== 'TO';
  const at = scope ? 2 : 1;
  const head = upper(words[at]);
  if (head === 'TRANSACTION' || head === 'CHARACTERISTICS') {
    if (words.map(upper).join(' ').includes('READ WRITE')) throw refused('READ WRITE');
    return { kind: 'accepted', tag: 'SET' };
  }
  if (head === 'TIME' && upper(words[at + 1]) === 'ZONE')
    return { kind: 'set', name: 'timezone', value: settingValue(words.slice(at + 2)) };
  if (head === 'NAMES') return { kind: 'set', name: 'client_encoding', value: settingValue(words.slice(at + 1)) };
  const { name, end } = settingName(words, at);
  const link = words[end];
  if (link === undefined || (link.text !== '=' && upper(link) !== 'TO')) throw refused(sql.slice(0, 60).trim());
  return { kind: 'set', name, value: settingValue(words.slice(end + 1)) };
}

function settingName(words: readonly Token[], at: number): { name: string; end: number } {
  const first = words[at];
  if (first === undefined) throw new SqlFailure('42601', 'the name of a setting is missing');
  const second = words[at + 1]?.text === '.' ? words[at + 2] : undefined;
  if (second === undefined) return { name: unquote(first).toLowerCase(), end: at + 1 };
  return { name: `${unquote(first)}.${unquote(second)}`.toLowerCase(), end: at + 3 };
}

function settingValue(words: readonly Token[]): string | undefined {
  if (words.length === 1 && upper(words[0]) === 'DEFAULT') return undefined;
  const texts = words.map((word) =>
    word.kind === 'string' ? word.text.replace(/^'|'$/g, '').replaceAll("''", "'") : word.kind === 'word' ? word.text : unquote(word),
  );
  return texts.join('').replaceAll(',', ', ');
}

/** COPY (query) TO STDOUT [WITH] (FORMAT csv, HEADER, DELIMITER 'x') or the old form without brackets. */
function copy(words: readonly Token[], sql: string): Command {
  let depth = 0;
  let end = 1;
  do {
    if (words[end]?.text === '(') depth += 1;
    if (words[end]?.text === ')') depth -= 1;
    end += 1;
  } while (end < words.length && (depth > 0 || words[end]?.text === '.' || words[end - 1]?.text === '.'));
  if (upper(words[end]) !== 'TO' || upper(words[end + 1]) !== 'STDOUT') throw refused('COPY other than COPY (query) TO STDOUT');
  const [first, last] = [words[1], words[end - 1]];
  if (first === undefined || last === undefined) throw refused('COPY');
  const source = sql.slice(first.start, last.start + last.text.length);
  const options = words.slice(end + 2);
  const names = options.map(upper);
  const csv = names.includes('CSV');
  const delimiterAt = names.indexOf('DELIMITER');
  const delimiter = options
    .slice(delimiterAt + 1)
    .find((word) => word.kind === 'string')
    ?.text.slice(1, -1);
  const header = names.includes('HEADER') && !['FALSE', 'OFF'].includes(names[names.indexOf('HEADER') + 1] ?? '');
  const query = first.text === '(' ? source.slice(1, -1) : `SELECT * FROM ${source}`;
  return { kind: 'copy', sql: query, csv, header, delimiter: (delimiterAt < 0 ? undefined : delimiter) ?? (csv ? ',' : '\t') };
}
