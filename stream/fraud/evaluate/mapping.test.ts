// Files with the columns of three well-known kinds of data sets become the canonical relation; what does not fit is named.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance, type DuckDBConnection, type DuckDBInstance as Instance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readLabels } from './labels.ts';
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
  const present = await read(
    [
      `event_ts=TIMESTAMP '2025-01-01' + to_hours(step)`,
      'account_id=nameOrig',
      `counter_account_id=CASE WHEN nameDest LIKE 'C%' THEN nameDest END`,
      `merchant_id=CASE WHEN nameDest LIKE 'M%' THEN nameDest END`,
      `direction=CASE type WHEN 'CASH_IN' THEN 'credit' ELSE 'debit' END`,
      'balance_before=oldbalanceOrg',
    ],
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
  await readLabels(connection, { label: 'isFraud' });
  expect(await rows('FROM fraud_labels')).toEqual([['2', '2', 'fraud']]);
});

it('card payments: card number, shop, place', async () => {
  await read(
    [
      'event_ts=trans_date_trans_time',
      'account_id=cc_num',
      'merchant_id=merchant',
      'amount=amt',
      'transaction_id=trans_num',
      'latitude=merch_lat',
      'longitude=merch_long',
    ],
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
  const map = [
    'event_ts=CAST(Date AS DATE) + CAST(Time AS TIME)',
    'account_id=Sender_account',
    'counter_account_id=Receiver_account',
    'amount=Amount',
    'type=Payment_type',
    'transaction_id=Id',
    `currency='GBP'`,
  ];
  await read(map, lines);
  const labels = file(['transaction_id,is_fraud,typology,episode', 'a,0,Normal,', 'b,1,Smurfing,e1'], 'labels.csv');
  await readLabels(connection, { file: labels });
  expect(
    await rows(
      'SELECT transaction_id, episode, typology, event_ts, currency FROM fraud_labels JOIN fraud_transactions USING (transaction_id)',
    ),
  ).toEqual([['b', 'e1', 'Smurfing', '2022-10-07 10:35:20', 'GBP']]);
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
