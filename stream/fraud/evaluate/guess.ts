// Which column of somebody else's file is what: by its name, and where the name says too little, by what stands in it. What is guessed is
// told to the user, and --map overrules it. Names are compared without case, blanks and underscores.

import type { DuckDBConnection } from '@duckdb/node-api';
import { ident } from '../../../infra/runtime/sql-text.ts';
import { typeWordSql, type CanonicalColumn } from '../canonical.ts';

/** Names that a thing goes by, the most certain first. */
const NAMES = {
  transaction_id: ['transactionid', 'txid', 'transnum', 'tranid', 'transid', 'txnid', 'paymentid', 'id'],
  event_ts: [
    ...['eventts', 'txdatetime', 'transdatetranstime', 'timestamp', 'datetime', 'transactiondatetime', 'transactiontimestamp'],
    ...['trantimestamp', 'transactiontime', 'transactiondate', 'eventtime', 'createdat', 'bookedat', 'valuedate', 'unixtime', 'step'],
  ],
  date: ['transdate', 'txdate', 'date', 'bookingdate'],
  time: ['transtime', 'txtime', 'time', 'bookingtime'],
  account_id: [
    ...['accountid', 'nameorig', 'senderaccount', 'fromaccount', 'origacct', 'sourceaccount', 'payeraccount', 'originatoraccount'],
    ...['account', 'ccnum', 'cardnumber', 'cardid', 'card', 'accountnumber', 'senderid', 'sender', 'iban'],
  ],
  customer_id: ['customerid', 'customer', 'clientid', 'client', 'userid', 'user', 'cardholderid'],
  counter_account_id: [
    ...['counteraccountid', 'namedest', 'receiveraccount', 'toaccount', 'beneacct', 'destinationaccount', 'payeeaccount'],
    ...['beneficiaryaccount', 'counterpartyaccount', 'account1', 'receiverid', 'receiver', 'beneficiary'],
  ],
  merchant_id: ['merchantid', 'terminalid', 'merchant', 'merchantname', 'merchantnumber', 'shopid', 'terminal'],
  mcc: ['mcc', 'merchantcategorycode', 'mcccode'],
  category: ['category', 'merchantcategory'],
  device_id: ['deviceid', 'device', 'devicefingerprint'],
  channel: ['channel', 'entrymode', 'usechip'],
  type: ['type', 'transactiontype', 'txtype', 'paymenttype', 'paymentformat', 'trantype'],
  direction: ['direction'],
  status: ['status', 'transactionstatus'],
  amount: ['amount', 'txamount', 'amt', 'transactionamount', 'baseamt', 'amountpaid', 'amountusd', 'value'],
  currency: ['currency', 'paymentcurrency', 'currencycode', 'ccy'],
  latitude: ['merchlat', 'merchantlatitude', 'merchantlat', 'latitude'],
  longitude: ['merchlong', 'merchantlongitude', 'merchantlon', 'merchlon', 'longitude'],
  country: ['merchantcountry', 'country', 'receiverbanklocation'],
  balance_before: ['balancebefore', 'oldbalanceorg', 'oldbalanceorig', 'openingbalance'],
  label: ['isfraud', 'txfraud', 'fraud', 'fraudulent', 'islaundering', 'issar', 'fraudflag', 'isfraudulent', 'label', 'class'],
  typology: ['typology', 'launderingtype', 'fraudtype', 'fraudscenario', 'txfraudscenario'],
  episode: ['episode', 'fraudepisode', 'caseid'],
} as const;
type Thing = keyof typeof NAMES;

/** Words of a movement's type: with the first ones the other side is a shop, with the second money comes in. */
const PAID = ['PAYMENT', 'PURCHASE', 'POS', 'CARD'];
const CAME_IN = ['CASH_IN', 'DEPOSIT', 'CASH_DEPOSIT', 'REFUND', 'CREDIT'];
/** Times that are only counted have no beginning of their own. */
const FIRST_STEP = `TIMESTAMP '2025-01-01'`;
/** A count of steps is one of hours, unless everybody would then move money more often than so many times a day: then it is one of days. */
const MOVEMENTS_A_DAY_MAX = 5;

