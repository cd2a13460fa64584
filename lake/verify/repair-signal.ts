// Signals that make Debezium read exactly some rows again: the filter is for MySQL, the keys beside it tell the processor which rows were
// meant, so that one that MySQL has no more is taken away. Debezium passes over members it does not know.

import { collectionPattern, SIGNAL_DATA_CHARACTERS_MAX } from '../../cdc/connector/signal-row.ts';
import { columnType } from '../../cdc/schema/column-type.ts';
import type { ColumnSchema } from '../../cdc/schema/table-schema.ts';
import { LedgerflowError } from '../../infra/runtime/errors.ts';
import { mysqlIdent } from '../../infra/runtime/sql-text.ts';
import { isText } from './canonical.ts';
import { keyColumnsOf } from './digest-sql.ts';
import type { TablePlan } from './plan.ts';

/**
 * One text for debezium_signal.data per part, each within its length.
 * @param keys canonical keys
 * @throws LedgerflowError LF_USAGE for a key that is none, or of a type that a filter cannot name
 */
export function repairSignals(database: string, plan: TablePlan, keys: readonly string[]): string[] {
  const columns = keyColumnsOf(plan);
  const collection = collectionPattern(database, plan.table);
  const dataOf = (some: readonly string[]): string =>
    JSON.stringify({
      'data-collections': [collection],
      type: 'incremental',
      'additional-conditions': [{ 'data-collection': collection, filter: some.map((key) => `(${condition(columns, key)})`).join(' OR ') }],
      keys: some,
    });
  const signals: string[] = [];
  let part: string[] = [];
  for (const key of keys) {
    if (part.length > 0 && dataOf([...part, key]).length > SIGNAL_DATA_CHARACTERS_MAX) signals.push(dataOf(part.splice(0)));
    part = [...part, key];
    if (dataOf(part).length > SIGNAL_DATA_CHARACTERS_MAX) throw new LedgerflowError('LF_USAGE', `the key ${key} is too long for a signal`);
  }
  return part.length === 0 ? signals : [...signals, dataOf(part)];
}

/**
 * The canonical key of a key as people write it: `7`, `ABC`, `ABC|2026-11-21`.
 * @throws LedgerflowError LF_USAGE when it is no key of the table
 */
export function canonicalKey(plan: TablePlan, text: string): string {
  const columns = keyColumnsOf(plan);
  const parts = columns.length === 1 ? [text] : text.split('|');
  if (parts.length !== columns.length)
    throw new LedgerflowError('LF_USAGE', `${text} is not a key of ${plan.table}: it has ${columns.length} parts, with | between`);
  const key = columns.map((column, index) => canonicalPart(column, parts[index] ?? '')).join('|');
  condition(columns, key);
  return key;
}

function canonicalPart(column: ColumnSchema, text: string): string {
  return isText(column) ? Buffer.from(text).toString('hex').toUpperCase() : text;
}

function condition(columns: readonly ColumnSchema[], key: string): string {
  const parts = key.split('|');
  return columns.map((column, index) => `${mysqlIdent(column.name)} = ${literalOf(column, parts[index] ?? '')}`).join(' AND ');
}

const HEX = /^([0-9A-F]{2})*$/;
const NUMBER = /^-?\d+(\.\d+)?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;

function literalOf(column: ColumnSchema, text: string): string {
  const { logical } = columnType(column);
  if (['integer', 'decimal', 'year', 'bit'].includes(logical) && NUMBER.test(text)) return text;
  if (logical === 'date' && DATE.test(text)) return `'${text}'`;
  if (logical === 'binary' && HEX.test(text)) return `X'${text}'`;
  if (isText(column) && HEX.test(text)) return `CONVERT(X'${text}' USING utf8mb4)`;
  if (logical === 'datetime' && /^-?\d+$/.test(text)) return `'${dateTime(BigInt(text))}'`;
  throw new LedgerflowError('LF_USAGE', `${text} is not a value of the key column ${column.name}, or single rows cannot be named by it`, {
    remedy: 'Read the whole table again: `ledgerflow connector resnapshot TABLE`.',
  });
}

const MICROSECONDS = 1_000_000n;

function dateTime(microseconds: bigint): string {
  const fraction = ((microseconds % MICROSECONDS) + MICROSECONDS) % MICROSECONDS;
  const seconds = Number((microseconds - fraction) / MICROSECONDS);
  return `${new Date(seconds * 1_000).toISOString().slice(0, 19).replace('T', ' ')}.${String(fraction).padStart(6, '0')}`;
}
