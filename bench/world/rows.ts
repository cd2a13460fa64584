// Row images of the benchmark's tables as Debezium prints them, and messages around them, byte for byte in its shape.

import { BENCH_UUID, type BenchTable } from './tables.ts';

export interface BenchMessage {
  readonly key: string;
  readonly value: string | null;
}

/** Money with four fraction digits from hundredths. */
export function money(cents: number): string {
  const whole = Math.trunc(cents / 100);
  const rest = Math.abs(cents % 100);
  return `${cents < 0 && whole === 0 ? '-' : ''}${whole}.${rest < 10 ? '0' : ''}${rest}00`;
}

export function customerRow(id: number, version: number): string {
  return `{"customer_id":${id},"first_name":"First${id}","last_name":"Last${id}","email":"customer${id}+${version}@example.com","created_at":1767225600000000,"city":"Springfield","country":"US"}`;
}

export function merchantRow(id: number, version: number): string {
  return `{"merchant_id":${id},"name":"Merchant ${id}","mcc":"5411","category":"groceries ${version}","city":"Springfield","country":"US","created_at":1767225600000000}`;
}

export interface AccountState {
  readonly id: number;
  readonly customer: number;
  readonly cents: number;
  readonly seq: number;
  readonly label: string | null;
}

export function accountRow({ id, customer, cents, seq, label }: AccountState): string {
  return `{"account_id":${id},"customer_id":${customer},"account_type":"checking","balance":"${money(cents)}","status":"active","created_at":1767225600000000,"currency":"USD","overdraft_limit":"0.0000","entry_seq":${seq},"label":${label === null ? 'null' : `"${label}"`}}`;
}

export interface TransactionState {
  readonly id: number;
  readonly account: number;
  readonly customer: number;
  readonly merchant: number;
  readonly counter: number;
  readonly cents: number;
  readonly status: 'posted' | 'pending' | 'failed';
  readonly atUs: number;
}

export function transactionRow(t: TransactionState): string {
  return (
    `{"transaction_id":${t.id},"account_id":${t.account},"customer_id":${t.customer},"merchant_id":${t.merchant},"amount":"${money(t.cents)}","currency":"USD","status":"${t.status}",` +
    `"event_ts":${t.atUs},"created_at":${t.atUs},"type":"PURCHASE","direction":"DEBIT","counter_account_id":${t.counter},"reference_id":null,"reversal_of":null,"device_id":null,"channel":"web",` +
    `"description":null,"effective_at":${t.atUs},"posted_at":${t.status === 'posted' ? t.atUs : 'null'},"metadata":"{\\"ip\\": \\"10.0.0.1\\", \\"session\\": ${t.id}}"}`
  );
}

export interface EntryState {
  readonly id: number;
  readonly transaction: number;
  readonly account: number;
  readonly posting: 'CREDIT' | 'DEBIT';
  readonly cents: number;
  readonly after: number | null;
  readonly seq: number | null;
  readonly atUs: number;
  readonly leg: number;
}

export function entryRow(e: EntryState): string {
  return (
    `{"entry_id":${e.id},"transaction_id":${e.transaction},"account_id":${e.account},"posting_type":"${e.posting}","amount":"${money(e.cents)}","currency":"USD",` +
    `"balance_after":${e.after === null ? 'null' : `"${money(e.after)}"`},"account_seq":${e.seq ?? 'null'},"created_at":${e.atUs},"leg":${e.leg}}`
  );
}

export interface Place {
  readonly seq: number;
  readonly order: number;
  readonly atMs: number;
}

/** Value of one change event. */
export function envelope(table: BenchTable, images: { before: string | null; after: string | null }, at: Place): string {
  const { seq, order, atMs } = at;
  const op = images.before === null ? 'c' : images.after === null ? 'd' : 'u';
  const times = `"ts_ms":${atMs},"ts_us":${atMs}123,"ts_ns":${atMs}123456`;
  return (
    `{"before":${images.before},"after":${images.after},"source":{"version":"3.6.1.Final","connector":"mysql","name":"bank_server","ts_ms":${atMs},"snapshot":"false","db":"bank","sequence":null,` +
    `"ts_us":${atMs}123,"ts_ns":${atMs}123000,"table":"${table}","server_id":1,"gtid":"${BENCH_UUID}:${seq}","file":"binlog.000002","pos":${seq * 1_400 + order * 300},"row":0,"thread":16,"query":null},` +
    `"transaction":{"id":"${BENCH_UUID}:${seq}","total_order":${order},"data_collection_order":${order}},"op":"${op}",${times}}`
  );
}

export function beginMessage(seq: number, atMs: number): BenchMessage {
  const id = `${BENCH_UUID}:${seq}`;
  return { key: `{"id":"${id}"}`, value: `{"status":"BEGIN","id":"${id}","event_count":null,"data_collections":null,"ts_ms":${atMs}}` };
}

export function endMessage(seq: number, counts: ReadonlyMap<string, number>, atMs: number): BenchMessage {
  const id = `${BENCH_UUID}:${seq}`;
  const collections = [...counts].map(([table, count]) => `{"data_collection":"bank.${table}","event_count":${count}}`);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return {
    key: `{"id":"${id}"}`,
    value: `{"status":"END","id":"${id}","event_count":${total},"data_collections":[${collections.join(',')}],"ts_ms":${atMs}}`,
  };
}
