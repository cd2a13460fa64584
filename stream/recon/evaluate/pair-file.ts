// A file of one side, read by DuckDB into temp.pair_<side> (no, id, amount, currency, at_ms, text, truth): what it holds and how it was understood.

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { LedgerflowError, messageOf } from '../../../infra/runtime/errors.ts';
import { ident, literal } from '../../../infra/runtime/sql-text.ts';
import { dateFormatOf, decimalOf } from '../adapters/csv/guess-values.ts';
import type { Side } from '../match/row.ts';
import { rowsOf } from '../run/stage.ts';
import { columnsOf, type Column, type PairColumns, type Role } from './pair-columns.ts';

export interface PairFile {
  readonly file: string;
  readonly rows: number;
  /** Without a date or an amount that can be read; they are left out. */
  readonly unreadable: number;
  readonly columns: PairColumns;
}

export interface PairFileRequest {
  readonly side: Side;
  readonly file: string;
  readonly told: ReadonlyMap<Role, string>;
  /** Null: the truth is in a file of its own. */
  readonly truthColumn: string | null;
}

const SAMPLE_ROWS = 2_000;

/** @throws LedgerflowError LF_RECON_FILE, LF_RECON_COLUMNS */
export async function readPairFile(connection: DuckDBConnection, request: PairFileRequest): Promise<PairFile> {
  const { side, file, told, truthColumn } = request;
  if (!existsSync(file)) throw new LedgerflowError('LF_RECON_FILE', 'there is no such file', { where: file });
  const from = readerOf(file);
  try {
    const described = await rowsOf(connection, `DESCRIBE SELECT * FROM ${from}`);
    const all = described.map(([name, type]): Column => ({ name: name as string, type: type as string }));
    if (truthColumn !== null && !all.some(({ name }) => name === truthColumn))
      throw new LedgerflowError('LF_RECON_COLUMNS', `there is no column ${truthColumn} with the truth`, { where: file });
    const columns = columnsOf(all, told, new Set(truthColumn === null ? [] : [truthColumn]), file);
    const values = new Values(connection, from, all);
    const text = columns.texts.length === 0 ? `''` : `concat_ws(' ', ${columns.texts.map((name) => ident(name)).join(', ')})`;
    // Numbered by content: the place in the file says nothing, and must not help.
    await connection.run(`CREATE OR REPLACE TEMP TABLE pair_${side} AS
      SELECT row_number() OVER (ORDER BY hash(amount, at_ms, text), amount, at_ms, text, id) AS no, * FROM (
        SELECT ${columns.id === null ? 'NULL' : ident(columns.id)}::VARCHAR AS id, CAST(${await values.money(columns.money)} * 10000 AS HUGEINT) AS amount,
          ${columns.currency === null ? `'XXX'` : `upper(trim(${ident(columns.currency)}::VARCHAR))`} AS currency, epoch_ms(${await values.date(columns.date)}) AS at_ms, ${text} AS text,
          ${truthColumn === null ? 'NULL' : ident(truthColumn)}::VARCHAR AS truth FROM ${from})`);
    const [[rows]] = (await rowsOf(connection, `SELECT count(*) FROM temp.pair_${side}`)) as [[bigint]];
    await connection.run(`DELETE FROM temp.pair_${side} WHERE amount IS NULL OR at_ms IS NULL OR currency IS NULL`);
    const [[left]] = (await rowsOf(connection, `SELECT count(*) FROM temp.pair_${side}`)) as [[bigint]];
    return { file, rows: Number(left), unreadable: Number(rows - left), columns };
  } catch (error) {
    if (error instanceof LedgerflowError) throw error;
    throw new LedgerflowError('LF_RECON_FILE', messageOf(error), { where: file, cause: error });
  }
}

