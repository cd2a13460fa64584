// Tokens of SQL text: just enough to find statement ends, leading keywords and parameters without being fooled by quotes and comments.
// It decides nothing about safety: what it cuts is parsed and judged again by DuckDB's own parser (guard.ts).

export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'symbol';
  readonly text: string;
  readonly start: number;
}

const SPACE = /(?:\s+|--[^\n]*)/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const QUOTED = /"(?:[^"]|"")*"?/y;
const STRING = /'(?:[^']|'')*'?/y;
const ESCAPE_STRING = /[eE]'(?:[^'\\]|\\[^]|'')*'?/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const PARAMETER = /\$\d+/y;
const NUMBER = /(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;

/** All tokens of a text; blanks and comments are left out. */
export function tokens(sql: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const blank = matchAt(SPACE, sql, at) ?? blockComment(sql, at);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    const token = tokenAt(sql, at);
    found.push(token);
    at += token.text.length;
  }
  return found;
}

function tokenAt(sql: string, start: number): Token {
  const kinds: readonly (readonly [Token['kind'], RegExp])[] = [
    ['string', ESCAPE_STRING],
    ['word', WORD],
    ['quoted', QUOTED],
    ['string', STRING],
    ['parameter', PARAMETER],
    ['number', NUMBER],
  ];
  const dollar = dollarString(sql, start);
  if (dollar !== undefined) return { kind: 'string', text: dollar, start };
  for (const [kind, pattern] of kinds) {
    const text = matchAt(pattern, sql, start);
    if (text !== undefined) return { kind, text, start };
  }
  return { kind: 'symbol', text: sql.charAt(start), start };
}

function matchAt(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

function dollarString(sql: string, at: number): string | undefined {
  const tag = matchAt(DOLLAR_TAG, sql, at);
  if (tag === undefined) return undefined;
  const end = sql.indexOf(tag, at + tag.length);
  return end < 0 ? sql.slice(at) : sql.slice(at, end + tag.length);
}

/** A block comment, which may contain others. */
function blockComment(sql: string, at: number): string | undefined {
  if (!sql.startsWith('/*', at)) return undefined;
  let depth = 0;
  let end = at;
  while (end < sql.length) {
    if (sql.startsWith('/*', end)) {
      depth += 1;
      end += 2;
    } else if (sql.startsWith('*/', end)) {
      depth -= 1;
      end += 2;
      if (depth === 0) break;
    } else end += 1;
  }
  return sql.slice(at, end);
}

/** The statements of a text, cut at the semicolons between them; empty ones are left out. */
export function splitStatements(sql: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let something = false;
  for (const token of tokens(sql)) {
    if (token.kind !== 'symbol' || token.text !== ';') {
      something = true;
      continue;
    }
    if (something) parts.push(sql.slice(from, token.start).trim());
    from = token.start + 1;
    something = false;
  }
  if (something) parts.push(sql.slice(from).trim());
  return parts;
}

/** Replaces tokens of a text; the rest stays as it is. */
export function replaceTokens(sql: string, replacement: (token: Token) => string | undefined): string {
  let result = '';
  let from = 0;
  for (const token of tokens(sql)) {
    const text = replacement(token);
    if (text === undefined) continue;
    result += sql.slice(from, token.start) + text;
    from = token.start + token.text.length;
  }
  return result + sql.slice(from);
}
