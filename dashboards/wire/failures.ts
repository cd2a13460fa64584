// What a client is told when a statement cannot be answered: SQLSTATE, message, hint. DuckDB's errors are mapped here and nowhere else.

import { messageOf } from '../../infra/runtime/errors.ts';

interface SqlFailureDetails {
  readonly hint?: string;
  readonly detail?: string;
  /** 1-based character position in the statement's text. */
  readonly position?: number;
  readonly cause?: unknown;
  /** The connection ends after this error. */
  readonly fatal?: boolean;
}

/** An error for the client of the PostgreSQL endpoint. `sqlstate` is a code of PostgreSQL's appendix A. */
export class SqlFailure extends Error {
  override readonly name = 'SqlFailure';
  readonly sqlstate: string;
  readonly hint: string | undefined;
  readonly detail: string | undefined;
  readonly position: number | undefined;
  readonly fatal: boolean;

  constructor(sqlstate: string, message: string, details: SqlFailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.sqlstate = sqlstate;
    this.hint = details.hint;
    this.detail = details.detail;
    this.position = details.position;
    this.fatal = details.fatal ?? false;
  }
}

/** The refusal of anything that is not a read: 25006 read_only_sql_transaction. */
export function refused(
  what: string,
  hint = 'The endpoint answers SELECT, WITH, VALUES, EXPLAIN, SHOW, DESCRIBE and SUMMARIZE. Write to MySQL instead.',
): SqlFailure {
  return new SqlFailure('25006', `${what} is not allowed: this endpoint is read-only`, { hint });
}

/** DuckDB's exception class, as its messages begin with it, to SQLSTATE. First match wins. */
const SQLSTATES: readonly (readonly [RegExp, string])[] = [
  [/^INTERRUPT/, '57014'],
  [/read-only mode/, '25006'],
  [/^Parser Error/, '42601'],
  [/^Catalog Error: (Table|View)\b/, '42P01'],
  [/^Catalog Error: (Scalar |Table |Aggregate )?Function\b/, '42883'],
  [/^Catalog Error: Type\b/, '42704'],
  [/^Catalog Error: Schema\b/, '3F000'],
  [/^Catalog Error/, '42704'],
  [/^Binder Error: (Referenced|Table ".*" does not have a) (table|column)/, '42703'],
  [/^Binder Error: No function matches/, '42883'],
  [/^Binder Error: Could not choose a best candidate/, '42725'],
  [/^Binder Error: (Ambiguous)/, '42702'],
  [/must appear in the GROUP BY/, '42803'],
  [/^Binder Error/, '42P10'],
  [/^Conversion Error: .*(out of range|overflow)/i, '22003'],
  [/^Conversion Error: (invalid|date|timestamp|time)/i, '22007'],
  [/^Conversion Error/, '22P02'],
  [/^Out of Range Error/, '22003'],
  [/^(Mismatch Type|Invalid type) Error/i, '42804'],
  [/^Invalid Input Error/, '22023'],
  [/^Out of Memory Error/, '53200'],
  [/^TransactionContext Error/, '25P02'],
  [/^Not implemented Error/, '0A000'],
  [/^Permission Error/, '42501'],
  [/^IO Error/, '58030'],
];

/** Anything thrown while answering, as a failure with a SQLSTATE. */
export function toSqlFailure(error: unknown): SqlFailure {
  if (error instanceof SqlFailure) return error;
  const text = messageOf(error);
  const sqlstate = SQLSTATES.find(([pattern]) => pattern.test(text))?.[1] ?? 'XX000';
  const [head = text, ...rest] = text.split(/\n\n?/);
  const suggestion = rest.find((line) => /^(Did you mean|Candidate|HINT)/i.test(line));
  const message = head.replace(/^[A-Z][A-Za-z ]*Error: /, '');
  return new SqlFailure(sqlstate, message, { cause: error, ...(suggestion === undefined ? {} : { hint: suggestion }) });
}
