// Files with the columns of well-known kinds of data sets become the canonical relation by themselves; what does not fit is named.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection, type DuckDBInstance as Instance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kindSql } from '../canonical.ts';
import { readLabels, withGuess } from './labels.ts';
import { parseMapping, readTransactions } from './mapping.ts';

let [instance, connection]: [Instance, DuckDBConnection] = [undefined!, undefined!];
let folder: string;
beforeEach(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
  folder = mkdtempSync(path.join(tmpdir(), 'lf-mapping-'));
});
afterEach(() => {
  connection.closeSync();
  instance.closeSync();
  rmSync(folder, { recursive: true });
});

const file = (lines: readonly string[], name = 'f.csv'): string => {
  writeFileSync(path.join(folder, name), `${lines.join('\n')}\n`);
  return path.join(folder, name);
};
const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
const read = (map: readonly string[], lines: readonly string[]) =>
  readTransactions(connection, { path: file(lines), mapping: parseMapping(map) });

it('mobile money: steps of an hour, names of both sides', async () => {
  const { present, guess } = await read(
    [],
    [
      'step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud',
      '1,PAYMENT,9839.64,C1231006815,170136.0,160296.36,M1979787155,0.0,0.0,0,0',
      '2,TRANSFER,181.0,C1305486145,181.0,0.0,C553264065,0.0,0.0,1,0',
    ],
  );
  expect(
    await rows(
      'SELECT transaction_id, event_ts, account_id, customer_id, counter_account_id, merchant_id, type, direction, status, amount, balance_before FROM fraud_transactions',
    ),
  ).toEqual([
    [
      '1',
      '2025-01-01 01:00:00',
      'C1231006815',
      'C1231006815',
      null,
      'M1979787155',
      'PAYMENT',
      'debit',
      'posted',
      '9839.64000000',
      '170136.00000000',
    ],
    [
      '2',
      '2025-01-01 02:00:00',
      'C1305486145',
      'C1305486145',
      'C553264065',
      null,
      'TRANSFER',
      'debit',
      'posted',
      '181.00000000',
      '181.00000000',
    ],
  ]);
  expect([present.has('counter_customer_id'), present.has('device_id'), present.has('mcc')]).toEqual([true, false, false]);
  await readLabels(connection, withGuess({}, guess));
  expect(await rows('FROM fraud_labels')).toEqual([['2', '2', 'fraud']]);
});

it('card payments: card number, shop, place', async () => {
  await read(
    [],
    [
      'trans_date_trans_time,cc_num,merchant,category,amt,trans_num,merch_lat,merch_long,is_fraud',
      '2019-01-01 00:00:18,2703186189652095,"fraud_Rippin, Kub and Mann",misc_net,4.97,0b242abb623afc578575680df30655b9,36.011293,-82.048315,0',
      '2019-01-01 00:00:44,630423337322,"Heller, Gutmann",grocery_pos,107.23,1f76529f8574734946361c461b024d99,49.159047,-118.186462,1',
    ],
  );
  await readLabels(connection, { label: 'is_fraud', typology: 'category' });
  expect(
    await rows(
      'SELECT t.account_id, t.category, t.latitude, l.typology FROM fraud_transactions t JOIN fraud_labels l USING (transaction_id)',
    ),
  ).toEqual([['630423337322', 'grocery_pos', 49.159047, 'grocery_pos']]);
});

it('money laundering: date and time apart, labels and kinds in a file of their own', async () => {
  const lines = [
    'Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,Payment_type,Id',
    '10:35:19,2022-10-07,8724731955,2769355426,1459.15,UK pounds,Cash Deposit,a',
    '10:35:20,2022-10-07,1491989064,8401255335,6019.64,UK pounds,Cross-border,b',
  ];
  await read([], lines);
  const labels = file(['transaction_id,is_fraud,typology,episode', 'a,0,Normal,', 'b,1,Smurfing,e1'], 'labels.csv');
  await readLabels(connection, { file: labels });
  expect(
    await rows(
      'SELECT transaction_id, episode, typology, event_ts, currency FROM fraud_labels JOIN fraud_transactions USING (transaction_id)',
    ),
  ).toEqual([['b', 'e1', 'Smurfing', '2022-10-07 10:35:20', 'GBP']]);
});

it.each([
  [
    'a card and a terminal',
    ['TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD', '0,2018-04-01 00:00:31,596,3156,57.16,1'],
    ['0', '2018-04-01 00:00:31', '596', null, '3156', 'purchase', '57.16', null],
  ],
  [
    'quoted names, steps of a day: nobody buys so often in an hour',
    [
      'step,customer,age,merchant,category,amount,fraud',
      ...Array.from({ length: 4 }, (_, step) => `${step},"'C1'",4,"'M3'","'es_food'",4.55,1`),
    ],
    ['1', '2025-01-01 00:00:00', `'C1'`, null, `'M3'`, 'purchase', '4.55', null],
  ],
  [
    'two columns of one name, currencies in words',
    ['Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,Payment Format,Is Laundering', '2022/09/01 00:20,010,8000EBD30,010,8000F5340,3697.34,US Dollar,3697.34,Swiss Franc,Cheque,1'], // prettier-ignore
    ['1', '2022-09-01 00:20:00', '8000EBD30', '8000F5340', null, 'transfer', '3697.34', 'CHF'],
  ],
  [
    'originator and beneficiary',
    ['tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id', '7,5,9,TRANSFER,10.5,2017-01-01T00:00:00Z,true,3'],
    ['7', '2017-01-01 00:00:00', '5', '9', null, 'transfer', '10.50', null],
  ],
])('recognises columns by their names: %s', async (_, lines, expected) => {
  const { guess } = await read([], lines);
  const found =
    await rows(`SELECT transaction_id, event_ts, account_id, counter_account_id, merchant_id, ${kindSql('t')}, CAST(amount AS DECIMAL(18,2)), nullif(currency, 'XXX')
    FROM fraud_transactions t ORDER BY event_ts LIMIT 1`);
  expect(found).toEqual([expected]);
  await readLabels(connection, withGuess({}, guess));
});

it('says what is wrong with a file', async () => {
  const lines = ['id,when,who,amount', '1,2025-01-01,a,1', '1,2025-01-02,,2'];
  await expect(read([], lines)).rejects.toThrow('no column event_ts: say which it is with --map event_ts=…');
  await expect(read(['event_ts=when', 'account_id=who'], lines)).rejects.toThrow('account_id is empty in 1 rows');
  await expect(read(['event_ts=when', 'account_id=id', 'transaction_id=id'], lines)).rejects.toThrow(
    'transaction_id is not unique (1 of 2)',
  );
  await expect(read(['event_ts=whenever', 'account_id=id'], lines)).rejects.toThrow(/cannot be mapped.*whenever/s);
  expect(() => parseMapping(['colour=red'])).toThrow('"colour=red" maps nothing');
  expect(() => parseMapping(['amount=a', 'amount=b'])).toThrow('amount is mapped twice');
  await read(['event_ts=when', 'account_id=id'], lines);
  await expect(readLabels(connection, {})).rejects.toThrow('--label COLUMN');
  await expect(readLabels(connection, { label: 'who' })).rejects.toThrow('no transaction is labelled as fraud');
  await expect(readLabels(connection, { file: file(['transaction_id', '99'], 'l.csv') })).rejects.toThrow(
    '1 of 1 labels are about transactions that are not in the file',
  );
});
