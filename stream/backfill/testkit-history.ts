// A small bank table with a history of transactions, and what MySQL's rows are at each of them.

import type { KeyedChange } from '../../lake/store/testkit.ts';

/** Account → its row. */
export type Rows = ReadonlyMap<number, Row>;
export interface Row {
  readonly account_id: number;
  readonly owner: string | null;
  readonly balance: string;
}

export interface History {
  readonly changes: readonly KeyedChange[];
  /** MySQL's rows after transaction `seq`. */
  at(seq: number): Rows;
  readonly last: number;
}

/** Numbers from 0 to below n, the same for the same seed. */
export function randomOf(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
    return (state >>> 8) % below;
  };
}

export const KEYS = 8;

/**
 * Transactions 1 to `last`, most of them with one or two changes of accounts 1 to KEYS.
 * @param silent rows that are in MySQL all the time and in no change
 */
export function historyOf(random: (below: number) => number, last: number, silent: readonly Row[]): History {
  const rows = new Map<number, Row>(silent.map((row) => [row.account_id, row]));
  const states: Rows[] = [new Map(rows)];
  const changes: KeyedChange[] = [];
  for (let seq = 1; seq <= last; seq += 1) {
    for (let ord = 1; ord <= random(3); ord += 1) changes.push(changeOf(rows, 1 + random(KEYS), { seq, ord, remove: random(3) === 0 }));
    states.push(new Map(rows));
  }
  return { changes, last, at: (seq) => states[seq] ?? new Map() };
}

function changeOf(rows: Map<number, Row>, key: number, { seq, ord, remove }: { seq: number; ord: number; remove: boolean }): KeyedChange {
  const before = rows.get(key) ?? null;
  const after: Row | null =
    before !== null && remove ? null : { account_id: key, owner: seq % 5 === 0 ? null : `owner ${seq}`, balance: `${seq}.${ord}000` };
  if (after === null) rows.delete(key);
  else rows.set(key, after);
  return { table: 'accounts', key: { account_id: key }, op: before === null ? 'c' : after === null ? 'd' : 'u', before, after, seq, ord };
}

/** As silver.accounts gives them, by account. */
export function shown(rows: Rows): unknown[][] {
  return [...rows.values()].sort((a, b) => a.account_id - b.account_id).map((row) => [String(row.account_id), row.owner, row.balance]);
}

export const SHOWN = 'SELECT account_id, owner, balance FROM silver.accounts ORDER BY account_id';

/** Lines of a bulk read's file. */
export function linesOf(rows: Rows, which: (key: number) => boolean): string {
  const text = (owner: string | null): string => (owner === null ? '~' : Buffer.from(owner).toString('hex').toUpperCase());
  return [...rows.values()]
    .filter(({ account_id: key }) => which(key))
    .map((row) => `${row.account_id}|${text(row.owner)}|${row.balance}\n`)
    .join('');
}
