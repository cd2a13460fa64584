// What a row of Debezium's signal table asks for, as the processor reads it: rows to be read again, or an end of that.

import { messageOf } from '../../infra/runtime/errors.ts';
import { APPLIED } from '../../lake/store/batch.ts';
import type { RecordBatch } from '../../lake/store/record-batch.ts';

const CREATE = 'c'.charCodeAt(0);

/** read: by Debezium, in parts. bulk: by ourselves, from MySQL (stream/backfill). stop: what goes on of either kind is given up. */
export interface Signal {
  readonly kind: 'read' | 'bulk' | 'stop';
  readonly id: string;
  readonly seq: number;
  /** Empty in a stop of everything. */
  readonly tables: readonly string[];
  /** The signal asks for some rows only: their canonical keys, as far as it names them. Null for whole tables. */
  readonly keys: readonly string[] | null;
}

/** Type of the signal that begins a bulk read; Debezium logs that it does not know it, and goes on. */
export const BULK_SIGNAL = 'ledgerflow-bulk';

/** Signals among the records of a cut. */
export function signalsIn(records: RecordBatch, isSignalTopic: (topicId: number) => boolean, database: string): Signal[] {
  const found: Signal[] = [];
  for (let index = 0; index < records.count; index += 1) {
    if (records.op[index] !== CREATE || records.disposition[index] !== APPLIED || !isSignalTopic(records.topicId[index] ?? -1)) continue;
    const value = records.value(index);
    const signal = value === null ? null : signalOf(value, records.seq[index] ?? -1, database);
    if (signal !== null) found.push(signal);
  }
  return found;
}

interface SignalData {
  readonly type?: string;
  readonly 'data-collections'?: readonly string[];
  readonly 'additional-conditions'?: readonly unknown[];
  /** Debezium's older form. */
  readonly 'additional-condition'?: string;
  /** Ours (lake/verify/repair-signal.ts); Debezium passes over it. */
  readonly keys?: readonly string[];
}

const KINDS: Readonly<Record<string, Signal['kind']>> = { 'execute-snapshot': 'read', 'stop-snapshot': 'stop', [BULK_SIGNAL]: 'bulk' };

function signalOf(value: Buffer, seq: number, database: string): Signal | null {
  try {
    const { after } = JSON.parse(value.toString('utf8')) as { after: { id: string; type: string; data: string | null } };
    const kind = KINDS[after.type];
    if (kind === undefined) return null;
    const data = JSON.parse(after.data ?? '{}') as SignalData;
    if ((data.type ?? 'incremental').toLowerCase() !== 'incremental') return null;
    const tables = (data['data-collections'] ?? [])
      .map((name) => name.replaceAll('\\', ''))
      .filter((name) => name.startsWith(`${database}.`));
    // Rows that a condition leaves out are not read: nothing that is there may be taken for gone but what the signal names itself.
    const partial = (data['additional-conditions'] ?? []).length > 0 || data['additional-condition'] !== undefined;
    const keys = partial ? (data.keys ?? []) : null;
    return { kind, id: after.id, seq, tables: tables.map((name) => name.slice(database.length + 1)), keys };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null; // not a signal Debezium would act on either
    throw new Error(messageOf(error), { cause: error });
  }
}
