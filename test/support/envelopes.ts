// Debezium 3.6 messages made by hand, byte for byte in the shape that the real connector writes (cdc/envelope/testdata holds captured ones).

export const TEST_UUID = 'aea4420a-e577-11f1-8604-02fc00000001';

export interface ChangeSpec {
  readonly table: string;
  readonly op: 'c' | 'u' | 'd' | 'r' | 't';
  readonly before?: object | null;
  readonly after?: object | null;
  /** GTID number; absent for snapshot rows. */
  readonly seq?: number;
  readonly ord?: number;
  /** `source.snapshot`; 'false' for streamed events. */
  readonly snapshot?: string;
  readonly database?: string;
  readonly tsMs?: number;
}

const EPOCH_MS = 1_795_243_773_000;

/** Value of one change event. */
export function changeValue(spec: ChangeSpec): Buffer {
  const { seq, ord = 1, tsMs = EPOCH_MS, database = 'bank', snapshot = 'false' } = spec;
  const gtid = seq === undefined ? null : `${TEST_UUID}:${seq}`;
  const ts = `"ts_ms":${tsMs},"ts_us":${tsMs}000,"ts_ns":${tsMs}000000`;
  const source =
    `{"version":"3.6.1.Final","connector":"mysql","name":"bank_server","ts_ms":${tsMs},"snapshot":"${snapshot}","db":"${database}","sequence":null,` +
    `"ts_us":${tsMs}000,"ts_ns":${tsMs}000000,"table":${JSON.stringify(spec.table)},"server_id":${seq === undefined ? 0 : 1},"gtid":${JSON.stringify(gtid)},` +
    `"file":"binlog.000001","pos":${seq === undefined ? 7238 : 7238 + seq * 300},"row":0,"thread":16,"query":null}`;
  const inTransaction = gtid !== null && spec.op !== 't' && snapshot === 'false';
  const transaction = inTransaction ? `{"id":"${gtid}","total_order":${ord},"data_collection_order":${ord}}` : 'null';
  const image = (row: object | null | undefined): string => (row === undefined || row === null ? 'null' : JSON.stringify(row));
  return Buffer.from(
    `{"before":${image(spec.before)},"after":${image(spec.after)},"source":${source},"transaction":${transaction},"op":"${spec.op}",${ts}}`,
  );
}

export function beginValue(seq: number, tsMs = EPOCH_MS): Buffer {
  return Buffer.from(`{"status":"BEGIN","id":"${TEST_UUID}:${seq}","event_count":null,"data_collections":null,"ts_ms":${tsMs}}`);
}

export function endValue(seq: number, counts: Readonly<Record<string, number>>, tsMs = EPOCH_MS): Buffer {
  const collections = Object.entries(counts).map(([table, count]) => `{"data_collection":"bank.${table}","event_count":${count}}`);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return Buffer.from(
    `{"status":"END","id":"${TEST_UUID}:${seq}","event_count":${total},"data_collections":[${collections.join(',')}],"ts_ms":${tsMs}}`,
  );
}
