// The few spellings that clients of PostgreSQL send and DuckDB's parser does not know. Each names the client that sends it.

import { tokens } from './lexer.ts';

interface Spelling {
  readonly shape: readonly RegExp[];
  readonly replacement: (texts: readonly string[]) => string;
}

const OPERATOR_SIGN = /^[!~<>=+*/-]$/;

const SPELLINGS: readonly Spelling[] = [
  // psql's \d name: relname OPERATOR(pg_catalog.~) '^(name)$' COLLATE pg_catalog.default. Operators of two signs first.
  {
    shape: [/^operator$/i, /^\($/, /^"?pg_catalog"?$/i, /^\.$/, OPERATOR_SIGN, OPERATOR_SIGN, /^\)$/],
    replacement: (texts) => ` ${texts[4]}${texts[5]} `,
  },
  { shape: [/^operator$/i, /^\($/, /^"?pg_catalog"?$/i, /^\.$/, OPERATOR_SIGN, /^\)$/], replacement: (texts) => ` ${texts[4]} ` },
  { shape: [/^collate$/i, /^"?pg_catalog"?$/i, /^\.$/, /^"?(default|C)"?$/i], replacement: () => '' },
  // All clients: x::pg_catalog.text, pg_catalog.format_type(…), pg_catalog.pg_class. The catalog's names are known without it.
  { shape: [/^"?pg_catalog"?$/i, /^\.$/], replacement: () => '' },
  // JDBC tools and SQLAlchemy: x::information_schema.sql_identifier.
  { shape: [/^:$/, /^:$/, /^information_schema$/i, /^\.$/, /^\w+$/], replacement: () => '::text' },
];

const WORTH_A_LOOK = /pg_catalog|information_schema/i;

/** The text as DuckDB can parse it. Only whole tokens outside quotes are touched. */
export function forDuckDB(sql: string): string {
  if (!WORTH_A_LOOK.test(sql)) return sql;
  const words = tokens(sql);
  let result = '';
  let from = 0;
  for (let at = 0; at < words.length; at += 1) {
    const spelling = SPELLINGS.find(({ shape }) =>
      shape.every((pattern, index) => words[at + index]?.kind !== 'string' && pattern.test(words[at + index]?.text ?? '')),
    );
    const first = words[at];
    const last = words[at + (spelling?.shape.length ?? 0) - 1];
    if (spelling === undefined || first === undefined || last === undefined) continue;
    const texts = words.slice(at, at + spelling.shape.length).map((token) => token.text);
    result += sql.slice(from, first.start) + spelling.replacement(texts);
    from = last.start + last.text.length;
    at += spelling.shape.length - 1;
  }
  return result + sql.slice(from);
}
