// The same world through JSON and through Avro gives the same silver: real MySQL, Debezium, broker and registry; the JSON that Debezium
// wrote is written a second time in Avro, and the processor reads both.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Connection } from 'mysql2/promise';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../bank/schema/migrate.ts';
import { SCHEMA_HEADER } from '../../cdc/codec/message-decoder.ts';
import { schemaIdOf } from '../../cdc/codec/wire-format.ts';
import { connectorConfig } from '../../cdc/connector/config.ts';
import { registerConnector } from '../../cdc/connector/register.ts';
import { notificationTopic } from '../../cdc/connector/topic-names.ts';
import { ensureTopics } from '../../cdc/connector/topics.ts';
import { createKafka } from '../../cdc/kafka/client.ts';
import { connectMysql } from '../../infra/native/mysql-admin.ts';
import { loadConfig } from '../../infra/runtime/config.ts';
import { createMetrics } from '../../infra/runtime/metrics.ts';
import { openStore, type StoreHandle } from '../../lake/store/open.ts';
import { Processor } from '../../stream/processor/processor.ts';
import { AvroMirror } from '../support/avro-mirror.ts';
import { startNativeStack, type NativeStackRun } from '../support/native-stack.ts';
import { waitFor } from '../support/pipeline.ts';
import { readTopic } from '../support/read-topic.ts';
import { startRegistry, type TestRegistry } from '../support/schema-registry.ts';

const EVERY_TYPE = `CREATE TABLE every_type (id BIGINT PRIMARY KEY, ti TINYINT, tu TINYINT UNSIGNED, si SMALLINT, su SMALLINT UNSIGNED, mu MEDIUMINT UNSIGNED,
  i INT, iu INT UNSIGNED, b BIGINT, bu BIGINT UNSIGNED, d DECIMAL(65, 30), m DECIMAL(20, 4), f FLOAT, db DOUBLE, bit1 BIT(1), bit20 BIT(20), da DATE, t TIME(6),
  dt DATETIME(6), dt3 DATETIME(3), ts TIMESTAMP(6) NULL, y YEAR, c CHAR(5), v VARCHAR(200), tx TEXT, bi BINARY(4), vb VARBINARY(10), bl BLOB,
  e ENUM('small', 'it''s'), s SET('x', 'y'), j JSON, g POINT, flag BOOLEAN NOT NULL DEFAULT TRUE)`;
const LOW = `-128, 0, -32768, 0, 0, -2147483648, 0, -9223372036854775808, 0, -99999999999999999999999999999999999.999999999999999999999999999999, -9999999999999999.9999, -3.40282e38,
  -1.7976931348623157e308, b'0', b'0', '1000-01-01', '-838:59:59', '1000-01-01 00:00:00', '1000-01-01 00:00:00.001', '1970-01-01 00:00:01', 1901, '', '', '', x'00', x'', x'',
  'small', '', 'null', ST_GeomFromText('POINT(-1.5 2)'), FALSE`;
const HIGH = `127, 255, 32767, 65535, 16777215, 2147483647, 4294967295, 9223372036854775807, 18446744073709551615, 99999999999999999999999999999999999.999999999999999999999999999999, 9999999999999999.9999, 1.1,
  0.1, b'1', b'11111111111111111111', '9999-12-31', '838:59:58.999999', '9999-12-31 23:59:59.999999', '2026-11-21 12:00:00.123', '2038-01-19 03:14:07.999999', 2155,
  'ascii', 'zażółć "gęślą" \\\\ jaźń 🙂', 'tab\\t newline\\n bell', x'00ff0010', x'deadbeef', x'0001', 'it''s', 'x,y', '{"n": 9007199254740993, "t": [1.5, null, "ü"]}', ST_GeomFromText('POINT(1 1)'), TRUE`;
const NULLS = `${new Array<string>(31).fill('NULL').join(', ')}, TRUE`;
const ODD_NAMES =
  'CREATE TABLE odd_names (`first-key` VARCHAR(20), `größe` BIGINT UNSIGNED, `1st value` VARCHAR(20), `with_under` INT, PRIMARY KEY (`first-key`, `größe`))';
const TABLES = ['every_type', 'odd_names', 'accounts', 'currencies', 'customers'];

const REREAD = 'read-again';

let stack: NativeStackRun;
let registry: TestRegistry;
let bank: Connection;
const home = mkdtempSync(path.join(tmpdir(), 'lf-avro-'));
const log = pino({ level: 'silent' });

