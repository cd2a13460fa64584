// Character sets of text columns. The snapshot lets MySQL make UTF-8 of a text; from the binlog Debezium decodes the bytes itself, with
// the Java charset that stands nearest. Every character of every set was compared: most sets agree, some differ in a few characters that
// can be told apart and restored, some come as U+FFFD and are parked, and for some sets Java has nothing alike: they are refused.

/** Sets that can hold U+FFFD themselves; in any other it stands for a character that was lost. */
const UNICODE: ReadonlySet<string> = new Set(['utf8', 'utf8mb3', 'utf8mb4', 'ucs2', 'utf16', 'utf16le', 'utf32', 'gb18030']);

const REFUSED: ReadonlySet<string> = new Set(['armscii8', 'dec8', 'eucjpms', 'geostd8', 'hp8', 'keybcs2', 'swe7']);

/** Characters as Java decodes them, and as MySQL means them, place by place. MySQL's set has none of the former. */
const RESTORED: Readonly<Record<string, readonly [java: string, mysql: string]>> = {
  cp866: ['\u2116\u00a4', '\u207f\u00b2'],
  gbk: ['\u2641', '\u2295'],
  greek: ['\u2018\u2019', '\u02bd\u02bc'],
  hebrew: ['\u00af', '\u203e'],
  koi8u: ['\u2219\u2553\u2555\u2556\u255c\u2562\u2564\u2565\u256b', '\u2022\u0454\u0456\u0457\u0491\u0404\u0406\u0407\u0490'],
  sjis: ['\u2014\uff3c', '\u2015\\'],
  ujis: ['\u2014\uff3c\uff5e', '\u2015\\~'],
};

/** Characters that Java and MySQL hold for different ones of the same set, as a regular expression: they cannot be told apart. */
const DOUBTFUL: Readonly<Record<string, string>> = {
  gb18030: '[\ufe10-\ufe19\u9fb4-\u9fbb\ue78d-\ue796\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864]',
};

/** How the text of a column is brought to MySQL's characters. */
export interface Decoding {
  /** Why no text of the set can be trusted; null when it can. */
  readonly refused: string | null;
  /** Characters to replace, place by place; null when there are none. */
  readonly restore: readonly [from: string, to: string] | null;
  /** SQL condition on a text expression that is true when a character of it was lost; null when none can be. */
  readonly lost: ((text: string) => string) | null;
}

/** @param charset MySQL's name of the set; null for an unknown one, which is taken for Unicode */
export function decodingOf(charset: string | null): Decoding {
  const name = (charset ?? 'utf8mb4').toLowerCase();
  const refused = REFUSED.has(name) ? `text in CHARACTER SET ${name}, which Debezium reads as another one; use utf8mb4` : null;
  const doubtful = DOUBTFUL[name];
  const lost =
    doubtful !== undefined
      ? (text: string): string => `regexp_matches(${text}, '${doubtful}')`
      : UNICODE.has(name)
        ? null
        : (text: string): string => `contains(${text}, '\ufffd')`;
  return { refused, restore: RESTORED[name] ?? null, lost };
}
