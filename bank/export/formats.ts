// The three formats of the journal. beancount and hledger files end with every account's balance as the ledger keeps it, asserted on the day
// after the last transaction: those programs then check the ledger with their own arithmetic. Pure.

import { ENTRY_COLUMNS } from '../audit/encoding.ts';
import type { JournalAccount, JournalTransaction } from './read-journal.ts';
import { dateOf, negated, plainText, signedAmount } from './text-forms.ts';

export interface Format {
  /** Before the accounts. */
  readonly head: string;
  readonly currency: (code: string) => string;
  readonly account: (account: JournalAccount, name: string) => string;
  readonly transaction: (journal: JournalTransaction, nameOf: (accountId: string) => string) => string;
  /** Before the balances. */
  readonly beforeBalances: (date: string) => string;
  readonly balance: (account: JournalAccount, name: string, date: string) => string;
}

/** Backdated history may be older than its account: accounts are open from here on. */
const OPEN_DATE = '1970-01-01';

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

const beancount: Format = {
  head: 'option "title" "LedgerFlow journal"\n\n',
  currency: () => '',
  account: ({ currency }, name) => `${OPEN_DATE} open ${name} ${currency}\n`,
  transaction: ({ transaction, entries }, nameOf) => {
    const { transaction_id: id, type, description, posted_at: at } = transaction;
    const postings = entries.map((entry) => `  ${nameOf(entry.account_id!)}  ${signedAmount(entry)} ${entry.currency}\n`);
    return `\n${dateOf(at)} * ${quoted(type!)} ${quoted(plainText(description))}\n  transaction: ${quoted(id!)}\n${postings.join('')}`;
  },
  beforeBalances: () => '\n',
  balance: ({ balance, currency }, name, date) => `${date} balance ${name}  ${negated(balance)} ${currency}\n`,
};

const hledger: Format = {
  head: '; LedgerFlow journal\ndecimal-mark .\n\n',
  currency: (code) => `commodity 1000.0000 ${code}\n`,
  account: (_account, name) => `account ${name}\n`,
  transaction: ({ transaction, entries }, nameOf) => {
    const { transaction_id: id, type, description, posted_at: at } = transaction;
    const postings = entries.map((entry) => `    ${nameOf(entry.account_id!)}  ${signedAmount(entry)} ${entry.currency}\n`);
    // A semicolon would begin a comment, a bar would split payee and note.
    const text = plainText(description).replace(/[;|]/g, ',');
    return `\n${dateOf(at)} * (${id}) ${type}${text === '' ? '' : ` | ${text}`}\n${postings.join('')}`;
  },
  beforeBalances: (date) => `\n${date} * balances in the ledger\n`,
  balance: ({ balance, currency }, name) => `    ${name}  0 ${currency} = ${negated(balance)} ${currency}\n`,
};

const TRANSACTION_PART = [
  'transaction_id',
  'type',
  'customer_id',
  'merchant_id',
  'description',
  'event_ts',
  'effective_at',
  'reference_id',
  'reversal_of',
] as const;

const csvField = (text: string | null): string => {
  if (text === null) return '';
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** RFC 4180, one record an entry; NULL is an empty field, an empty text is `""`. */
const csv: Format = {
  head: `${[...TRANSACTION_PART, 'account', ...ENTRY_COLUMNS].join(',')}\r\n`,
  currency: () => '',
  account: () => '',
  transaction: ({ transaction, entries }, nameOf) => {
    const common = TRANSACTION_PART.map((column) => transaction[column]);
    const records = entries.map((entry) => [...common, nameOf(entry.account_id!), ...ENTRY_COLUMNS.map((column) => entry[column])]);
    return records.map((record) => `${record.map(csvField).join(',')}\r\n`).join('');
  },
  beforeBalances: () => '',
  balance: () => '',
};

export const FORMATS = { beancount, hledger, csv } as const;
export type FormatName = keyof typeof FORMATS;
