// What is known to be fraud: the table fraud_labels(transaction_id, episode, typology), one row per fraudulent transaction.

import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf } from '../../../infra/runtime/errors.ts';
import { ident } from '../../../infra/runtime/sql-text.ts';
import { namesIn, type Guess } from './guess.ts';
import { fileSql, wrong } from './mapping.ts';

export interface LabelSource {
  /** File with transaction_id and, where known, what is fraud, its episode and typology, by any name that is guessed; undefined: the labels stand beside the transactions. */
  readonly file?: string | undefined;
  /** Column or SQL expression of the transactions' file that is true or 1 for fraud. */
  readonly label?: string | undefined;
  readonly typology?: string | undefined;
  /** What belongs together; a transaction by itself when not given. */
  readonly episode?: string | undefined;
}

/** What is said, and what is guessed of the transactions' file in place of what is not. */
export function withGuess(source: LabelSource, guess: Guess): LabelSource {
  if (source.file !== undefined) return source;
  return { label: source.label ?? guess.label, typology: source.typology ?? guess.typology, episode: source.episode ?? guess.episode };
}

const TRUE = `('1', '1.0', 'true', 't', 'yes', 'y', 'fraud')`;
const isTrue = (sql: string): string => `lower(CAST(${sql} AS VARCHAR)) IN ${TRUE}`;

/** Makes fraud_labels; the transactions were read by readTransactions. @throws LedgerflowError LF_FRAUD_MAPPING */
export async function readLabels(connection: DuckDBConnection, source: LabelSource): Promise<void> {
  const select = source.file === undefined ? await besides(connection, source) : await labelsFileSql(connection, source.file);
  try {
    await connection.run(
      `CREATE OR REPLACE TABLE fraud_labels AS SELECT DISTINCT ON (transaction_id) transaction_id, episode, typology FROM (${select})`,
    );
  } catch (error) {
    throw wrong(`the labels cannot be read: ${messageOf(error)}`, error);
  }
  const [[labels, strangers] = []] = (
    await connection.runAndReadAll(
      'SELECT count(*), count(*) FILTER (transaction_id NOT IN (SELECT transaction_id FROM fraud_transactions)) FROM fraud_labels',
    )
  ).getRows();
  if (Number(labels) === 0) throw wrong('no transaction is labelled as fraud');
  if (Number(strangers) > 0)
    throw wrong(`${Number(strangers)} of ${Number(labels)} labels are about transactions that are not in the file`);
}

async function besides(connection: DuckDBConnection, { label, typology, episode }: LabelSource): Promise<string> {
  if (label === undefined) throw wrong('say what is fraud: --label COLUMN of the transactions, or --labels FILE');
  const columns = await columnsOf(connection, '_file');
  const source = (sql: string): string => (columns.has(sql) ? ident(sql) : `(${sql})`);
  const text = (sql: string | undefined, otherwise: string): string => (sql === undefined ? otherwise : `CAST(${source(sql)} AS VARCHAR)`);
  return `SELECT _id AS transaction_id, ${text(episode, '_id')} AS episode, ${text(typology, `'fraud'`)} AS typology
    FROM _file JOIN (SELECT transaction_id AS _id, position AS _position FROM fraud_transactions) ON _position = _row WHERE ${isTrue(source(label))}`;
}

/** SELECT transaction_id, episode, typology of the labelled transactions of a file. @throws LedgerflowError LF_FRAUD_MAPPING */
export async function labelsFileSql(connection: DuckDBConnection, file: string): Promise<string> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE _labels AS FROM ${fileSql(file)}`).catch((error: unknown) => {
    throw wrong(`${file} cannot be read: ${messageOf(error)}`, error);
  });
  const named = namesIn([...(await columnsOf(connection, '_labels'))]);
  const [id, label, episode, typology] = (['transaction_id', 'label', 'episode', 'typology'] as const).map(named);
  if (id === undefined) throw wrong(`${file} has no column transaction_id`);
  const text = `CAST(${ident(id)} AS VARCHAR)`;
  const or = (column: string | undefined, otherwise: string): string =>
    column === undefined ? otherwise : `coalesce(CAST(${ident(column)} AS VARCHAR), ${otherwise})`;
  return `SELECT ${text} AS transaction_id, ${or(episode, text)} AS episode, ${or(typology, `'fraud'`)} AS typology
    FROM _labels WHERE ${ident(id)} IS NOT NULL ${label === undefined ? '' : `AND ${isTrue(ident(label))}`}`;
}

async function columnsOf(connection: DuckDBConnection, table: string): Promise<ReadonlySet<string>> {
  return new Set((await connection.runAndReadAll(`SELECT column_name FROM (DESCRIBE ${table})`)).getRows().map(([name]) => String(name)));
}
