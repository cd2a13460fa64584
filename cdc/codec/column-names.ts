// Column names in Avro. The connector writes them with field.name.adjustment.mode=avro_unicode: every character that is no ASCII letter or
// digit, the underscore too, becomes _u and its number in hexadecimal; so most names can be restored. With Debezium's mode `avro` the
// columns `a-b` and `a_b` would be one.

/** Numbers have four digits below U+0100 and from U+1000 on, but three between: Debezium does not pad them. */
const ESCAPED = /_u(?:(0[0-9a-f]{3}|[0-9a-f]{3}(?![0-9a-f]))|([0-9a-f]{4}))/g;
const STRAY_UNDERSCORE = /_(?!u[0-9a-f]{3})/;

/**
 * The columns' own names. Names written by another connector, where an underscore stands for itself, stay as they are.
 * @throws Error naming a column that can be read in two ways: `_u10de` is one Georgian letter, or č and e
 */
export function columnNames(fields: readonly string[]): string[] {
  if (fields.some((name) => STRAY_UNDERSCORE.test(name))) return [...fields];
  return fields.map((name) =>
    name.replace(ESCAPED, (_, code: string | undefined) => {
      if (code === undefined)
        throw new Error(`the column name ${name} can be read in two ways: use ASCII letters and Latin-1 in names, or JSON`);
      return String.fromCharCode(Number.parseInt(code, 16));
    }),
  );
}

/** As Debezium writes a name. A digit stays except in the first place. */
export function escapedColumnName(name: string): string {
  return name.replace(/[^A-Za-z0-9]|^[0-9]/g, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return `_u${code.length <= 2 ? '00' : ''}${code}`;
  });
}
