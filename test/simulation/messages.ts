// The messages that Debezium writes for the records of a history, in its own JSON, for the real scanner and parsers to read.

import { SIGNAL_TABLE } from '../../cdc/connector/config.ts';
import { MADE, SIGNAL, TABLES, type History, type SourceRecord } from '../../stream/processor/cut/testing/history.ts';
import { beginValue, changeValue, endValue, TEST_UUID } from '../support/envelopes.ts';

export const PREFIX = 'bank_server';
export const DATABASE = 'bank';
export const CONNECTOR = 'ledgerflow-bank';
export const OFFSETS_TOPIC = '_connect_offsets';
/** Tables of the history by their captured names. */
export const TABLE_NAMES = TABLES.map((name, table) => (table === SIGNAL ? SIGNAL_TABLE : name.slice(DATABASE.length + 1)));

export interface SimMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** Images of a row record: History says what the row is afterwards; MySQL says c or u by what was there before. */
interface Images {
  readonly op: 'c' | 'u' | 'd' | 'r' | 't';
  readonly before: object | null;
  readonly after: object | null;
}

const EPOCH_MS = 1_795_243_773_000;

export class Messages {
  private readonly history: History;
  private readonly images: (Images | null)[] = [];

  constructor(history: History) {
    this.history = history;
    const state = TABLES.map(() => new Map<number, string>());
    for (const record of history.records) this.images.push(imagesOf(record, state));
  }

  topicOf(record: SourceRecord): string {
    if (record.topic === 'T') return `${PREFIX}.transaction`;
    return record.topic === 'S' ? PREFIX : `${PREFIX}.${DATABASE}.${TABLE_NAMES[record.topic]!}`;
  }

  /** @param generation which attempt at the first snapshot a row of it belongs to */
  messageOf(index: number, generation: number): SimMessage {
    const record = this.history.records[index]!;
    const key = record.key === null ? null : Buffer.from(JSON.stringify({ id: record.key }));
    switch (record.kind) {
      case 'begin':
        return { key: null, value: beginValue(record.seq) };
      case 'end':
        return { key: null, value: endValue(record.seq, countsOf(record)) };
      case 'ddl':
        return { key: null, value: ddlValue(record) };
      case 'tombstone':
        return { key, value: null };
      case 'unreadable':
        return { key: Buffer.from('{"id":'), value: Buffer.from(`{"before":null,"after":{"id": ${record.id}`) };
      case 'control':
        return { key: null, value: Buffer.from('{}') };
      case 'event':
      case 'outside':
      case 'snapshot':
        return { key, value: this.rowValue(index, record, generation) };
    }
  }

  private rowValue(index: number, record: SourceRecord, generation: number): Buffer {
    const { op, before, after } = this.images[index]!;
    const table = TABLE_NAMES[record.topic as number]!;
    if (record.kind === 'snapshot') return changeValue({ table, op, before, after, snapshot: 'true', tsMs: EPOCH_MS + generation });
    if (record.kind === 'event') return changeValue({ table, op, before, after, seq: record.seq, ord: record.ord });
    const snapshot = op === 'r' ? 'incremental' : 'false';
    const value = changeValue({ table, op, before, after, seq: record.seq, snapshot }).toString();
    return Buffer.from(value.replace(/"transaction":\{[^}]*\}/, '"transaction":null'));
  }
}

function imagesOf({ kind, op, row, topic }: SourceRecord, state: Map<number, string>[]): Images | null {
  if (op === 't') state[topic as number]!.clear();
  if (op === 't') return { op: 't', before: null, after: null };
  if (row === null) return null;
  const rows = state[row.table]!;
  const old = rows.get(row.key);
  const before = old === undefined ? null : { id: row.key, v: old };
  if (row.value === null) {
    rows.delete(row.key);
    return { op: 'd', before: before ?? { id: row.key, v: 'never there' }, after: null };
  }
  rows.set(row.key, row.value);
  const after = { id: row.key, v: row.value };
  if (kind === 'snapshot' || op === 'r') return { op: 'r', before: null, after };
  return { op: old === undefined ? 'c' : 'u', before, after };
}

function countsOf(record: SourceRecord): Record<string, number> {
  const collections = record.end?.data_collections ?? [];
  return Object.fromEntries(
    collections.map(({ data_collection, event_count }) => [
      TABLE_NAMES[TABLES.findIndex((name) => name === data_collection)]!,
      event_count,
    ]),
  );
}

function ddlValue({ seq, id, alone }: SourceRecord): Buffer {
  const [verb, which] = id.split(' ');
  const table = verb === 'create' ? Number(which) : 0;
  const statement = ((): string => {
    if (verb === 'create')
      return `CREATE TABLE \`${TABLE_NAMES[table]!}\` (id BIGINT, v VARCHAR(80))${table === MADE ? ' START TRANSACTION' : ''}`;
    return alone === true ? `ALTER TABLE \`${TABLE_NAMES[0]!}\` COMMENT '${id}'` : `DROP TABLE \`never captured ${id}\``;
  })();
  const changes = verb === 'create' || alone === true ? [tableChange(verb === 'create' ? 'CREATE' : 'ALTER', table)] : [];
  return Buffer.from(
    JSON.stringify({
      source: {
        snapshot: seq < 0 ? 'true' : 'false',
        gtid: seq < 0 ? null : `${TEST_UUID}:${seq}`,
        file: 'binlog.000001',
        pos: 7238 + seq,
        ts_us: EPOCH_MS,
      },
      ...{ databaseName: DATABASE, ddl: statement, tableChanges: changes },
    }),
  );
}

function tableChange(type: string, table: number): object {
  const column = (name: string, typeName: string, position: number): object => ({
    ...{ name, typeName, position, length: typeName === 'VARCHAR' ? 80 : null, scale: null, optional: position > 1 },
    ...{ charsetName: null, enumValues: null, defaultValueExpression: null, generated: false, autoIncremented: false },
  });
  const columns = [column('id', 'BIGINT', 1), column('v', 'VARCHAR', 2)];
  return { type, id: `"${DATABASE}"."${TABLE_NAMES[table]!}"`, table: { primaryKeyColumnNames: ['id'], columns } };
}

/** A record of Connect's offset topic. */
export function offsetMessage(gtidsThrough: number, snapshot: boolean): SimMessage {
  const gtids = gtidsThrough < 1 ? '' : `${TEST_UUID}:1-${gtidsThrough}`;
  return {
    key: Buffer.from(JSON.stringify([CONNECTOR, { server: PREFIX }])),
    value: Buffer.from(JSON.stringify({ file: 'binlog.000001', pos: 1, gtids, ts_sec: 1, ...(snapshot ? { snapshot: true } : {}) })),
  };
}