/** Pairs of numbers that belong together, from the first two columns of a file: temp.pair_labels (external, internal). */
export async function readLabels(connection: DuckDBConnection, file: string): Promise<void> {
  if (!existsSync(file)) throw new LedgerflowError('LF_RECON_FILE', 'there is no such file', { where: file });
  const described = await rowsOf(connection, `DESCRIBE SELECT * FROM ${readerOf(file)}`);
  const [one, other] = described.map(([name]) => name as string);
  if (one === undefined || other === undefined)
    throw new LedgerflowError('LF_RECON_COLUMNS', 'labels need two columns: the external number, then the internal one', { where: file });
  const external = described.map(([name]) => name as string).find((name) => /external|left|origin|statement|bank/i.test(name)) ?? one;
  const internal = described.map(([name]) => name as string).find((name) => /internal|right|destination|ledger/i.test(name)) ?? (external === one ? other : one);
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE pair_labels AS SELECT DISTINCT ${ident(external)}::VARCHAR AS external, ${ident(internal)}::VARCHAR AS internal FROM ${readerOf(file)}`,
  );
} // prettier-ignore

function readerOf(file: string): string {
  const kind = path.extname(file.replace(/\.gz$/, '')).toLowerCase();
  if (kind === '.parquet') return `read_parquet(${literal(file)})`;
  if (['.json', '.ndjson', '.jsonl'].includes(kind)) return `read_json_auto(${literal(file)})`;
  return `read_csv(${literal(file)}, all_varchar = true, header = true)`;
}

/** How the values of a column are read, told from a sample of them. */
class Values {
  private readonly connection: DuckDBConnection;
  private readonly from: string;
  private readonly types: ReadonlyMap<string, string>;

  constructor(connection: DuckDBConnection, from: string, columns: readonly Column[]) {
    [this.connection, this.from] = [connection, from];
    this.types = new Map(columns.map(({ name, type }) => [name, type]));
  }

  async money(money: PairColumns['money']): Promise<string> {
    if ('credit' in money)
      return `(coalesce(abs(${await this.amount(money.credit)}), 0) - coalesce(abs(${await this.amount(money.debit)}), 0))`;
    const amount = await this.amount(money.amount);
    if (money.direction === null) return amount;
    return `CASE WHEN upper(left(trim(${ident(money.direction)}::VARCHAR), 1)) IN ('D', 'O', 'S', '-') THEN -abs(${amount}) ELSE abs(${amount}) END`;
  }

  private async amount(column: string): Promise<string> {
    const name = ident(column);
    if (this.types.get(column) !== 'VARCHAR') return `try_cast(${name} AS DECIMAL(30,4))`;
    const mark = decimalOf(await this.sample(column)).value ?? '.';
    const digits = `regexp_replace(${name}, '[^0-9${mark}]', '', 'g')`;
    const size = `try_cast(${mark === ',' ? `replace(${digits}, ',', '.')` : digits} AS DECIMAL(30,4))`;
    return `(CASE WHEN regexp_matches(${name}, '-|\\(|DR$') THEN -${size} ELSE ${size} END)`;
  }

  async date(column: string): Promise<string> {
    const name = ident(column);
    if (this.types.get(column) !== 'VARCHAR') return `try_cast(${name} AS TIMESTAMP)`;
    const format = dateFormatOf(await this.sample(column)).value;
    if (format === null || format === 'iso') return `try_cast(trim(${name}) AS TIMESTAMP)`;
    return `try_strptime(trim(${name}), ${literal(strptimeOf(format))})`;
  }

  private async sample(column: string): Promise<string[]> {
    const name = ident(column);
    const found = await rowsOf(this.connection, `SELECT ${name} FROM ${this.from} WHERE ${name} IS NOT NULL LIMIT ${SAMPLE_ROWS}`);
    return found.map(([value]) => (value as string).trim()).filter((value) => value !== '');
  }
}

const STRPTIME: Readonly<Record<string, string>> = { yyyy: '%Y', yy: '%y', MMMM: '%B', MMM: '%b', MM: '%m', M: '%m', dd: '%d', d: '%d', HH: '%H', H: '%H', h: '%I', mm: '%M', ss: '%S', SSS: '%g', a: '%p' }; // prettier-ignore

/** A format in the words of luxon in those of DuckDB. */
export function strptimeOf(format: string): string {
  return format.replaceAll(/[A-Za-z]+/g, (word) => STRPTIME[word] ?? word);
}
