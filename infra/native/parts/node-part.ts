// One of our own programs (the processor, later the bank API) as a part: a Node process that answers at a health address.

import path from 'node:path';
import type { Part } from './part.ts';

export interface NodePartOptions {
  readonly name: string;
  readonly home: string;
  /** Arguments of node: the script and its own arguments. */
  readonly args: readonly string[];
  /** Settings for it, over the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly port: number | null;
  /** Answers 2xx as soon as the program is up (not: as soon as it is healthy in the sense of G11). */
  readonly aliveUrl: string;
  readonly startDeadlineMs: number;
  readonly stopDeadlineMs: number;
}

export function nodePart(options: NodePartOptions): Part {
  const { name, home, args, env, port, aliveUrl, startDeadlineMs, stopDeadlineMs } = options;
  return {
    kind: 'part',
    name,
    port,
    logFile: path.join(home, 'logs', `${name}.log`),
    ownLog: false,
    startDeadlineMs,
    stopDeadlineMs,
    prepare: () => Promise.resolve(),
    launch: () => ({ command: process.execPath, args, env }),
    healthy: async (signal) => (await fetch(aliveUrl, { signal })).ok,
  };
}
