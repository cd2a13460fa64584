// The one shape that rules and features read, whatever the movements come from: the lake's silver tables, a replayed range, a CSV of somebody
// else. One row per attempted movement. NULL where a source has no such thing.

/** Columns of `fraud_transactions` as a source gives them, in order. Ids are texts: sources number differently. */
export const CANONICAL_COLUMNS = {
  transaction_id: 'VARCHAR',
  /** Business time, UTC. */
  event_ts: 'TIMESTAMP',
  /** Order of arrival: the commit in the lake, the row number in a file. */
  position: 'BIGINT',
  account_id: 'VARCHAR',
  customer_id: 'VARCHAR',
  /** The other side, when it is an account like this one (not the bank's own). */
  counter_account_id: 'VARCHAR',
  counter_customer_id: 'VARCHAR',
  merchant_id: 'VARCHAR',
  mcc: 'VARCHAR',
  category: 'VARCHAR',
  device_id: 'VARCHAR',
  channel: 'VARCHAR',
  type: 'VARCHAR',
  /** debit or credit, from the account's point of view. */
  direction: 'VARCHAR',
  /** posted, pending, failed or reversed. */
  status: 'VARCHAR',
  amount: 'DECIMAL(28,8)',
  currency: 'VARCHAR',
  latitude: 'DOUBLE',
  longitude: 'DOUBLE',
  country: 'VARCHAR',
  reference_id: 'VARCHAR',
  is_reversal: 'BOOLEAN',
  /** Of account_id, before the movement. */
  balance_before: 'DECIMAL(28,8)',
  /** Since when there is the account; of a file: its first movement. */
  account_since: 'TIMESTAMP',
} as const;

export type CanonicalColumn = keyof typeof CANONICAL_COLUMNS;

export const CANONICAL_NAMES = Object.keys(CANONICAL_COLUMNS) as CanonicalColumn[];

/**
 * Units of a currency in a dollar, in round figures: thresholds of rules are about the size of an amount, and a rate that moved would move
 * alerts of the past. Never used for money. Currencies that are not named count as dollars.
 */
const UNITS_PER_DOLLAR: Readonly<Record<string, number>> = {
  USD: 1, EUR: 0.9, GBP: 0.8, CHF: 0.9, CAD: 1.4, AUD: 1.5, NZD: 1.6, SGD: 1.35, CNY: 7, HKD: 8, INR: 80, JPY: 150, KRW: 1300, THB: 35,
  PHP: 55, IDR: 15000, VND: 25000, MYR: 4.5, PKR: 280, BDT: 120, BRL: 5, MXN: 18, CLP: 900, COP: 4000, ARS: 1000, ZAR: 18, NGN: 1500,
  KES: 130, EGP: 50, TRY: 35, PLN: 4, CZK: 23, HUF: 360, SEK: 10, NOK: 10, DKK: 7, RUB: 90, UAH: 40, ILS: 3.6, AED: 3.7, SAR: 3.75,
}; // prettier-ignore

/** Currencies that files name in words: a part of the name, in lower case. */
const CURRENCY_WORDS: readonly (readonly [part: string, code: string])[] = [
  ['canadian', 'CAD'], ['australian', 'AUD'], ['us dollar', 'USD'], ['dollar', 'USD'], ['euro', 'EUR'], ['pound', 'GBP'], ['franc', 'CHF'],
  ['yuan', 'CNY'], ['yen', 'JPY'], ['pakistani', 'PKR'], ['rupee', 'INR'], ['ruble', 'RUB'], ['mexican', 'MXN'], ['real', 'BRL'], ['riyal', 'SAR'],
  ['shekel', 'ILS'], ['moroccan', 'XXX'], ['dirham', 'AED'], ['lira', 'TRY'], ['naira', 'NGN'], ['krona', 'SEK'], ['zloty', 'PLN'],
]; // prettier-ignore

/** The code of a currency that may be named in words; anything else stays as it is. */
export function currencyCodeSql(text: string): string {
  const lower = `lower(CAST(${text} AS VARCHAR))`;
  return `CASE ${CURRENCY_WORDS.map(([part, code]) => `WHEN contains(${lower}, '${part}') THEN '${code}'`).join(' ')} ELSE CAST(${text} AS VARCHAR) END`;
}

/** The size of an amount in dollars, DECIMAL(18,2): exact, so that sums do not depend on the order of rows. */
export function valueSql(row: string): string {
  const cases = Object.entries(UNITS_PER_DOLLAR).filter(([, units]) => units !== 1);
  const rate = `CASE ${row}.currency ${cases.map(([code, units]) => `WHEN '${code}' THEN ${units}`).join(' ')} ELSE 1 END`;
  return `CAST(least(CAST(${row}.amount AS DOUBLE) / ${rate}, 1e15) AS DECIMAL(18,2))`;
}

/** The word of a type, however it is written: upper case, one kind of joint. */
export function typeWordSql(text: string): string {
  return `upper(replace(replace(${text}, ' ', '_'), '-', '_'))`;
}

/**
 * What a movement is, in words that hold for every source: purchase, transfer, cash_in, cash_out, refund or system (the bank's own:
 * fees, interest). The source's type decides where it says something, else what is there.
 */
export function kindSql(row: string): string {
  const type = typeWordSql(`coalesce(${row}.type, '')`);
  return `CASE WHEN ${row}.is_reversal OR ${type} IN ('REFUND', 'REVERSAL', 'CHARGEBACK') THEN 'refund'
    WHEN ${type} IN ('FEE', 'INTEREST', 'CASHBACK', 'OPENING', 'ADJUSTMENT') THEN 'system'
    WHEN ${type} IN ('PURCHASE', 'PAYMENT', 'POS', 'CARD', 'DEBIT') THEN 'purchase'
    WHEN ${type} IN ('TRANSFER', 'WIRE', 'ACH', 'P2P', 'CHEQUE', 'CHECK', 'BITCOIN', 'CROSS_BORDER') THEN 'transfer'
    WHEN ${type} IN ('CASH_OUT', 'WITHDRAWAL', 'CASH_WITHDRAWAL', 'ATM') THEN 'cash_out'
    WHEN ${type} IN ('CASH_IN', 'DEPOSIT', 'CASH_DEPOSIT') THEN 'cash_in'
    WHEN ${type} IN ('INVEST', 'TRADE', 'REINVESTMENT') THEN 'investment'
    WHEN ${row}.merchant_id IS NOT NULL THEN 'purchase'
    WHEN ${row}.counter_account_id IS NOT NULL THEN 'transfer'
    WHEN ${row}.direction = 'credit' THEN 'cash_in' ELSE 'cash_out' END`;
}
