// The processor's task that reads the figures of MySQL, Kafka and Connect for /metrics.

import { runExports } from '../../cdc/exporters/export.ts';
import type { LakePosition } from '../../cdc/exporters/mysql.ts';
import type { Task } from '../../infra/runtime/lifecycle.ts';
import type { Log } from '../../infra/runtime/log.ts';
import type { Metrics } from '../../infra/runtime/metrics.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import type { StoreHandle } from '../../lake/store/open.ts';

interface ExportContext {
  readonly config: Config;
  readonly store: StoreHandle;
  readonly metrics: Metrics;
  readonly log: Log;
}

export function exportTask({ config, store, metrics, log }: ExportContext): Task {
  const run = async (stop: AbortSignal): Promise<void> => {
    const connection = await store.connect();
    const position = async (): Promise<LakePosition | null> => {
      const found = await connection.runAndReadAll('SELECT binlog_file, binlog_pos, server_uuid, seq FROM ops.state WHERE seq >= 0');
      const [row] = found.getRows();
      if (row === undefined) return null;
      const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
      return { binlogFile: text(row[0]), binlogPos: Number(row[1] ?? 0), serverUuid: text(row[2]), seq: Number(row[3]) };
    };
    try {
      const { mysqlUrl, kafkaBrokers, topicPrefix, connectUrl, exportIntervalMs: intervalMs } = config;
      await runExports({ mysqlUrl, kafkaBrokers, topicPrefix, connectUrl, position, intervalMs, metrics, log }, stop);
    } finally {
      connection.closeSync();
    }
  };
  return { name: 'exports', run };
}
