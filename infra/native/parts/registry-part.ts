// Apicurio Registry as a part, listening on loopback only. It keeps its schemas in memory: they are gone when it stops.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Part } from './part.ts';

export interface RegistryPartOptions {
  readonly home: string;
  readonly java: string;
  readonly jar: string;
  readonly port: number;
}

const HEAP_MB = 384;

/** Its API as Confluent's clients know it. */
export function registryUrl(port: number): string {
  return `http://127.0.0.1:${port}/apis/ccompat/v7`;
}

export function registryPart({ home, java, jar, port }: RegistryPartOptions): Part {
  const folder = path.join(home, 'registry');
  return {
    kind: 'part',
    name: 'registry',
    port,
    logFile: path.join(home, 'logs', 'registry.log'),
    ownLog: false,
    startDeadlineMs: 120_000,
    stopDeadlineMs: 20_000,
    prepare: () => {
      mkdirSync(path.join(folder, 'tmp'), { recursive: true });
      return Promise.resolve();
    },
    launch: () => ({
      command: java,
      args: [
        `-Xmx${HEAP_MB}m`,
        '-XX:-UsePerfData',
        `-Djava.io.tmpdir=${path.join(folder, 'tmp')}`,
        `-Dquarkus.http.port=${port}`,
        '-Dquarkus.http.host=127.0.0.1',
        '-jar',
        jar,
      ],
      cwd: folder,
    }),
    healthy: async (signal) => (await fetch(`${registryUrl(port)}/subjects`, { signal })).ok,
  };
}
