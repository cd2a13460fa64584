// The few spellings that clients of PostgreSQL send and DuckDB's parser does not know. Each names the client that sends it.

import { tokens } from './lexer.ts';

/** The text as DuckDB can parse it. Only whole tokens outside quotes are touched. */
export function forDuckDB(sql: string): string {
  if (!/operator|collate/i.test(sql)) return sql;
  let result = '';
  let from = 0;
  const words = tokens(sql);
  for (let at = 0; at < words.length; at += 1) {
    for (const { shape, replacement } of SPELLINGS) {
      const taken = words.slice(at, at + shape.length);
      if (taken.length !== shape.length || !shape.every((pattern, index) => pattern.test(taken[index]?.text ?? ''))) continue;
      const [first, last] = [taken[0], taken.at(-1)];
      if (first === undefined || last === undefined) continue;
      result += sql.slice(from, first.start) + replacement(taken.map((token) => token.text));
      from = last.start + last.text.length;
      at += shape.length - 1;
      break;
    }
  }
  return result + sql.slice(from);
}

interface Spelling {
  readonly shape: readonly RegExp[];
  readonly replacement: (texts: readonly string[]) => string;
}

const SPELLINGS: readonly Spelling[] = [
  // psql \d name: relname OPERATOR(pg_catalog.~) '^(name)$' COLLATE pg_catalog.default. Two-character operators first.
  { shape: [/^operator$/i, /^\($/, /^pg_catalog$/i, /^\.$/, /^[!~<>=]$/, /^[~*=>]$/, /^\)$/], replacement: (texts) => ` ${texts[4]}${texts[5]} ` },
  { shape: [/^operator$/i, /^\($/, /^pg_catalog$/i, /^\.$/, /^[~<>=+*/-]$/, /^\)$/], replacement: (texts) => ` ${texts[4]} ` },
  { shape: [/^collate$/i, /^pg_catalog$/i, /^\.$/, /^"?default"?$/i], replacement: () => '' },
];
