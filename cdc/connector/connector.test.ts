import { describe, expect, it } from 'vitest';
import { realMessages, realValue } from '../envelope/testdata/load.ts';
import { connectorConfig, type ConnectorOptions } from './config.ts';
import { parseConnectOffset, provesDelivered } from './offsets.ts';
import { failureReason } from './status.ts';
import { collidingTables, tableTopic } from './topic-names.ts';
import { wantedTopics } from './topics.ts';

const OPTIONS: ConnectorOptions = {
  mysqlHost: 'db.example',
  mysqlPort: 3306,
  mysqlUser: 'ledgerflow_cdc',
  mysqlPassword: 'secret',
  database: 'bank',
  topicPrefix: 'bank_server',
  brokers: 'kafka:9092',
};

describe('connectorConfig', () => {
  const config = connectorConfig(OPTIONS);

  it('stops rather than loses', () => {
    expect(config).toMatchObject({
      'event.converting.failure.handling.mode': 'fail',
      'event.processing.failure.handling.mode': 'fail',
      'inconsistent.schema.handling.mode': 'fail',
      'skipped.operations': 'none',
      'tombstones.on.delete': 'true',
      'schema.history.internal.skip.unparseable.ddl': 'false',
      'tasks.max': '1',
    });
  });

  it('carries exact values', () => {
    expect(config).toMatchObject({
      'decimal.handling.mode': 'string',
      'bigint.unsigned.handling.mode': 'long',
      'time.precision.mode': 'adaptive_time_microseconds',
      'binary.handling.mode': 'hex',
      'driver.useCursorFetch': 'false',
      'enable.time.adjuster': 'false',
    });
    expect(config).not.toHaveProperty('snapshot.fetch.size');
    expect(config).not.toHaveProperty('heartbeat.action.query');
  });

  it('quotes names for regular expressions and for SQL', () => {
    const odd = connectorConfig({
      ...OPTIONS,
      database: 'b.nk',
      snapshotSelects: { t: 'SELECT 1' },
    });
    expect(odd['database.include.list']).toBe('b\\.nk');
    expect(odd['snapshot.select.statement.overrides']).toBe('"b.nk".t');
    expect(odd['snapshot.select.statement.overrides."b.nk".t']).toBe('SELECT 1');
  });

  it('writes JSON, or Avro in the wire format of a registry with names that can be restored', () => {
    expect(config['value.converter']).toBe('org.apache.kafka.connect.json.JsonConverter');
    expect(config['value.converter.replace.null.with.default']).toBe('false');
    const avro = connectorConfig({ ...OPTIONS, format: 'avro', registryUrl: 'http://registry:8080/apis/ccompat/v7' });
    for (const converter of ['key.converter', 'value.converter']) {
      expect(avro[converter]).toBe('io.apicurio.registry.utils.converter.AvroConverter');
      expect(avro[`${converter}.apicurio.registry.url`]).toBe('http://registry:8080/apis/registry/v3');
      expect(avro[`${converter}.apicurio.registry.headers.enabled`]).toBe('false');
      expect(avro).not.toHaveProperty(`${converter}.schemas.enable`);
    }
    expect(avro['field.name.adjustment.mode']).toBe('avro_unicode');
  });

  it('has text values only, as Connect wants them', () => {
    for (const value of Object.values(config)) expect(value).toBeTypeOf('string');
  });
});

describe('topic names', () => {
  const scheme = { prefix: 'bank_server', database: 'bank' };

  it('are made as Debezium makes them', () => {
    expect(tableTopic(scheme, 'customers')).toBe('bank_server.bank.customers');
    expect(tableTopic(scheme, 'sel.ect "q"')).toBe('bank_server.bank.sel.ect__q_');
    expect(tableTopic(scheme, 'naïve 列-x')).toBe('bank_server.bank.na_ve__-x');
  });

  it('tell which tables would share one', () => {
    expect(collidingTables(['a b', 'a_b', 'c', 'd.e', 'd_e'])).toEqual([
      ['a b', 'a_b'],
      ['d.e', 'd_e'],
    ]);
  });

  it('include one partition for what must keep the order of the source', () => {
    const wanted = wantedTopics({ prefix: 'p', database: 'bank', tables: ['t'], partitions: 4 });
    expect(Object.fromEntries(wanted.map(({ topic, partitions }) => [topic, partitions]))).toEqual({
      'p.bank.t': 4,
      'p.transaction': 1,
      p: 1,
      'p.schema-history': 1,
      'p.notification': 1,
      '__debezium-heartbeat.p': 1,
      'ledgerflow.dlq': 1,
      'ledgerflow.alerts': 1,
    });
    expect(wanted.find(({ topic }) => topic === 'p.schema-history')?.settings['retention.ms']).toBe('-1');
  });
});

describe('source offsets', () => {
  const message = (name: string) => {
    const { key, value } = realMessages()[name] ?? { key: null, value: null };
    return { key: key === null ? null : Buffer.from(key), value: value === null ? null : Buffer.from(value) };
  };
  const connector = (name: string): string => (JSON.parse(message(name).key?.toString() ?? '[]') as [string])[0];

  it('prove what was delivered, not what is under way', () => {
    const idle = parseConnectOffset(message('offset-idle'), connector('offset-idle'));
    const [uuid, range] = idle?.gtids.split(':') ?? [];
    const last = Number(range?.split('-')[1]);
    expect(idle?.snapshot).toBe(false);
    expect(idle !== null && provesDelivered(idle, `${uuid}:${last}`)).toBe(true);
    expect(idle !== null && provesDelivered(idle, `${uuid}:${last + 1}`)).toBe(false);

    const middle = parseConnectOffset(message('offset-middle'), connector('offset-middle'));
    expect(middle?.transactionId).not.toBeNull();
    expect(middle !== null && provesDelivered(middle, middle.transactionId ?? '')).toBe(false);
  });

  it('prove nothing while the snapshot goes on', () => {
    const snapshot = parseConnectOffset(message('offset-snapshot'), connector('offset-snapshot'));
    expect(snapshot?.snapshot).toBe(true);
    expect(snapshot !== null && provesDelivered(snapshot, `${snapshot.gtids.split(':')[0]}:1`)).toBe(false);
  });

  it('of other connectors and other programs are none of ours', () => {
    expect(parseConnectOffset(message('offset-idle'), 'another')).toBeNull();
    expect(parseConnectOffset({ key: Buffer.from('x'), value: Buffer.from('y') }, 'x')).toBeNull();
    expect(parseConnectOffset({ key: Buffer.from('["x",{}]'), value: null }, 'x')).toBeNull();
    expect(parseConnectOffset({ key: Buffer.from('["x",{}]'), value: realValue('tx-end') }, 'x')).toBeNull();
  });
});

describe('failureReason', () => {
  it('is the innermost cause without class names', () => {
    const trace = `org.apache.kafka.connect.errors.ConnectException: An exception occurred\n\tat a.b(C.java:1)\nCaused by: io.debezium.DebeziumException: outer\n\tat x\nCaused by: java.sql.SQLException: Unknown type '242' in column '67'\n\t... 6 more`;
    expect(failureReason(trace)).toBe("Unknown type '242' in column '67'");
    expect(failureReason('plain')).toBe('plain');
    expect(failureReason('')).toBe('');
  });
});
