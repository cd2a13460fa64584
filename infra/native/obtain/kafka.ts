// The jars of Kafka and Kafka Connect and Debezium's plugin, through Maven by coordinate; every file checked against parts.lock.json.

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildInto } from './cache.ts';
import { download, watchSize, type ObtainContext } from './context.ts';
import { obtainMaven } from './java.ts';
import { digestOf, verifyFolder, type PartsLock } from './lock-file.ts';
import { runCommand } from './run-command.ts';

export interface KafkaProgram {
  /** Folder of jars: the class path of the broker, of Connect and of the tools. */
  readonly jars: string;
  /** Connect's plugin.path. */
  readonly plugins: string;
}

/** The folders' names carry a digest of the pinned checksums: one that exists was verified and is complete. */
function foldersOf(cache: string, lock: PartsLock): KafkaProgram {
  return {
    jars: path.join(cache, `kafka-${lock.kafka.version}-${digestOf(lock.kafka.sha256)}`),
    plugins: path.join(cache, `debezium-${lock.debezium.version}-${digestOf(lock.debezium.sha256)}`),
  };
}

export function cachedKafka(cache: string, lock: PartsLock): KafkaProgram | undefined {
  const folders = foldersOf(cache, lock);
  return existsSync(folders.jars) && existsSync(folders.plugins) ? folders : undefined;
}

export async function obtainKafka(context: ObtainContext, java: string): Promise<KafkaProgram> {
  const cached = cachedKafka(context.cache, context.lock);
  if (cached !== undefined) return cached;
  const folders = foldersOf(context.cache, context.lock);
  if (!existsSync(folders.jars)) await obtainJars(context, java, folders.jars);
  if (!existsSync(folders.plugins)) await obtainDebezium(context, java, folders.plugins);
  return folders;
}

async function obtainJars(context: ObtainContext, java: string, target: string): Promise<void> {
  const { kafka } = context.lock;
  const pom = fileURLToPath(new URL(kafka.pom, import.meta.url));
  await buildInto(target, async (temporary) => {
    const what = `downloading ${Object.keys(kafka.sha256).length} jars of ${kafka.sizeMb} MB`;
    await maven(context, java, { part: 'Kafka', what, goal: 'copy-dependencies', args: ['-f', pom, `-DoutputDirectory=${temporary}`] });
    await verifyFolder(temporary, kafka.sha256);
  });
  context.onProgress({ part: 'Kafka', text: `ready: ${kafka.version}, ${Object.keys(kafka.sha256).length} jars verified` });
}

async function obtainDebezium(context: ObtainContext, java: string, target: string): Promise<void> {
  const { debezium } = context.lock;
  await buildInto(target, async (temporary) => {
    const archives = path.join(temporary, '.download');
    mkdirSync(archives);
    const what = `downloading the MySQL connector of ${debezium.sizeMb} MB`;
    const args = [`-Dartifact=${debezium.artifact}`, `-DoutputDirectory=${archives}`];
    await maven(context, java, { part: 'Debezium', what, goal: 'copy', args });
    await verifyFolder(archives, debezium.sha256);
    for (const name of Object.keys(debezium.sha256)) {
      await runCommand('tar', ['-xzf', path.join(archives, name), '-C', temporary], { signal: context.signal });
    }
    rmSync(archives, { recursive: true });
  });
  context.onProgress({ part: 'Debezium', text: `ready: ${debezium.version}, verified` });
}

interface MavenCall {
  readonly part: string;
  readonly what: string;
  readonly goal: string;
  readonly args: readonly string[];
}

/** Maven's own repository goes into the cache too: nothing is written anywhere else. */
async function maven(context: ObtainContext, java: string, call: MavenCall): Promise<void> {
  const mvn = await obtainMaven(context, java);
  const repository = path.join(context.cache, 'maven-repository');
  mkdirSync(repository, { recursive: true });
  const goal = `org.apache.maven.plugins:maven-dependency-plugin:${context.lock.maven.dependencyPlugin}:${call.goal}`;
  const args = ['-B', '-q', '-ntp', `-Dmaven.repo.local=${repository}`, goal, ...call.args];
  using _size = watchSize(context, call.part, repository, call.what);
  const options = { env: mvn.env, cwd: repository, signal: context.signal, timeoutMs: 20 * 60_000 };
  await download(context, call.part, () => runCommand(mvn.command, args, options));
}
