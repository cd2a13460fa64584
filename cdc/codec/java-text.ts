// Numbers and text as Java's JSON writer (Jackson) spells them, so that a record has one spelling whichever way it came. The spelling
// matters for keys: the store compares them as bytes.

const FLOAT_DIGITS_MAX = 9;
const PLAIN_FROM = 1e-3;
const PLAIN_BELOW = 1e7;

/** A double: at least one fraction digit, and an exponent below 0.001 and from ten million on. JSON has no infinities: they become text. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return spelled(value, value.toExponential());
}

/** As doubleText with the shortest digits that read back as the same single-precision number; as a double it would show seventeen. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  for (let digits = 0; digits < FLOAT_DIGITS_MAX - 1; digits += 1) {
    const short = value.toExponential(digits);
    if (Math.fround(Number(short)) === value) return spelled(value, short);
  }
  return spelled(value, value.toExponential(FLOAT_DIGITS_MAX - 1));
}

/** @param exponential the digits to show, as `toExponential` writes them: 1.25e+3 */
function spelled(value: number, exponential: string): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = Math.abs(value);
  if (magnitude >= PLAIN_FROM && magnitude < PLAIN_BELOW) {
    const plain = String(Number(exponential));
    return plain.includes('.') ? plain : `${plain}.0`;
  }
  const [digits = '', exponent = ''] = exponential.split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

const ESCAPED = /\\\\|\\u[0-9a-f]{4}|[\ud800-\udfff]/g;

/** Text in quotes; control characters and characters beyond 16 bits as escapes with upper-case digits. */
export function stringText(value: string): string {
  return JSON.stringify(value).replace(ESCAPED, (found) => {
    if (found === '\\\\') return found;
    const digits = found.length === 1 ? found.charCodeAt(0).toString(16) : found.slice(2);
    return `\\u${digits.toUpperCase()}`;
  });
}
