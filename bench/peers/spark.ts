// Obtains the Spark peer into the cache and runs it: pyspark and Delta from PyPI with hashes, Kafka's source jars by Maven coordinate.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildInto, cacheFolder, lockFile } from '../../infra/native/obtain/cache.ts';
import { findOnPath } from '../../infra/native/obtain/find-program.ts';
import { findJava } from '../../infra/native/obtain/java.ts';
import { digestOf, readPartsLock, verifyFolder } from '../../infra/native/obtain/lock-file.ts';
import { maven } from '../../infra/native/obtain/maven.ts';
import { runCommand } from '../../infra/native/obtain/run-command.ts';
import { hostEnvironment } from '../../infra/runtime/config.ts';
import { messageOf } from '../../infra/runtime/errors.ts';

export interface SparkTable {
  readonly name: string;
  readonly topic: string;
  readonly key: string;
  readonly columns: readonly { readonly name: string; readonly whole: boolean; readonly decimal: boolean }[];
  /** Rows preloaded, with the keys first … first + rows - 1. */
  readonly first: number;
  readonly rows: number;
}

export interface SparkInput {
  readonly brokers: string;
  readonly out: string;
  readonly cores: number;
  /** Heap of the one JVM, as Spark writes it. */
  readonly memory: string;
  readonly shufflePartitions: number;
  readonly messagesPerBatch: number;
  readonly tables: readonly SparkTable[];
}

export interface SparkResult {
  readonly events: number;
  readonly seconds: number;
  /** Without the first batch, in which the JVM warms up. */
  readonly warmEventsPerSecond: number;
  readonly batches: number;
  readonly preloadSeconds: number;
  readonly rows: Readonly<Record<string, number>>;
}

export interface SparkProgram {
  readonly python: string;
  readonly java: string;
  /** Folder of the Python packages. */
  readonly packages: string;
  readonly jars: string;
}

interface JarsLock {
  readonly artifacts: readonly string[];
  readonly sha256: Readonly<Record<string, string>>;
}

const JAVA_MINIMUM = 17;
const PIP_TIMEOUT_MS = 20 * 60_000;
const RUN_TIMEOUT_MS = 60 * 60_000;
const LOCK_WAIT_MS = 30 * 60_000;
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The peer, obtained when it is not in the cache yet; a text says why it cannot be had on this machine. */
export async function obtainSpark(tell: (text: string) => void): Promise<SparkProgram | string> {
  const python = findOnPath('python3');
  const cache = cacheFolder(hostEnvironment()['LEDGERFLOW_CACHE']);
  const java = await findJava(cache, JAVA_MINIMUM);
  if (python === undefined) return 'python3 is not on PATH';
  if (java === undefined) return `no Java ${JAVA_MINIMUM} or newer is on PATH, in JAVA_HOME or in the cache`;
  const requirements = readFileSync(here('requirements.txt'), 'utf8');
  const lock = JSON.parse(readFileSync(here('jars.lock.json'), 'utf8')) as JarsLock;
  const packages = path.join(cache, `peer-python-${digestOf(requirements)}`);
  const jars = path.join(cache, `peer-jars-${digestOf(lock.sha256)}`);
  mkdirSync(cache, { recursive: true });
  await using held = await lockFile(path.join(cache, 'lock'), { waitMs: LOCK_WAIT_MS });
  if (held === undefined) return 'another set-up holds the cache';
  try {
    if (!existsSync(packages)) await obtainPackages(python, packages, tell);
    if (!existsSync(jars)) await obtainJars(java, { cache, jars, lock, tell });
  } catch (error) {
    return `Spark could not be obtained: ${messageOf(error)}`;
  }
  return { python, java, packages, jars };
}

async function obtainPackages(python: string, target: string, tell: (text: string) => void): Promise<void> {
  tell('fetching pyspark 4.0.0 and delta-spark 4.0.0 (434 MB)');
  await buildInto(target, async (temporary) => {
    const options = [
      '--no-deps',
      '--no-compile',
      '--require-hashes',
      '--disable-pip-version-check',
      '-r',
      here('requirements.txt'),
      '--target',
      temporary,
    ];
    await runCommand(python, ['-m', 'pip', 'install', '-q', ...options], { timeoutMs: PIP_TIMEOUT_MS });
  });
}

interface JarsJob {
  readonly cache: string;
  readonly jars: string;
  readonly lock: JarsLock;
  readonly tell: (text: string) => void;
}

async function obtainJars(java: string, { cache, jars, lock, tell }: JarsJob): Promise<void> {
  const context = {
    cache,
    lock: readPartsLock(),
    onProgress: ({ text }: { text: string }) => tell(text),
    signal: AbortSignal.timeout(PIP_TIMEOUT_MS),
  };
  await buildInto(jars, async (temporary) => {
    for (const artifact of lock.artifacts) {
      const args = [`-Dartifact=${artifact}`, `-DoutputDirectory=${temporary}`];
      await maven(context, java, { part: 'Spark', what: `downloading ${artifact}`, goal: 'copy', args });
    }
    await verifyFolder(temporary, lock.sha256);
  });
}

/** Runs the job to its end in processes of its own. @throws Error with its last words */
export async function runSpark(program: SparkProgram, input: SparkInput): Promise<SparkResult> {
  const jars = Object.keys((JSON.parse(readFileSync(here('jars.lock.json'), 'utf8')) as JarsLock).sha256).map((name) =>
    path.join(program.jars, name),
  );
  const { SPARK_HOME: _, ...environment } = hostEnvironment();
  const child = spawn(program.python, [here('spark_delta.py'), JSON.stringify({ ...input, jars })], {
    env: {
      ...environment,
      PYTHONPATH: program.packages,
      PYTHONDONTWRITEBYTECODE: '1',
      JAVA_HOME: path.dirname(path.dirname(program.java)),
      SPARK_LOCAL_IP: '127.0.0.1',
    },
    cwd: input.out,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_TIMEOUT_MS,
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4_000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`the Spark job ended with ${code}:\n${errors}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as SparkResult;
}
