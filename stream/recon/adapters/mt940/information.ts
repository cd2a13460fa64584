// Field 86: free text, or structured in one of the ways banks use (German ?20 fields, /EREF/ words, EREF+ words). Pure.

export interface Information {
  readonly reference: string;
  readonly description: string;
  readonly counterparty: string;
}

/** Words that end a text in `/NAME/…/REMI/…`. */
const WORDS = ['EREF', 'MREF', 'CREF', 'KREF', 'CRED', 'DEBT', 'SVWZ', 'REMI', 'NAME', 'BENM', 'ORDP', 'PREF', 'IBAN', 'BIC', 'TRTP', 'CSID', 'MARF', 'RTRN', 'PURP', 'ULTC', 'ULTD', 'ISDT', 'TR', 'ADDR', 'ABWA', 'ABWE', 'OAMT', 'COAM', 'ID', 'CNTP', 'USTD', 'STRD', 'OCMT', 'CHGS', 'EXCH', 'INST']; // prettier-ignore
const SLASHED = new RegExp(`/(${WORDS.join('|')})/`, 'g');
const PLUSSED = /(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|COAM|OAMT|BIC|IBAN|PURP)\+/g;
const NO_REFERENCE = /^(?:NONREF|NOTPROVIDED|NOREF|)$/i;

export function informationOf(lines: readonly string[]): Information {
  const text = lines.join('');
  const german = /^\d{3}([?@~|])\d\d/.exec(text);
  if (german !== null) return fromGerman(text, german[1]!);
  const words = worded(text, SLASHED);
  if (words.size > 0) return fromWords(words);
  return { reference: '', counterparty: '', description: lines.map((line) => line.trim()).join(' ').trim() }; // prettier-ignore
}

/** ?20 to ?29 and ?60 to ?63 are the purpose, ?32 and ?33 the name, ?00 the bank's text. */
function fromGerman(text: string, mark: string): Information {
  const fields = new Map<number, string>();
  for (const piece of text.split(mark).slice(1)) fields.set(Number(piece.slice(0, 2)), piece.slice(2));
  const join = (...numbers: number[]): string => numbers.map((number) => fields.get(number) ?? '').join('');
  const purpose = join(20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 60, 61, 62, 63);
  const words = worded(purpose, PLUSSED);
  const told = words.size > 0 ? fromWords(words) : { reference: '', counterparty: '', description: purpose.trim() };
  return { ...told, counterparty: join(32, 33).trim() || told.counterparty, description: told.description || join(0).trim() };
}

function fromWords(words: ReadonlyMap<string, string>): Information {
  const first = (...names: string[]): string => names.map((name) => words.get(name) ?? '').find((it) => it !== '') ?? '';
  const reference = ['EREF', 'KREF', 'CREF', 'PREF'].map((name) => words.get(name) ?? '').find((it) => !NO_REFERENCE.test(it)) ?? '';
  return {
    reference,
    // /REMI/USTD//text: the kind of remittance stands before it.
    description: first('SVWZ', 'REMI', 'USTD').replace(/^(?:USTD|STRD)?\/\//, ''),
    counterparty: first('NAME', 'BENM', 'ORDP', 'CNTP', 'ABWA', 'ABWE').replace(/^\/?NAME\//, ''),
  };
}

function worded(text: string, mark: RegExp): Map<string, string> {
  const found = [...text.matchAll(mark)];
  return new Map(
    found.map((match, index) => {
      const value = text.slice(match.index + match[0].length, found[index + 1]?.index ?? text.length);
      return [match[1]!, value.replace(/\/$/, '').trim()];
    }),
  );
}
