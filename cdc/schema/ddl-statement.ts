// What a DDL statement says beyond Debezium's table changes: renamed tables and columns, defaults, clauses that change rows in silence.

import { clauseForm, type ClauseForm } from './ddl-forms.ts';
import { isWord, shapeOf, splitAtCommas, tokenize, type Token } from './ddl-tokens.ts';

export interface TableName {
  /** Null when the statement names none: the session's database. */
  readonly database: string | null;
  readonly table: string;
}

/** One column of an ADD, MODIFY or CHANGE. */
export interface ColumnClause {
  readonly name: string;
  /** Tokens after the name: type and attributes. */
  readonly definition: readonly Token[];
}

export interface AlterClause {
  readonly form: ClauseForm;
  readonly columns: readonly ColumnClause[];
  /** Old and new name of a column. */
  readonly renames: readonly [string, string] | null;
  /** Another table that the clause changes (EXCHANGE PARTITION). */
  readonly other: TableName | null;
}

export type DdlStatement =
  | { readonly kind: 'alter'; readonly table: TableName; readonly renamedTo: TableName | null; readonly clauses: readonly AlterClause[] }
  | { readonly kind: 'rename'; readonly pairs: readonly (readonly [TableName, TableName])[] }
  | { readonly kind: 'create'; readonly ifNotExists: boolean }
  /** No form known to change a table's rows or shape beyond what Debezium's table changes say. */
  | { readonly kind: 'other' };

const OTHER: DdlStatement = { kind: 'other' };

export function parseDdl(ddl: string): DdlStatement {
  const tokens = tokenize(ddl).filter((token, index, all) => !(index === all.length - 1 && isWord(token, ';')));
  if (isWord(tokens[0], 'RENAME') && isWord(tokens[1], 'TABLE', 'TABLES')) return renameStatement(tokens.slice(2));
  if (isWord(tokens[0], 'ALTER')) return alterStatement(tokens);
  if (isWord(tokens[0], 'CREATE')) {
    const at = tokens.findIndex((token) => isWord(token, 'TABLE'));
    return at < 0 || at > 2 ? OTHER : { kind: 'create', ifNotExists: isWord(tokens[at + 1], 'IF') };
  }
  return OTHER;
}

function renameStatement(tokens: readonly Token[]): DdlStatement {
  const pairs = splitAtCommas(tokens).flatMap((part): (readonly [TableName, TableName])[] => {
    const from = tableName(part, 0);
    const to = from === null || !isWord(part[from.next], 'TO') ? null : tableName(part, from.next + 1);
    return from === null || to === null ? [] : [[from.name, to.name]];
  });
  return { kind: 'rename', pairs };
}

function alterStatement(tokens: readonly Token[]): DdlStatement {
  const at = tokens.findIndex((token) => isWord(token, 'TABLE'));
  if (at < 0 || at > 2) return OTHER; // ALTER DATABASE, ALTER VIEW, ALTER USER …
  const from = tableName(tokens, at + 1);
  if (from === null) return OTHER;
  const clauses = joinNames(splitAtCommas(separateOptions(tokens.slice(from.next)))).map(alterClause);
  const renamed = clauses.find(({ form, other }) => form.id === 'rename-table' && other !== null);
  return { kind: 'alter', table: from.name, renamedTo: renamed?.other ?? null, clauses };
}

/** Table options may follow each other without a comma: `ENGINE=InnoDB COMMENT='x'`. Each begins a clause of its own. */
function separateOptions(tokens: readonly Token[]): Token[] {
  const option = /^(ENGINE|COMMENT|ROW_FORMAT|AUTO_INCREMENT|KEY_BLOCK_SIZE|PARTITION|REMOVE|ALGORITHM|LOCK)$/;
  const joined: Token[] = [];
  let depth = 0;
  let inOption = false;
  for (const [index, token] of tokens.entries()) {
    if (isWord(token, '(')) depth += 1;
    else if (isWord(token, ')')) depth -= 1;
    const begins = depth === 0 && token.kind === 'word' && option.test(token.text.toUpperCase());
    const free = index === 0 || isWord(joined.at(-1), ',');
    if (begins && inOption && !free && !isWord(tokens[index - 1], 'BY', 'PARTITION', 'REMOVE')) joined.push({ kind: 'symbol', text: ',' });
    if (free || isWord(joined.at(-2), ',')) inOption = begins;
    joined.push(token);
  }
  return joined;
}

/** `ORDER BY a, b` and `DROP PARTITION p0, p1` are one clause each: what is only a name belongs to the one before. */
function joinNames(parts: readonly Token[][]): Token[][] {
  const joined: Token[][] = [];
  for (const part of parts) {
    const [before, line] = [joined.at(-1), shapeOf(part)];
    const list = before !== undefined && /order|partition/.test(clauseForm(before).id);
    if (list && clauseForm(part).id === 'unknown' && /^(?:`|[\w$\u0080-\uffff]+)(?: (?:ASC|DESC|INTO .*))?$/.test(line))
      before.push(...part);
    else joined.push(part);
  }
  return joined;
}

function alterClause(tokens: readonly Token[]): AlterClause {
  const form = clauseForm(tokens);
  return {
    form,
    columns: columnsOf(form, tokens),
    renames: renamesOf(form, tokens),
    other: otherTable(form, tokens),
  };
}

function columnsOf({ id }: ClauseForm, tokens: readonly Token[]): ColumnClause[] {
  if (id === 'add-column' || id === 'modify-column') {
    const rest = tokens.slice(isWord(tokens[1], 'COLUMN') ? 2 : 1);
    if (!isWord(rest[0], '(')) return [columnClause(rest)];
    return splitAtCommas(rest.slice(1, -1)).map(columnClause);
  }
  if (id === 'change-column') return [columnClause(tokens.slice(isWord(tokens[1], 'COLUMN') ? 3 : 2))];
  return [];
}

function columnClause(tokens: readonly Token[]): ColumnClause {
  return { name: tokens[0]?.text ?? '', definition: tokens.slice(1) };
}

function renamesOf({ id }: ClauseForm, tokens: readonly Token[]): [string, string] | null {
  if (id === 'rename-column') return [tokens[2]?.text ?? '', tokens[4]?.text ?? ''];
  if (id !== 'change-column') return null;
  const at = isWord(tokens[1], 'COLUMN') ? 2 : 1;
  return [tokens[at]?.text ?? '', tokens[at + 1]?.text ?? ''];
}

function otherTable({ id }: ClauseForm, tokens: readonly Token[]): TableName | null {
  if (id === 'rename-table') return tableName(tokens, isWord(tokens[1], 'TO', 'AS', '=') ? 2 : 1)?.name ?? null;
  if (id !== 'exchange-partition') return null;
  const at = tokens.findIndex((token) => isWord(token, 'TABLE'));
  return tableName(tokens, at + 1)?.name ?? null;
}

function tableName(tokens: readonly Token[], at: number): { name: TableName; next: number } | null {
  const first = tokens[at];
  if (first === undefined || first.kind === 'symbol') return null;
  const second = tokens[at + 2];
  if (isWord(tokens[at + 1], '.') && second !== undefined) return { name: { database: first.text, table: second.text }, next: at + 3 };
  return { name: { database: null, table: first.text }, next: at + 1 };
}
