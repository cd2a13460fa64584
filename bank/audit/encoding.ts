// The canonical form of a posted transaction with its entries, version 1: one line of JSON, the name of the version, the columns of the
// transaction, then the columns of each entry by leg and entry id. Every value is the text MySQL prints (DECIMAL with its scale, DATETIME
// with six fraction digits, JSON in MySQL's normal form) or null; the order of columns is that of the lists here.
// A change of the lists is a new version: old blocks stay readable by the version they name.

export const ENCODING_VERSION = 1;

const NAME = 'ledgerflow.ledger/1';

export const TRANSACTION_COLUMNS = [
  'transaction_id', 'account_id', 'customer_id', 'merchant_id', 'amount', 'currency', 'status', 'event_ts', 'created_at', 'type', 'direction',
  'counter_account_id', 'reference_id', 'reversal_of', 'device_id', 'channel', 'description', 'effective_at', 'posted_at', 'metadata',
] as const; // prettier-ignore

export const ENTRY_COLUMNS = [
  'entry_id', 'leg', 'account_id', 'posting_type', 'amount', 'currency', 'balance_after', 'account_seq', 'created_at',
] as const; // prettier-ignore

export type Cell = string | null;
export type Row = readonly Cell[];

export interface LedgerTransaction {
  /** Values of TRANSACTION_COLUMNS; null when there is no such row any more. */
  readonly row: Row | null;
  /** Values of ENTRY_COLUMNS, ordered by leg, then entry id. */
  readonly entries: readonly Row[];
}

export interface Difference {
  /** `amount` of the transaction, `leg 2 account_id` of an entry, `transaction` or `leg 2` for a whole row. */
  readonly field: string;
  /** As it was sealed; null also where there was nothing. */
  readonly was: Cell;
  readonly is: Cell;
}

/** One line, without a line break. */
export function encode(transaction: LedgerTransaction): string {
  return JSON.stringify([NAME, transaction.row, transaction.entries]);
}

/** @throws SyntaxError when the text is no encoding of version 1 */
export function decode(encoding: string): LedgerTransaction {
  const parsed = JSON.parse(encoding) as [string, Row | null, Row[]];
  if (!Array.isArray(parsed) || parsed[0] !== NAME || !Array.isArray(parsed[2])) throw new SyntaxError(`not ${NAME}`);
  return { row: parsed[1], entries: parsed[2] };
}

/** Every column that is not what it was, in the order of the encoding. */
export function differencesOf(was: LedgerTransaction, is: LedgerTransaction): Difference[] {
  return [...rowDifferences('transaction', TRANSACTION_COLUMNS, was.row, is.row), ...entryDifferences(was.entries, is.entries)];
}

const LEG = ENTRY_COLUMNS.indexOf('leg');

/** Entries are compared by leg; of several with one leg (only possible when a key was dropped) by their order. */
function entryDifferences(was: readonly Row[], is: readonly Row[]): Difference[] {
  const before = byLeg(was);
  const after = byLeg(is);
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((leg) => {
    const [old, now] = [before.get(leg) ?? [], after.get(leg) ?? []];
    const places = Array.from({ length: Math.max(old.length, now.length) }, (_, at) => at);
    return places.flatMap((at) => rowDifferences(`leg ${leg}`, ENTRY_COLUMNS, old[at] ?? null, now[at] ?? null));
  });
}

function byLeg(entries: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const entry of entries) {
    const leg = entry[LEG] ?? '';
    found.set(leg, [...(found.get(leg) ?? []), entry]);
  }
  return found;
}

function rowDifferences(what: string, columns: readonly string[], was: Row | null, is: Row | null): Difference[] {
  if (was === null || is === null) return was === is ? [] : [{ field: what, was: rowText(columns, was), is: rowText(columns, is) }];
  return columns.flatMap((column, at) => {
    const [old, now] = [was[at] ?? null, is[at] ?? null];
    return old === now ? [] : [{ field: what === 'transaction' ? column : `${what} ${column}`, was: old, is: now }];
  });
}

function rowText(columns: readonly string[], row: Row | null): Cell {
  if (row === null) return null;
  return columns.flatMap((column, at) => (row[at] === null ? [] : [`${column} ${row[at]}`])).join(', ');
}
