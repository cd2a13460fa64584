// What every answer of the dashboards' API has in common. Types only: the pages import them, so nothing here may need Node.

/** How far the lake was when the answer was read. */
export interface Position {
  readonly commitId: number;
  /** GTID of the last source transaction included; null before the first streamed one. */
  readonly gtid: string | null;
  /** Number of that transaction, or of a later one that changed nothing; -1 before the first. */
  readonly seq: number;
  /** ISO 8601, UTC; null before the first commit. */
  readonly committedAt: string | null;
  /** When the marts that follow the commits on turns of their own were last brought up to date, ISO 8601, UTC; null when never. */
  readonly turnedAt: string | null;
}

/** One value as the SQL endpoint sent it: text, so that no digit of an amount is lost. */
export type Cell = string | null;

/** A part of a page: its rows, or why there are none. */
export type Section<Row> =
  | { readonly state: 'ready'; readonly rows: readonly Row[] }
  /** A table it is made from does not exist here (yet). */
  | { readonly state: 'absent'; readonly table: string }
  | { readonly state: 'failed'; readonly message: string };

export interface Included {
  readonly included: Position;
}

export interface Problem {
  readonly error: { readonly code: ProblemCode; readonly message: string };
}

export type ProblemCode =
  | 'malformed'
  | 'not_logged_in'
  | 'session_expired'
  | 'login_failed'
  | 'login_locked'
  | 'forbidden'
  | 'not_found'
  | 'refused'
  | 'statement_failed'
  | 'overloaded'
  | 'unavailable'
  | 'internal';

export interface SessionAnswer {
  readonly role: 'customer' | 'operator';
  readonly customerId: string | null;
  /** Without a password, while the bank asks for no login. */
  readonly demo: boolean;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
}

export interface ConfigAnswer {
  /** off: the bank asks for no login, so the pages can be opened as anybody. */
  readonly auth: 'on' | 'off';
  readonly version: string;
}
