// `ledgerflow bank export`: the whole ledger in a format of plain-text accounting, as a stream of text.

import { throwIfAborted } from '../../infra/runtime/sleep.ts';
import type { LedgerConnection } from '../audit/read-ledger.ts';
import { FORMATS, type FormatName } from './formats.ts';
import { readAccounts, readCurrencies, readHouse, readJournal } from './read-journal.ts';
import { accountName, dateOf, nextDay } from './text-forms.ts';
import { beginSnapshot } from '../store/snapshot.ts';

export interface ExportOptions {
  readonly format: FormatName;
  readonly signal?: AbortSignal;
  /** Called now and then with the transactions written so far. */
  readonly onProgress?: (transactions: number) => void;
}

/** Characters gathered before they are handed on. */
const CHUNK_CHARACTERS = 65_536;

/** The text of the journal in chunks, from one consistent snapshot of `connection`. */
export async function* exportJournal(connection: LedgerConnection, options: ExportOptions): AsyncGenerator<string> {
  let text = '';
  for await (const piece of pieces(connection, options)) {
    throwIfAborted(options.signal);
    text += piece;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield text;
    text = '';
  }
  yield text;
}

async function* pieces(connection: LedgerConnection, { format: name, onProgress }: ExportOptions): AsyncGenerator<string> {
  const format = FORMATS[name];
  await beginSnapshot(connection);
  const house = await readHouse(connection);
  const nameOf = (accountId: string): string => accountName(accountId, house.get(accountId));
  yield format.head;
  for (const code of await readCurrencies(connection)) yield format.currency(code);
  for await (const account of readAccounts(connection)) yield format.account(account, nameOf(account.accountId));
  let [count, last] = [0, '1970-01-01'];
  for await (const journal of readJournal(connection)) {
    yield format.transaction(journal, nameOf);
    const date = dateOf(journal.transaction.posted_at);
    if (date > last) last = date;
    count += 1;
    if (count % PROGRESS_EVERY === 0) onProgress?.(count);
  }
  onProgress?.(count);
  const after = nextDay(last);
  yield format.beforeBalances(after);
  for await (const account of readAccounts(connection)) yield format.balance(account, nameOf(account.accountId), after);
  await connection.query('ROLLBACK');
}

const PROGRESS_EVERY = 10_000;
