// Well-known names of columns, in a few languages, as a mapping. A guess is a proposal: `recon inspect` shows it, a reviewed source holds it.

import { knownCurrencies } from '../currency.ts';
import { mappingSchema, type Mapping } from '../mapping.ts';
import type { CsvRecord } from './records.ts';

type Role = 'externalId' | 'bookedAt' | 'valueDate' | 'amount' | 'credit' | 'debit' | 'direction' | 'currency' | 'account' | 'reference' | 'description' | 'counterparty' | 'kind' | 'balance' | 'batchKey'; // prettier-ignore

/** Names without anything but letters, most telling first. */
const NAMES: Readonly<Record<Role, readonly string[]>> = {
  externalId: ['externalid', 'transactionid', 'txnid', 'txid', 'entryid', 'fitid', 'uniqueid', 'id', 'transactionnumber', 'bankreference', 'buchungsid'],
  bookedAt: ['bookedat', 'booked', 'bookingdate', 'bookeddate', 'postingdate', 'posteddate', 'transactiondate', 'txndate', 'trandate', 'entrydate', 'date', 'datetime', 'timestamp', 'createdat', 'createdutc', 'created', 'completeddate', 'buchungstag', 'buchungsdatum', 'datum', 'fecha', 'data', 'dateoperation'],
  valueDate: ['valuedate', 'valuta', 'valutadatum', 'wertstellung', 'settlementdate', 'availableon', 'datevaleur', 'fechavalor'],
  amount: ['amount', 'transactionamount', 'netamount', 'net', 'value', 'gross', 'betrag', 'umsatz', 'montant', 'importe', 'bedrag', 'amountusd'],
  credit: ['credit', 'creditamount', 'paidin', 'moneyin', 'deposit', 'deposits', 'depositamount', 'depositamt', 'haben', 'gutschrift', 'abono', 'creditinr'],
  debit: ['debit', 'debitamount', 'paidout', 'moneyout', 'withdrawal', 'withdrawals', 'withdrawalamount', 'withdrawalamt', 'soll', 'lastschrift', 'cargo', 'debitinr'],
  direction: ['direction', 'drcr', 'crdr', 'creditdebit', 'debitcredit', 'creditdebitindicator', 'sollhaben', 'dc', 'cd', 'sign'],
  currency: ['currency', 'ccy', 'currencycode', 'waehrung', 'whrung', 'devise', 'moneda', 'cur'],
  account: ['account', 'accountid', 'accountnumber', 'iban', 'konto', 'kontonummer', 'compte', 'cuenta'],
  reference: ['reference', 'endtoendid', 'customerreference', 'referenceid', 'ref', 'internalid', 'paymentreference', 'invoice', 'invoicenumber', 'orderid', 'chequenumber', 'chqrefno', 'checknumber', 'kundenreferenz', 'referenz', 'mandatsreferenz'],
  description: ['description', 'memo', 'details', 'narrative', 'narration', 'particulars', 'transactiondetails', 'remittanceinformation', 'purpose', 'text', 'verwendungszweck', 'buchungstext', 'libelle', 'concepto', 'omschrijving'],
  counterparty: ['counterparty', 'payee', 'payer', 'name', 'merchant', 'counterpartyname', 'beneficiary', 'beguenstigterzahlungspflichtiger', 'auftraggeberempfnger', 'auftraggeberempfaenger'],
  kind: ['kind', 'type', 'transactiontype', 'txntype', 'transactioncode', 'category', 'reportingcategory', 'umsatzart'],
  balance: ['balance', 'runningbalance', 'closingbalance', 'saldo', 'solde', 'kontostand', 'balanceinr'],
  batchKey: ['batchkey', 'batchid', 'batch', 'payoutid', 'automaticpayoutid', 'settlementbatch', 'settlementid'],
}; // prettier-ignore

export interface GuessedMapping {
  readonly mapping: Mapping | null;
  readonly missing: string;
  /** A column called a balance; whether it follows from the amounts is seen later. */
  readonly balance?: string | undefined;
}

/** @param body lines of the sample, for what names do not tell: the order of balances is not guessed, currencies in values are */
export function mappingOf(columns: readonly string[], body: readonly CsvRecord[]): GuessedMapping {
  const found = new Map<Role, string>();
  const bare = columns.map((column) => column.toLowerCase().replaceAll(/[^\p{L}]/gu, ''));
  for (const role of Object.keys(NAMES) as Role[]) {
    const name = NAMES[role].find((it) => bare.includes(it));
    const column = name === undefined ? undefined : columns[bare.indexOf(name)];
    if (column !== undefined && ![...found.values()].includes(column)) found.set(role, column);
  }
  const money = moneyOf(found);
  const bookedAt = found.get('bookedAt') ?? found.get('valueDate');
  const currency = found.get('currency') ?? currencyColumn(columns, body);
  const needed = { 'a date': bookedAt, 'an amount': money, 'a currency (constants.currency where no column has it)': currency };
  const missing = Object.entries(needed).filter(([, it]) => it === undefined).map(([name]) => name); // prettier-ignore
  if (missing.length > 0)
    return {
      mapping: null,
      missing: `no column is known to be ${missing.join(', ')}; the columns are ${columns.join(', ')}: set a mapping`,
    };
  const optional = (['externalId', 'valueDate', 'account', 'reference', 'description', 'counterparty', 'kind', 'batchKey'] as const)
    .filter((role) => found.has(role) && found.get(role) !== bookedAt)
    .map((role) => [role, found.get(role)]);
  return {
    mapping: mappingSchema.parse({ ...Object.fromEntries(optional), bookedAt, money, currency }),
    missing: '',
    balance: found.get('balance'),
  };
}

function moneyOf(found: ReadonlyMap<Role, string>): Mapping['money'] | undefined {
  const [amount, credit, debit, direction] = [found.get('amount'), found.get('credit'), found.get('debit'), found.get('direction')];
  if (amount !== undefined && direction !== undefined)
    return {
      amount,
      direction,
      credit: ['C', 'CR', 'CRDT', 'CREDIT', 'IN', 'H', '+'],
      debit: ['D', 'DR', 'DBIT', 'DEBIT', 'OUT', 'S', '-'],
    };
  if (credit !== undefined && debit !== undefined) return { credit, debit };
  return amount === undefined ? undefined : { amount };
}

/** A column whose every value is a currency. */
function currencyColumn(columns: readonly string[], body: readonly CsvRecord[]): string | undefined {
  const known = new Set(knownCurrencies());
  return columns.find((_, index) => body.length > 0 && body.every(({ cells }) => known.has(cells[index]?.trim().toUpperCase() ?? '')));
}
