// MySQL's statement text as tokens: comments gone, the content of executable comments kept, quoted names told from strings.

/** word: keyword or bare name; name: in backticks; string: in quotes; number: digits, 0x…, b'…'; symbol: one character. */
export interface Token {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'symbol';
  /** Unquoted, with escapes resolved; words as they were written. */
  readonly text: string;
}

const RULES: readonly (readonly [RegExp, Token['kind'] | null])[] = [
  [/\s+/y, null],
  [/--(?=\s|$)[^\n]*/y, null],
  [/#[^\n]*/y, null],
  [/\/\*!\d*/y, null], // executed: what stands in it counts. Debezium leaves out the end of one that ends the statement.
  [/\/\*.*?(?:\*\/|$)/sy, null],
  [/\*\//y, null],
  [/`(?:[^`]|``)*`?/y, 'name'],
  [/(?:0x[0-9a-f]+|0b[01]+|[xb]'[0-9a-f]*')/iy, 'number'],
  [/'(?:[^'\\]|\\.|'')*'?/sy, 'string'],
  [/"(?:[^"\\]|\\.|"")*"?/sy, 'string'],
  [/(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w$\u0080-\uffff])/iy, 'number'],
  [/[\w$\u0080-\uffff]+/y, 'word'],
  [/./sy, 'symbol'],
];

const ESCAPED: Readonly<Record<string, string>> = { '0': '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' };

/** Never throws: what is no token of MySQL comes as symbols. */
export function tokenize(statement: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < statement.length;) {
    for (const [pattern, kind] of RULES) {
      pattern.lastIndex = at;
      const match = pattern.exec(statement);
      if (match === null || match[0] === '') continue;
      at = pattern.lastIndex;
      if (kind !== null) tokens.push({ kind, text: unquoted(match[0], kind) });
      break;
    }
  }
  return tokens;
}

function unquoted(text: string, kind: Token['kind']): string {
  if (kind === 'name') return text.slice(1, text.length > 1 && text.endsWith('`') ? -1 : undefined).replaceAll('``', '`');
  if (kind !== 'string') return text;
  const quote = text.charAt(0);
  const inner = text.slice(1, text.length > 1 && text.endsWith(quote) ? -1 : undefined);
  return inner.replace(/\\(.)|''|""/gs, (found: string, escaped: string | undefined) => {
    if (escaped !== undefined) return ESCAPED[escaped] ?? (escaped === '%' || escaped === '_' ? `\\${escaped}` : escaped);
    return found.charAt(0) === quote ? quote : found;
  });
}

/** The token is this keyword or symbol, in any case. */
export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token !== undefined && (token.kind === 'word' || token.kind === 'symbol') && words.includes(token.text.toUpperCase());
}

/** Divides at commas outside of parentheses; parts without tokens are left out. */
export function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isWord(token, '(')) depth += 1;
    else if (isWord(token, ')')) depth -= 1;
    if (depth === 0 && isWord(token, ',')) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}

/** One line for patterns: keywords in upper case, names and strings only as ` and ', numbers as they are. */
export function shapeOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ kind, text }) => (kind === 'name' ? '`' : kind === 'string' ? "'" : kind === 'word' ? text.toUpperCase() : text))
    .join(' ');
}
