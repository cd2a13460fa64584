// Five tables of the bank as MySQL has them, described the way Debezium's schema-change events describe them.

import { parseSchemaChange } from '../../cdc/schema/schema-change.ts';
import type { TableSchema } from '../../cdc/schema/table-schema.ts';

export const BENCH_TABLES = ['customers', 'merchants', 'accounts', 'transactions', 'ledger_entries'] as const;
export type BenchTable = (typeof BENCH_TABLES)[number];

export const BENCH_UUID = 'aea4420a-e577-11f1-8604-02fc00000001';

/** Name, type, nullable. */
type ColumnLine = readonly [name: string, type: string, nullable?: 'NULL'];

const COLUMNS: Readonly<Record<BenchTable, readonly ColumnLine[]>> = {
  customers: [
    ['customer_id', 'BIGINT'],
    ['first_name', 'VARCHAR(80)'],
    ['last_name', 'VARCHAR(80)'],
    ['email', 'VARCHAR(254)', 'NULL'],
    ['created_at', 'DATETIME(6)'],
    ['city', 'VARCHAR(80)', 'NULL'],
    ['country', 'CHAR(2)', 'NULL'],
  ],
  merchants: [
    ['merchant_id', 'BIGINT'],
    ['name', 'VARCHAR(120)'],
    ['mcc', 'CHAR(4)', 'NULL'],
    ['category', 'VARCHAR(40)'],
    ['city', 'VARCHAR(80)', 'NULL'],
    ['country', 'CHAR(2)', 'NULL'],
    ['created_at', 'DATETIME(6)'],
  ],
  accounts: [
    ['account_id', 'BIGINT'],
    ['customer_id', 'BIGINT'],
    ['account_type', 'VARCHAR(20)'],
    ['balance', 'DECIMAL(20,4)', 'NULL'],
    ['status', 'VARCHAR(8)'],
    ['created_at', 'DATETIME(6)'],
    ['currency', 'CHAR(3)'],
    ['overdraft_limit', 'DECIMAL(20,4)'],
    ['entry_seq', 'BIGINT'],
    ['label', 'VARCHAR(120)', 'NULL'],
  ],
  transactions: [
    ['transaction_id', 'BIGINT'],
    ['account_id', 'BIGINT'],
    ['customer_id', 'BIGINT'],
    ['merchant_id', 'BIGINT', 'NULL'],
    ['amount', 'DECIMAL(20,4)'],
    ['currency', 'CHAR(3)'],
    ['status', 'VARCHAR(8)'],
    ['event_ts', 'DATETIME(6)'],
    ['created_at', 'DATETIME(6)'],
    ['type', 'VARCHAR(12)'],
    ['direction', 'VARCHAR(6)'],
    ['counter_account_id', 'BIGINT'],
    ['reference_id', 'BIGINT', 'NULL'],
    ['reversal_of', 'BIGINT', 'NULL'],
    ['device_id', 'BIGINT', 'NULL'],
    ['channel', 'VARCHAR(16)', 'NULL'],
    ['description', 'VARCHAR(255)', 'NULL'],
    ['effective_at', 'DATETIME(6)'],
    ['posted_at', 'DATETIME(6)', 'NULL'],
    ['metadata', 'JSON', 'NULL'],
  ],
  ledger_entries: [
    ['entry_id', 'BIGINT'],
    ['transaction_id', 'BIGINT'],
    ['account_id', 'BIGINT'],
    ['posting_type', 'VARCHAR(6)'],
    ['amount', 'DECIMAL(20,4)'],
    ['currency', 'CHAR(3)'],
    ['balance_after', 'DECIMAL(20,4)', 'NULL'],
    ['account_seq', 'BIGINT', 'NULL'],
    ['created_at', 'DATETIME(6)'],
    ['leg', 'SMALLINT'],
  ],
};

/** The event Debezium writes for a table when its snapshot begins. */
export function schemaEvent(table: BenchTable): Buffer {
  const columns = COLUMNS[table].map(([name, type, nullable], index) =>
    columnEvent(name, type, { position: index + 1, optional: nullable === 'NULL' }),
  );
  return Buffer.from(
    JSON.stringify({
      source: {
        version: '3.6.1.Final',
        connector: 'mysql',
        name: 'bank_server',
        ts_ms: 1_795_243_770_369,
        snapshot: 'true',
        db: 'bank',
        sequence: null,
        ts_us: 1_795_243_770_369_840,
        ts_ns: 1_795_243_770_369_840_000,
        table,
        server_id: 0,
        gtid: null,
        file: 'binlog.000001',
        pos: 7238,
        row: 0,
        thread: null,
        query: null,
      },
      ts_ms: 1_795_243_770_709,
      databaseName: 'bank',
      schemaName: null,
      ddl: `CREATE TABLE \`${table}\` (…)`,
      tableChanges: [
        {
          type: 'CREATE',
          id: `"bank"."${table}"`,
          table: { defaultCharsetName: 'utf8mb4', primaryKeyColumnNames: [COLUMNS[table][0]?.[0]], columns },
        },
      ],
    }),
  );
}

function columnEvent(name: string, type: string, place: { position: number; optional: boolean }): object {
  const [typeName = type, arguments_ = ''] = type.replace(')', '').split('(');
  const [length, scale] = arguments_.split(',').map(Number);
  const charsetName = /CHAR|TEXT/.test(typeName) ? 'utf8mb4' : null;
  return {
    ...{ name, jdbcType: 1, nativeType: null, typeName, typeExpression: typeName, charsetName },
    ...{ length: arguments_ === '' ? null : length, scale: scale ?? null, ...place },
    ...{ autoIncremented: false, generated: false, comment: null, defaultValueExpression: null, enumValues: null },
  };
}

/** The table as the processor knows it from that event. */
export function benchSchema(table: BenchTable): TableSchema {
  const schema = parseSchemaChange(schemaEvent(table)).changes[0]?.schema;
  if (schema === null || schema === undefined) throw new Error(`no schema of ${table}`);
  return schema;
}
