// Which column of a file is what, by its name, where nobody says so. Pure.

import { LedgerflowError } from '../../../infra/runtime/errors.ts';
import { mappingOf } from '../adapters/csv/guess-columns.ts';

export const ROLES = ['id', 'date', 'amount', 'credit', 'debit', 'direction', 'currency', 'text'] as const;
export type Role = (typeof ROLES)[number];

export interface Column {
  readonly name: string;
  /** As DuckDB names it. */
  readonly type: string;
}

export interface PairColumns {
  readonly id: string | null;
  readonly date: string;
  /** One signed or with a direction beside it, or two of which one is empty. */
  readonly money: { readonly amount: string; readonly direction: string | null } | { readonly credit: string; readonly debit: string };
  readonly currency: string | null;
  /** All that says something in words; compared as one text. */
  readonly texts: readonly string[];
}

/** Stands for a currency column where there is none, so that the mapping of the others is guessed all the same. */
const NO_CURRENCY = 'currency';
const TEMPORAL = /^(?:DATE|TIMESTAMP)/;
const NUMERIC = /^(?:DECIMAL|DOUBLE|FLOAT|U?(?:BIG|HUGE|SMALL|TINY)?INT|INTEGER|UINTEGER)/;

/**
 * @param told columns that a person named
 * @param hidden columns that matching must not see
 * @throws LedgerflowError LF_RECON_COLUMNS
 */
export function columnsOf(all: readonly Column[], told: ReadonlyMap<Role, string>, hidden: ReadonlySet<string>, file: string): PairColumns {
  const columns = all.filter(({ name }) => !hidden.has(name));
  for (const [role, name] of told)
    if (!columns.some((column) => column.name === name)) throw unknown(`there is no column ${name} for ${role}`, columns, file);
  const names = columns.map(({ name }) => name);
  const guessed = mappingOf(names.includes(NO_CURRENCY) ? names : [...names, NO_CURRENCY], []).mapping;
  const text = (column: unknown): string | undefined => (typeof column === 'string' && names.includes(column) ? column : undefined);
  const date = told.get('date') ?? text(guessed?.bookedAt) ?? named(columns, /date|time|day/i, TEMPORAL);
  if (date === undefined) throw unknown('no column is known to be a date', columns, file);
  const money = moneyOf(columns, told, guessed?.money);
  if (money === undefined) throw unknown('no column is known to be an amount', columns, file);
  const taken = new Set([date, ...Object.values(money)]);
  const id = told.get('id') ?? text(guessed?.externalId) ?? columns.find(({ name }) => !taken.has(name) && /(?:^|_)id$/i.test(name))?.name;
  const texts = [guessed?.description, guessed?.reference, guessed?.counterparty].map(text).filter((it) => it !== undefined);
  const toldText = told.get('text');
  const others = columns.filter(({ name, type }) => type === 'VARCHAR' && !taken.has(name) && name !== id && name !== guessed?.currency);
  const said = texts.length > 0 ? texts : others.map(({ name }) => name);
  return {
    ...{ id: id ?? null, date, money, currency: told.get('currency') ?? text(guessed?.currency) ?? null },
    texts: toldText === undefined ? said.filter((it) => !taken.has(it) && it !== id) : [toldText],
  };
}

function moneyOf(columns: readonly Column[], told: ReadonlyMap<Role, string>, guessed: unknown): PairColumns['money'] | undefined {
  const [amount, credit, debit] = [told.get('amount'), told.get('credit'), told.get('debit')];
  if (amount !== undefined) return { amount, direction: told.get('direction') ?? null };
  if (credit !== undefined && debit !== undefined) return { credit, debit };
  const found = (guessed ?? {}) as { readonly [role in Role]?: string };
  if (found.amount !== undefined) return { amount: found.amount, direction: told.get('direction') ?? found.direction ?? null };
  if (found.credit !== undefined && found.debit !== undefined) return { credit: found.credit, debit: found.debit };
  const likely = named(columns, /amount|amt|value|total|sum/i, NUMERIC);
  return likely === undefined ? undefined : { amount: likely, direction: null };
}

/** The first column whose name says so, else the only one whose type does. */
function named(columns: readonly Column[], name: RegExp, type: RegExp): string | undefined {
  const byType = columns.filter((column) => type.test(column.type));
  return columns.find((column) => name.test(column.name))?.name ?? (byType.length === 1 ? byType[0]!.name : undefined);
}

function unknown(problem: string, columns: readonly Column[], file: string): LedgerflowError {
  return new LedgerflowError('LF_RECON_COLUMNS', `${problem}; the columns are ${columns.map(({ name }) => name).join(', ')}`, {
    where: file,
  });
}