export interface Guess {
  readonly columns: ReadonlyMap<CanonicalColumn, string>;
  readonly label: string | undefined;
  readonly typology: string | undefined;
  readonly episode: string | undefined;
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** The column that a thing goes by, among those of a file. */
export function namesIn(columns: readonly string[]): (thing: Thing) => string | undefined {
  const byPlain = new Map([...columns].reverse().map((name) => [plain(name), name]));
  return (thing) => [thing, ...NAMES[thing]].map((name) => byPlain.get(plain(name))).find((name) => name !== undefined);
}

/** Looks at the table `_file` of the connection. */
export async function guessColumns(connection: DuckDBConnection): Promise<Guess> {
  const described = await connection.runAndReadAll('SELECT column_name, column_type FROM (DESCRIBE _file)');
  const types = new Map(described.getRows().map(([name, type]) => [String(name), String(type)]));
  const named = namesIn([...types.keys()]);
  const columns = new Map<CanonicalColumn, string>();
  const put = (column: CanonicalColumn, source: string | undefined): void => {
    if (source !== undefined) columns.set(column, source);
  };
  for (const thing of Object.keys(NAMES) as Thing[])
    if (!['date', 'time', 'label', 'typology', 'episode', 'event_ts', 'counter_account_id'].includes(thing))
      put(thing as CanonicalColumn, named(thing));
  const holder = columns.get('account_id') ?? columns.get('customer_id');
  put('event_ts', await instantOf(connection, { types, named, holder }));
  const [type, other] = [columns.get('type'), named('counter_account_id')];
  put('counter_account_id', other);
  const isOneOf = (words: readonly string[]): string =>
    `${typeWordSql(ident(type ?? ''))} IN (${words.map((word) => `'${word}'`).join(', ')})`;
  if (type !== undefined && other !== undefined && !columns.has('merchant_id')) {
    put('merchant_id', `CASE WHEN ${isOneOf(PAID)} THEN ${ident(other)} END`);
    put('counter_account_id', `CASE WHEN NOT ${isOneOf(PAID)} THEN ${ident(other)} END`);
  }
  if (type !== undefined && !columns.has('direction')) put('direction', `CASE WHEN ${isOneOf(CAME_IN)} THEN 'credit' ELSE 'debit' END`);
  if (!(await isUnique(connection, columns.get('transaction_id')))) columns.delete('transaction_id');
  return { columns, label: named('label'), typology: named('typology'), episode: named('episode') };
}

interface Names {
  readonly types: ReadonlyMap<string, string>;
  readonly named: (thing: Thing) => string | undefined;
  readonly holder: string | undefined;
}

/** The column or expression of business time: one column, a date and a time, seconds since 1970, or counted steps. */
async function instantOf(connection: DuckDBConnection, { types, named, holder }: Names): Promise<string | undefined> {
  const [whole, date, time] = [named('event_ts'), named('date'), named('time')];
  const isNumber = (name: string): boolean => /INT|DOUBLE|FLOAT|DECIMAL/.test(types.get(name) ?? '');
  if (whole !== undefined && !isNumber(whole)) return whole;
  if (date !== undefined && !isNumber(date))
    return time === undefined ? date : `CAST(${ident(date)} AS DATE) + CAST(${ident(time)} AS TIME)`;
  if (whole === undefined) return undefined;
  const [last, rows, holders] = await numbers(
    connection,
    `SELECT max(${ident(whole)}), count(*), ${holder === undefined ? '0' : `count(DISTINCT ${ident(holder)})`} FROM _file`,
  );
  if (last! > 1e11) return `to_timestamp(CAST(${ident(whole)} AS DOUBLE) / 1000) AT TIME ZONE 'UTC'`;
  if (last! > 1e8) return `to_timestamp(CAST(${ident(whole)} AS DOUBLE)) AT TIME ZONE 'UTC'`;
  // Beyond everybody's first movement: in a short extract of many customers hardly anybody has a second one.
  const perStep = (rows! - holders!) / Math.max(1, holders!) / Math.max(1, last!);
  const unit = perStep * 24 > MOVEMENTS_A_DAY_MAX ? 'to_days' : 'to_hours';
  return `${FIRST_STEP} + ${unit}(CAST(${ident(whole)} AS INTEGER))`;
}

async function isUnique(connection: DuckDBConnection, column: string | undefined): Promise<boolean> {
  if (column === undefined) return false;
  const [rows, different] = await numbers(connection, `SELECT count(*), count(DISTINCT ${ident(column)}) FROM _file`);
  return rows === different;
}

async function numbers(connection: DuckDBConnection, sql: string): Promise<number[]> {
  return ((await connection.runAndReadAll(sql)).getRows()[0] ?? []).map(Number);
}
