// The Kafka Connect worker with Debezium's plugin as a part, listening on loopback only.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { javaLaunch } from './java-launch.ts';
import type { Part } from './part.ts';

export interface ConnectPartOptions {
  readonly home: string;
  readonly java: string;
  readonly jars: string;
  readonly plugins: string;
  readonly brokers: string;
  readonly port: number;
}

const SETTINGS_FILE = fileURLToPath(new URL('../../connect/worker.properties', import.meta.url));
const HEAP_MB = 768;

export function connectPart(options: ConnectPartOptions): Part {
  const { java, jars, port } = options;
  const folder = path.join(options.home, 'connect');
  const logFile = path.join(options.home, 'logs', 'connect.log');
  const settings = path.join(folder, 'worker.properties');
  return {
    kind: 'part',
    name: 'connect',
    port,
    logFile,
    ownLog: true,
    startDeadlineMs: 120_000,
    stopDeadlineMs: 30_000,
    prepare: () => {
      mkdirSync(path.join(folder, 'tmp'), { recursive: true });
      writeFileSync(settings, settingsText(options));
      return Promise.resolve();
    },
    launch: () =>
      javaLaunch({
        java,
        jars,
        logFile,
        folder,
        heapMb: HEAP_MB,
        mainClass: 'org.apache.kafka.connect.cli.ConnectDistributed',
        args: [settings],
      }),
    // The list of connectors answers only when the worker has joined its group and read its configuration.
    healthy: async (signal) => (await fetch(`http://127.0.0.1:${port}/connectors`, { signal })).ok,
  };
}

function settingsText(options: ConnectPartOptions): string {
  return [
    readFileSync(SETTINGS_FILE, 'utf8'),
    `bootstrap.servers=${options.brokers}`,
    `listeners=HTTP://127.0.0.1:${options.port}`,
    'rest.advertised.host.name=127.0.0.1',
    `plugin.path=${options.plugins}`,
    '',
  ].join('\n');
}