beforeAll(async () => {
  [stack, registry] = await Promise.all([startNativeStack(), startRegistry()]);
  await migrate({ ...stack.plan.admin, database: stack.config.mysqlDatabase });
  bank = await connectMysql(stack.plan.admin);
  await bank.query(`USE ${stack.config.mysqlDatabase}`);
  for (const statement of [EVERY_TYPE, ODD_NAMES, `INSERT INTO every_type VALUES (1, ${LOW}), (2, ${HIGH}), (3, ${NULLS})`])
    await bank.query(statement);
  await capture();
  await waitFor('the snapshot', 120_000, async () => (await messagesOf(topic('bank_server', 'every_type'))).length === 3);
});
afterAll(async () => {
  bank?.destroy();
  await stack?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

const brokers = (): string => stack.plan.endpoints.kafka.brokers;
const topic = (prefix: string, table: string): string => `${prefix}.${stack.config.mysqlDatabase}.${table}`;

const messagesOf = (name: string): ReturnType<typeof readTopic> => readTopic(createKafka(brokers()), name);

async function capture(): Promise<void> {
  const { config, secrets } = stack;
  const { mysql, connect } = stack.plan.endpoints;
  const [tables] = await bank.query(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'`,
  );
  const source = { database: config.mysqlDatabase, brokers: brokers() };
  await ensureTopics({ ...source, prefix: config.topicPrefix, tables: (tables as { name: string }[]).map(({ name }) => name) });
  const login = { mysqlHost: mysql.host, mysqlPort: mysql.port, mysqlUser: 'ledgerflow_cdc', mysqlPassword: secrets.mysqlCdc };
  const connector = connectorConfig({ ...source, ...login, topicPrefix: config.topicPrefix });
  await registerConnector({ connectUrl: connect.url, connectorName: connect.connector, config: connector });
}

/** Changes that stream: extremes inserted, updated to NULL and back, deleted, a key changed, a column added, a table emptied. */
async function change(): Promise<void> {
  const statements = [
    `INSERT INTO every_type VALUES (9007199254740993, ${LOW}), (-9223372036854775808, ${HIGH}), (9223372036854775807, ${NULLS})`,
    'UPDATE every_type SET b = bu DIV 2, v = NULL, m = -0.0001 WHERE id < 3',
    'DELETE FROM every_type WHERE id IN (3, 9007199254740993)',
    `INSERT INTO odd_names VALUES ('a', 18446744073709551615, 'x', 1), ('b', 0, NULL, NULL)`,
    `UPDATE odd_names SET \`größe\` = 9223372036854775808 WHERE \`first-key\` = 'b'`,
    'ALTER TABLE every_type ADD COLUMN later DECIMAL(10, 2)',
    'UPDATE every_type SET later = 12.50, t = NULL WHERE id = 2',
    'TRUNCATE TABLE odd_names',
    `INSERT INTO odd_names VALUES ('c', 7, 'y', 2)`,
    `INSERT INTO customers (first_name, last_name, email) VALUES ('Ada', 'Avro', 'ada@example.com')`,
    `INSERT INTO accounts (customer_id) VALUES (LAST_INSERT_ID())`,
  ];
  for (const statement of statements) await bank.query(statement);
}

/** Has Debezium read a table once more while it streams: how that ended it tells in the notification topic. */
async function readAgain(table: string): Promise<void> {
  const data = JSON.stringify({ 'data-collections': [`${stack.config.mysqlDatabase}.${table}`], type: 'incremental' });
  await bank.query(`INSERT INTO debezium_signal (id, type, data) VALUES (?, 'execute-snapshot', ?)`, [REREAD, data]);
  await waitFor('the end of the scan', 60_000, async () =>
    (await messagesOf(notificationTopic('bank_server'))).some(({ value }) =>
      /Incremental.*"COMPLETED"|"COMPLETED".*Incremental/.test(value?.toString() ?? ''),
    ),
  );
  await bank.query(`INSERT INTO odd_names VALUES ('d', 8, 'z', 3)`);
}

async function lastSeq(): Promise<number> {
  const [rows] = await bank.query('SELECT @@GLOBAL.gtid_executed AS executed');
  const [{ executed }] = rows as [{ executed: string }];
  return Number(/(\d+)$/.exec(executed)?.[1]);
}

const inKafka = (seq: number): Promise<void> =>
  waitFor(`transaction ${seq} in Kafka`, 60_000, async () =>
    (await messagesOf('bank_server.transaction')).some(({ value }) => value?.includes(`:${seq}"`) ?? false),
  );

/** A transaction of its own: what is proven after the last commit is told by the next one. */
async function beat(): Promise<void> {
  await bank.query('INSERT INTO heartbeat (id, beat, beaten_at) VALUES (1, 1, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE beat = beat + 1');
}

interface Run {
  readonly prefix: string;
  readonly seq: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** Lets time pass at the source. */
  readonly beat: () => Promise<void>;
}

/** Runs the real processor over one prefix until it has committed transaction `seq` and taken what was read again. */
async function processed({ prefix, seq, settings = {}, beat: pass }: Run): Promise<StoreHandle> {
  const config = loadConfig({
    LEDGERFLOW_HOME: path.join(home, prefix),
    LEDGERFLOW_KAFKA_BROKERS: brokers(),
    LEDGERFLOW_TOPIC_PREFIX: prefix,
    ...settings,
  });
  const store = await openStore({
    storeFolder: path.join(config.home, 'store'),
    lakeDataFolder: path.join(config.home, 'lake'),
    memoryMb: 512,
    threads: 1,
  });
  const processor = await Processor.open({ config, store, log, metrics: createMetrics(), onCommit: () => undefined });
  const stop = new AbortController();
  const run = processor.run(stop.signal);
  run.catch(() => undefined);
  const reader = await store.connect();
  const arrived = async (): Promise<boolean> => {
    const scan = (await reader.runAndReadAll(`SELECT status FROM ops.rereads WHERE signal_id = '${REREAD}'`)).getRows()[0]?.[0];
    const at = processor.lastCommit?.seq ?? 0;
    if (at >= seq) await pass();
    if (at < seq || scan === undefined || scan === 'running') throw new Error(`at transaction ${at}, the scan is ${String(scan)}`);
    return true;
  };
  try {
    await Promise.race([run, waitFor(`transaction ${seq} of ${prefix} and the end of the scan`, 90_000, arrived)]);
  } finally {
    reader.closeSync();
    stop.abort();
    await run;
  }
  return store;
}

async function rows(store: StoreHandle, sql: string): Promise<unknown[]> {
  return (await store.writer.runAndReadAll(sql)).getRowsJson();
}

describe('Avro', () => {
  it('gives the same silver, history and bronze as JSON', async () => {
    await change();
    await readAgain('odd_names');
    const seq = await lastSeq();
    await inKafka(seq);
    await using json = await processed({ prefix: 'bank_server', seq, beat });

    const last = await lastSeq(); // beats are in it
    await inKafka(last);
    const mirror = new AvroMirror({ brokers: brokers(), registryUrl: registry.url, from: 'bank_server', to: 'avro_server' });
    await mirror.copyAll();
    const avroValues = await messagesOf(topic('avro_server', 'every_type'));
    expect(avroValues.every(({ key, value }) => schemaIdOf(key) !== null && (value === null || schemaIdOf(value) !== null))).toBe(true);
    const settings = { LEDGERFLOW_FORMAT: 'avro', LEDGERFLOW_REGISTRY_URL: registry.url };
    const emptyTransactions = (): Promise<void> => mirror.emptyTransaction();
    await using avro = await processed({ prefix: 'avro_server', seq, settings, beat: emptyTransactions });
    for (const table of TABLES) {
      for (const relation of [`silver."${table}"`, `silver."${table}_history"`]) {
        const [wanted, got] = [
          await rows(json, `SELECT COLUMNS(c -> c <> '_commit') FROM ${relation} ORDER BY ALL`),
          await rows(avro, `SELECT COLUMNS(c -> c <> '_commit') FROM ${relation} ORDER BY ALL`),
        ];
        expect(got, relation).toEqual(wanted);
        expect(wanted?.length, relation).toBeGreaterThan(0);
      }
    }
    expect(await rows(avro, 'SELECT count(*)::INTEGER FROM ops.parked')).toEqual([[0]]);
    for (const store of [json, avro])
      expect(await rows(store, 'SELECT table_name, status FROM ops.rereads')).toEqual([['odd_names', 'done']]);
    await expectSameBronze(json, avro, seq);
  });

  it('keeps NULL apart from zero in the bank itself: its tables have no nullable column with a default', async () => {
    const [found] = await bank.query(
      `SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND IS_NULLABLE = 'YES' AND COLUMN_DEFAULT IS NOT NULL`,
    );
    expect(found).toEqual([]);
    const [accounts] = await bank.query(`SELECT SUM(balance IS NULL) > 0 AS house, SUM(balance = 0) > 0 AS customer FROM accounts`);
    expect(accounts).toMatchObject([{ house: 1, customer: 1 }]);
  });
});

/** The JSON made of Avro is byte for byte what Debezium's JSON converter wrote, but for `snapshot`, whose default Avro spells out. */
async function expectSameBronze(json: StoreHandle, avro: StoreHandle, upTo: number): Promise<void> {
  const bronze = (prefix: string): string =>
    `SELECT substr(topic, ${prefix.length + 1}), partition, kafka_offset, seq, ord, op, disposition, decode(key), replace(decode(value), '"snapshot":null', '"snapshot":"false"')
     FROM _bronze.tail WHERE seq <= ${upTo} ORDER BY ALL`;
  const [wanted, got] = [await rows(json, bronze('bank_server')), await rows(avro, bronze('avro_server'))];
  expect(wanted.length).toBeGreaterThan(50);
  expect(got).toEqual(wanted);
  const headers = await rows(avro, `SELECT count(*) FILTER (headers LIKE '%"${SCHEMA_HEADER}"%') = count(*) FROM _bronze.tail`);
  expect(headers).toEqual([[true]]);
}
