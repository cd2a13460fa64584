// Any file of transactions as the canonical relation fraud_transactions: columns are guessed by their names (guess.ts), and `--map
// column=source` says otherwise, where source is a column of the file or an SQL expression over its columns.

import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { ident, literal } from '../../../infra/runtime/sql-text.ts';
import { CANONICAL_COLUMNS, CANONICAL_NAMES, currencyCodeSql, type CanonicalColumn } from '../canonical.ts';
import { guessColumns, type Guess } from './guess.ts';

/** What stands in a column that nothing is mapped to; NULL in all others. */
const DEFAULTS: Partial<Record<CanonicalColumn, string>> = {
  transaction_id: '_row::VARCHAR',
  direction: `'debit'`,
  status: `'posted'`,
  currency: `'XXX'`,
  is_reversal: 'false',
  account_since: 'min(event_ts) OVER (PARTITION BY account_id)',
};
/** Counted by the reader: the row's number in the file. */
const OWN = 'position';

export type Mapping = ReadonlyMap<CanonicalColumn, string>;

/** `account_id=nameOrig`. @throws LedgerflowError LF_FRAUD_MAPPING */
export function parseMapping(entries: readonly string[]): Mapping {
  const mapping = new Map<CanonicalColumn, string>();
  for (const entry of entries) {
    const [, name = '', source = ''] = /^\s*(\w+)\s*=\s*([\s\S]*\S)\s*$/.exec(entry) ?? [];
    if (!(name in CANONICAL_COLUMNS) || name === OWN || source === '')
      throw wrong(
        `"${entry}" maps nothing: column=source is needed, with one of ${CANONICAL_NAMES.filter((column) => column !== OWN).join(', ')}`,
      );
    if (mapping.has(name as CanonicalColumn)) throw wrong(`${name} is mapped twice`);
    mapping.set(name as CanonicalColumn, source);
  }
  return mapping;
}

export interface ReadFile {
  readonly path: string;
  readonly mapping: Mapping;
}

export interface ReadColumns {
  /** Columns of fraud_transactions that hold something. */
  readonly present: ReadonlySet<CanonicalColumn>;
  /** Where each comes from, mapped or guessed: a column of the file or an expression. */
  readonly sources: ReadonlyMap<CanonicalColumn, string>;
  readonly guess: Guess;
}

/**
 * Makes the table `fraud_transactions` from a CSV or Parquet file; what is not mapped is guessed.
 * @throws LedgerflowError LF_FRAUD_MAPPING naming the column that is missing or does not fit
 */
export async function readTransactions(connection: DuckDBConnection, { path, mapping }: ReadFile): Promise<ReadColumns> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE _file AS SELECT *, row_number() OVER () AS _row FROM ${fileSql(path)}`);
  const found = new Set(
    (await connection.runAndReadAll('SELECT column_name FROM (DESCRIBE _file)')).getRows().map(([name]) => String(name)),
  );
  const guess = await guessColumns(connection);
  const given = complete(mapping, guess.columns, found);
  const present = new Set<CanonicalColumn>([...given.keys(), OWN, ...(Object.keys(DEFAULTS) as CanonicalColumn[])]);
  const expression = (column: CanonicalColumn): string => {
    if (column === OWN) return '_row AS position';
    const source = given.get(column);
    const read = source === undefined ? (DEFAULTS[column] ?? 'NULL') : found.has(source) ? ident(source) : `(${source})`;
    const sql = column === 'currency' && source !== undefined ? currencyCodeSql(read) : read;
    return `CAST(${sql} AS ${CANONICAL_COLUMNS[column]}) AS ${ident(column)}`;
  };
  try {
    await connection.run(
      `CREATE OR REPLACE TABLE fraud_transactions AS SELECT ${CANONICAL_NAMES.map(expression).join(', ')} FROM _file ORDER BY _row`,
    );
  } catch (error) {
    throw wrong(`${path} cannot be mapped: ${messageOf(error)}`, error);
  }
  await refuseHoles(connection, path);
  return { present, sources: given, guess };
}

/** What is said goes before what is guessed. Account stands for customer and the other way round: files of one party have one id for both. */
function complete(said: Mapping, guessed: Mapping, found: ReadonlySet<string>): Map<CanonicalColumn, string> {
  const sources = new Map([...guessed, ...said]);
  // A guessed side of the account would be another party than the one that is said.
  if (said.has('account_id') && !said.has('customer_id') && !found.has('customer_id')) sources.delete('customer_id');
  if (said.has('customer_id') && !said.has('account_id') && !found.has('account_id')) sources.delete('account_id');
  for (const [one, other] of [
    ['account_id', 'customer_id'],
    ['customer_id', 'account_id'],
    ['counter_customer_id', 'counter_account_id'],
  ] as const) {
    const known = sources.get(other);
    if (!sources.has(one) && known !== undefined) sources.set(one, known);
  }
  for (const needed of ['event_ts', 'amount', 'account_id'] as const)
    if (!sources.has(needed)) throw wrong(`the file has no column ${needed}: say which it is with --map ${needed}=…`);
  return sources;
}

async function refuseHoles(connection: DuckDBConnection, path: string): Promise<void> {
  const [[rows, ids, times, amounts, accounts] = []] = (
    await connection.runAndReadAll(
      'SELECT count(*), count(DISTINCT transaction_id), count(event_ts), count(amount), count(account_id) FROM fraud_transactions',
    )
  ).getRows();
  if (ids !== rows) throw wrong(`${path}: transaction_id is not unique (${String(ids)} of ${String(rows)})`);
  for (const [name, filled] of [
    ['event_ts', times],
    ['amount', amounts],
    ['account_id', accounts],
  ] as const)
    if (filled !== rows) throw wrong(`${path}: ${name} is empty in ${Number(rows) - Number(filled)} rows`);
}

/** A file to select from: Parquet by its name, anything else as CSV whose form DuckDB finds out. */
export function fileSql(path: string): string {
  if (path.endsWith('.parquet')) return `read_parquet(${literal(path)})`;
  return path.endsWith('.json') || path.endsWith('.jsonl')
    ? `read_json(${literal(path)})`
    : `read_csv(${literal(path)}, sample_size = 200000)`;
}

export function wrong(message: string, cause?: unknown): LedgerflowError {
  return new LedgerflowError('LF_FRAUD_MAPPING', message, cause === undefined ? {} : { cause });
}
