// Metrics of the parts before the processor, read through their own interfaces (cdc/exporters); part of metrics.ts.

export const SOURCE_METRICS = {
  partUp: {
    kind: 'gauge',
    name: 'ledgerflow_part_up',
    unit: 'boolean',
    help: '1 when the last read of the part (mysql, kafka, connect) succeeded, else 0.',
    labels: ['part'],
  },
  exportFailures: {
    kind: 'counter',
    name: 'ledgerflow_export_failures_total',
    unit: 'reads',
    help: "Reads of a part's figures that failed.",
    labels: ['part'],
  },
  kafkaEndOffset: {
    kind: 'gauge',
    name: 'ledgerflow_kafka_end_offset',
    unit: 'offset',
    help: 'Offset of the next message, by captured topic and partition.',
    labels: ['topic', 'partition'],
  },
  kafkaStartOffset: {
    kind: 'gauge',
    name: 'ledgerflow_kafka_start_offset',
    unit: 'offset',
    help: 'Offset of the oldest message kept, by captured topic and partition.',
    labels: ['topic', 'partition'],
  },
  kafkaRetentionSeconds: {
    kind: 'gauge',
    name: 'ledgerflow_kafka_retention_seconds',
    unit: 'seconds',
    help: 'How long a topic keeps its messages; -1: for ever, which replay needs.',
    labels: ['topic'],
  },
  kafkaBrokers: { kind: 'gauge', name: 'ledgerflow_kafka_brokers', unit: 'brokers', help: 'Brokers of the cluster; absent while unknown.' },
  connectTasks: {
    kind: 'gauge',
    name: 'ledgerflow_connect_tasks',
    unit: 'tasks',
    help: 'Tasks of every connector by state, as Kafka Connect tells.',
    labels: ['connector', 'state'],
  },
  mysqlBinlogBytes: {
    kind: 'gauge',
    name: 'ledgerflow_mysql_binlog_bytes',
    unit: 'bytes',
    help: 'Size of all binlog files of the server; absent while unknown.',
  },
  mysqlBinlogFiles: {
    kind: 'gauge',
    name: 'ledgerflow_mysql_binlog_files',
    unit: 'files',
    help: 'Binlog files of the server; absent while unknown.',
  },
  mysqlBinlogBehindBytes: {
    kind: 'gauge',
    name: 'ledgerflow_mysql_binlog_behind_bytes',
    unit: 'bytes',
    help: 'Bytes of binlog between the last committed position and its end; absent while unknown.',
  },
  mysqlTransactionsBehind: {
    kind: 'gauge',
    name: 'ledgerflow_mysql_transactions_behind',
    unit: 'transactions',
    help: 'Transactions executed by the server beyond the last committed one; absent while unknown.',
  },
  mysqlReplicaLagSeconds: {
    kind: 'gauge',
    name: 'ledgerflow_mysql_replica_lag_seconds',
    unit: 'seconds',
    help: 'How far the server is behind its own source, by channel, when it is a replica; absent when it is none or does not replicate.',
    labels: ['channel'],
  },
} as const;
