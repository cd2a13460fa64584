// The one port behind which every kind of external statement stands: files, APIs, queries and custom modules all become these parts.
// Protocol: for each input `rows` in the order of the input and one `statement` for each statement when it has ended and ties, then one `end`.
// A failure at any point refuses the whole input: a reader keeps nothing of an input whose `end` it has not seen.

import type { SourceConfig } from './source-config.ts';

export type EntryStatus = 'booked' | 'pending';

/** One entry of a statement. Money is exact decimal text; what a source does not have is an empty text, never NULL for a value that did not fit. */
export interface StatementEntry {
  /** Number of its statement within the input, from 0. */
  readonly statement: number;
  /** Line (or record of an API or query) at which it begins, from 1. */
  readonly line: number;
  /** The other side's own number; where it has none, the line and what names the input: 16 digits of a file's checksum, else source and day. */
  readonly externalId: string;
  readonly account: string;
  /** `YYYY-MM-DD`, or `YYYY-MM-DDThh:mm:ss.sssZ` where the source knows the time. */
  readonly bookedAt: string;
  readonly valueDate: string | null;
  /** Signed; positive: money came into the account, seen from our books. As many fraction digits as the currency has. */
  readonly amount: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly reference: string;
  readonly description: string;
  readonly counterparty: string;
  /** Entries that were paid in one sum carry one key. */
  readonly batchKey: string;
  /** The bank's code for the kind of entry, such as NTRF, 165 or CHECK. */
  readonly kind: string;
  /** It takes an earlier entry back; the amount's sign says already which way the money went. */
  readonly reversal: boolean;
  /** Pending entries are in no balance. */
  readonly status: EntryStatus;
  /** The entry as it stood in the input. */
  readonly raw: string;
}

/** A line that could not be read as an entry and was set aside, by the source's setting. */
export interface ParkedLine {
  readonly statement: number;
  readonly line: number;
  readonly reason: string;
  /** Its amount and currency where they can be read: they count towards the control totals. */
  readonly amount: string | null;
  readonly raw: string;
}

export interface Balance {
  readonly amount: string;
  readonly date: string | null;
}

export interface ControlTotals {
  /** Entries and parked lines. */
  readonly entries: number;
  /** Sums of what came in and what went out, both not negative. */
  readonly credits: string;
  readonly debits: string;
}

/** What of a statement was compared with what the statement says of itself, and is equal. */
export type Proof = 'balances' | 'entries' | 'credits' | 'debits' | 'net' | 'running_balance' | 'control_total';

export interface Statement {
  readonly index: number;
  readonly id: string;
  /** Its number in the sender's order, and its page: `12/1`; empty where the format has none. */
  readonly number: string;
  readonly account: string;
  /** Empty when the statement has entries in several currencies. */
  readonly currency: string;
  readonly opening: Balance | null;
  readonly closing: Balance | null;
  /** Of the booked and pending entries read, in the statement's currency; null where there is no such one currency. */
  readonly controlTotals: ControlTotals | null;
  readonly proofs: readonly Proof[];
  readonly line: number;
}

export interface InputEnd {
  readonly name: string;
  readonly format: string;
  /** SHA-256 of the bytes, in hex; of the rows as text for a query, of the answers' bodies for an API. */
  readonly sha256: string;
  readonly bytes: number;
  /** How a file was read, as detected or set: encoding, delimiter, decimal mark, date format. */
  readonly readAs: Readonly<Record<string, string>>;
  readonly statements: number;
  readonly entries: number;
  readonly parked: number;
}

export type StatementPart =
  | { readonly kind: 'rows'; readonly entries: readonly StatementEntry[]; readonly parked: readonly ParkedLine[] }
  | { readonly kind: 'statement'; readonly statement: Statement }
  | { readonly kind: 'end'; readonly end: InputEnd };

/** One thing to read: a file, or what an API or a query answers for the day. */
export interface StatementInput {
  /** Path of the file; for an API or a query a name such as `mysql:settlements 2026-11-20`. */
  readonly name: string;
  /** Set for files. */
  readonly file?: string;
}

export interface ReadRequest {
  readonly source: SourceConfig;
  /** `YYYY-MM-DD`: the day reconciled, in the source's time zone. */
  readonly businessDate: string;
  /** For `{position}` in the address of an API. */
  readonly position?: string | null;
  readonly signal?: AbortSignal;
}

/** A row of a query: column names and texts, null for SQL NULL. */
export type TextRow = Readonly<Record<string, string | null>>;
export interface Question {
  readonly sql: string;
  readonly date: string;
  readonly nextDate: string;
  readonly signal?: AbortSignal | undefined;
}
export type Query = (question: Question) => AsyncIterable<readonly TextRow[]>;

/** What sources need of the outside; a source whose door is missing is refused. */
export interface SourceDoors {
  /** Relative paths in a source's configuration start here. */
  readonly folder: string;
  /** A secret by its name in the configuration; undefined when there is none. */
  readonly secret?: (name: string) => string | undefined;
  /** mysql://user:password@host:port/database of the bank, for queries that name no other. */
  readonly mysqlUrl?: () => string | undefined;
  readonly lake?: Query;
}
