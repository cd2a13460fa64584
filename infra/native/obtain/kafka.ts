// The jars of Kafka and Kafka Connect and Debezium's plugin, through Maven by coordinate; every file checked against parts.lock.json.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildInto } from './cache.ts';
import type { ObtainContext } from './context.ts';
import { digestOf, verifyFolder, type PartsLock } from './lock-file.ts';
import { maven, obtainArchive } from './maven.ts';

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
  await obtainArchive(context, java, { ...debezium, part: 'Debezium', what: 'the MySQL connector', target });
}
