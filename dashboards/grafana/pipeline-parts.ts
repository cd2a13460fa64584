// The lower half of the Pipeline dashboard: parked records, publication and compaction, the parts it all runs on.

import type { Section } from './layout.ts';
import { series, table, UNIT } from './panels.ts';

export const parked: Section = {
  title: 'Parked records and held tables',
  rows: [
    [
      table({
        title: 'Parked, by reason',
        about: 'Open ones: parked or waiting behind a parked record of their key. ops.parked',
        unit: UNIT.count,
        w: 12,
        sql: `SELECT reason, coalesce(table_name, topic) AS "table", status, count(*) AS records, min(parked_at) AS oldest FROM ops.parked
          WHERE status IN ('parked', 'waiting') GROUP BY 1, 2, 3 ORDER BY records DESC, reason`,
      }),
      table({
        title: 'Tables held at an older state',
        about: 'Since a schema change that may have changed rows in silence. ops.held_tables',
        unit: UNIT.count,
        w: 12,
        sql: `SELECT table_name AS "table", code, reason, held_at AS since, records FROM ops.held_tables WHERE released_at IS NULL ORDER BY held_at`,
      }),
    ],
  ],
};

export const lake: Section = {
  title: 'Publication and compaction',
  rows: [
    [
      series({
        title: 'Publications',
        about: 'Time of each publication of the lake. ops.publications',
        unit: UNIT.ms,
        w: 8,
        sql: `SELECT published_at AS "time", duration_ms AS took FROM ops.publications WHERE $__timeFilter(published_at) ORDER BY published_at`,
      }),
      series({
        title: 'Commits not yet published',
        about: 'Commits of the working store beyond the last publication.',
        unit: UNIT.count,
        w: 8,
        prom: [{ expr: 'ledgerflow_committed_commit - ledgerflow_published_commit', legend: 'commits' }],
      }),
      table({
        title: 'Segments of bronze',
        about: 'Parquet segments that are not adopted by the lake yet. ops.segments',
        unit: UNIT.count,
        w: 8,
        columns: { bytes: UNIT.bytes },
        sql: `SELECT count(*) AS segments, coalesce(sum(rows), 0)::bigint AS rows, coalesce(sum(bytes), 0)::bigint AS bytes FROM ops.segments`,
      }),
    ],
  ],
};

export const parts: Section = {
  title: 'Parts',
  rows: [
    [
      series({
        title: 'Kafka: messages in',
        about: 'Growth of the end offsets, a second, by topic.',
        unit: UNIT.rate,
        w: 8,
        prom: [{ expr: 'sum by (topic) (rate(ledgerflow_kafka_end_offset[$__rate_interval]))', legend: '{{topic}}' }],
      }),
      series({
        title: 'MySQL: transactions not yet in the lake',
        about: 'Executed transactions of the server beyond the last committed one.',
        unit: UNIT.count,
        w: 8,
        prom: [{ expr: 'ledgerflow_mysql_transactions_behind', legend: 'transactions' }],
      }),
      series({
        title: 'Memory of the processor',
        about: 'Resident set.',
        unit: UNIT.bytes,
        w: 8,
        prom: [{ expr: 'ledgerflow_resident_memory_bytes', legend: 'resident' }],
      }),
    ],
    [
      series({
        title: 'Connect: tasks by state',
        about: 'As the REST interface of Kafka Connect tells.',
        unit: UNIT.count,
        w: 8,
        prom: [{ expr: 'sum by (connector, state) (ledgerflow_connect_tasks)', legend: '{{connector}} {{state}}' }],
      }),
      series({
        title: 'MySQL: size of the binlogs',
        about: 'Sum of all binlog files of the server.',
        unit: UNIT.bytes,
        w: 8,
        prom: [{ expr: 'ledgerflow_mysql_binlog_bytes', legend: 'binlogs' }],
      }),
      series({
        title: 'Exports that failed',
        about: 'Reads of the parts’ own interfaces that failed, a second.',
        unit: UNIT.rate,
        w: 8,
        prom: [{ expr: 'sum by (part) (rate(ledgerflow_export_failures_total[$__rate_interval]))', legend: '{{part}}' }],
      }),
    ],
  ],
};
