// The Kafka broker as a part: one node, KRaft, formatted once, listening on loopback only.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { LedgerflowError, messageOf } from '../../runtime/errors.ts';
import { runCommand } from '../obtain/run-command.ts';
import { isPortOpen } from '../ports.ts';
import { javaLaunch, type JavaProgram } from './java-launch.ts';
import type { Part } from './part.ts';

export interface KafkaPartOptions {
  readonly home: string;
  readonly java: string;
  readonly jars: string;
  readonly port: number;
  readonly controllerPort: number;
}

const SETTINGS_FILE = fileURLToPath(new URL('../../kafka/server.properties', import.meta.url));
const HEAP_MB = 512;

export function kafkaPart(options: KafkaPartOptions): Part {
  const folder = path.join(options.home, 'kafka');
  const logFile = path.join(options.home, 'logs', 'kafka.log');
  const settings = path.join(folder, 'server.properties');
  const { java, jars, port } = options;
  const program = { java, jars, logFile, folder, heapMb: HEAP_MB, mainClass: 'kafka.Kafka', args: [settings] };
  return {
    kind: 'part',
    name: 'kafka',
    port,
    logFile,
    ownLog: true,
    // After kill -9 the broker checks its log segments before it opens its port.
    startDeadlineMs: 180_000,
    stopDeadlineMs: 30_000,
    prepare: (signal) => prepare(options, program, signal),
    launch: () => javaLaunch(program),
    healthy: () => isPortOpen(port),
  };
}

function settingsText(options: KafkaPartOptions, data: string): string {
  const { port, controllerPort } = options;
  return [
    readFileSync(SETTINGS_FILE, 'utf8'),
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}`,
    `controller.quorum.bootstrap.servers=127.0.0.1:${controllerPort}`,
    `log.dirs=${data}`,
    '',
  ].join('\n');
}

async function prepare(options: KafkaPartOptions, program: JavaProgram, signal: AbortSignal): Promise<void> {
  const { folder } = program;
  const data = path.join(folder, 'data');
  mkdirSync(path.join(folder, 'tmp'), { recursive: true });
  for (const name of readdirSync(folder)) if (name.endsWith('.new')) rmSync(path.join(folder, name), { recursive: true, force: true });
  if (!existsSync(data)) await format(options, program, signal);
  writeFileSync(path.join(folder, 'server.properties'), settingsText(options, data));
}

async function format(options: KafkaPartOptions, program: JavaProgram, signal: AbortSignal): Promise<void> {
  const fresh = path.join(program.folder, `${randomBytes(4).toString('hex')}.new`);
  const settings = `${fresh}.properties`;
  mkdirSync(fresh);
  writeFileSync(settings, settingsText(options, fresh));
  const args = ['format', '--standalone', '-t', clusterId(), '-c', settings];
  const launch = javaLaunch({ ...program, mainClass: 'kafka.tools.StorageTool', args, heapMb: 256 });
  try {
    await runCommand(launch.command, launch.args, { cwd: program.folder, signal, timeoutMs: 120_000 });
    renameSync(fresh, path.join(program.folder, 'data'));
  } catch (error) {
    throw new LedgerflowError('LF_PART_START', `Kafka could not format its data folder: ${messageOf(error)}`, {
      where: fresh,
      cause: error,
    });
  } finally {
    rmSync(settings, { force: true });
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** A Kafka UUID: 16 random bytes in URL-safe base64. A leading '-' would be read as an option. */
function clusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? `A${id.slice(1)}` : id;
}
