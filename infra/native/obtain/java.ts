// Where Java 17+ comes from: JAVA_HOME, PATH, the private root in the cache, or Debian packages (with Maven where that is missing too).

import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hostEnvironment } from '../../runtime/config.ts';
import { LedgerflowError } from '../../runtime/errors.ts';
import { readIfExists } from '../files.ts';
import { aptUsable, unpackDebian } from './apt.ts';
import { buildInto } from './cache.ts';
import type { ObtainContext } from './context.ts';
import { findOnPath, isExecutable } from './find-program.ts';
import { writeLauncher } from './private-root.ts';
import { runCommand } from './run-command.ts';
import { systemTrustStore } from './trust-store.ts';

const JAVA_KEEP = /^(openjdk-17-jre-headless|libc6|libgcc-s1|libstdc\+\+6|zlib1g)$/;
const MAVEN_KEEP = /^(maven|lib.*-java)$/;

/** A Java that was there before or lies in the cache; `undefined` when there is none of the wanted version. */
export async function findJava(cache: string, minimum: number): Promise<string | undefined> {
  const home = hostEnvironment().JAVA_HOME;
  const candidates = [
    home === undefined || home === '' ? undefined : path.join(home, 'bin/java'),
    findOnPath('java'),
    path.join(cache, 'java/bin/java'),
  ];
  for (const java of candidates) {
    if (java !== undefined && isExecutable(java) && ((await javaVersion(java)) ?? 0) >= minimum) return java;
  }
  return undefined;
}

/** Major version; read from the JRE's `release` file where there is one, because starting Java takes 0.1 s. */
export async function javaVersion(java: string): Promise<number | undefined> {
  const release = readIfExists(path.join(path.dirname(realpathSync(java)), '../release'));
  const known = /^JAVA_VERSION="(?:1\.)?(\d+)/m.exec(release ?? '');
  if (known !== null) return Number(known[1]);
  try {
    const text = await runCommand(java, ['--version'], { timeoutMs: 20_000 });
    return Number(/(\d+)[.\d]*/.exec(text)?.[1] ?? 0);
  } catch {
    return undefined;
  }
}

/** @throws LedgerflowError LF_JAVA_MISSING where none is found and none can be obtained. */
export async function obtainJava(context: ObtainContext): Promise<string> {
  const { cache, lock } = context;
  const found = await findJava(cache, lock.java.minimum);
  if (found !== undefined) return found;
  const root = path.join(cache, 'java');
  if (!aptUsable()) throw new LedgerflowError('LF_JAVA_MISSING', `no Java ${lock.java.minimum} or newer on PATH or in JAVA_HOME`);
  await buildInto(root, async (temporary) => {
    await unpackDebian(context, { part: 'Java', packages: lock.java.packages, keep: JAVA_KEEP, sizeMb: lock.java.sizeMb }, temporary);
    rmSync(path.join(temporary, '.apt'), { recursive: true });
    const jvm = `usr/lib/jvm/${readdirSync(path.join(temporary, 'usr/lib/jvm')).find((name) => /^java-[\d.]+-openjdk-\w+$/.test(name)) ?? ''}`;
    mkdirSync(path.join(temporary, 'bin'));
    writeFileSync(path.join(temporary, 'cacerts'), systemTrustStore());
    writeLauncher(temporary, path.join(temporary, 'bin/java'), {
      program: `${jvm}/bin/java`,
      libraries: [`${jvm}/lib`, `${jvm}/lib/server`],
      args: ['-Djavax.net.ssl.trustStore=$r/cacerts', '-Djavax.net.ssl.trustStoreType=JKS'],
    });
    const version = await runCommand(path.join(temporary, 'bin/java'), ['--version']);
    context.onProgress({ part: 'Java', text: `ready: ${version.split('\n')[0] ?? ''}` });
  });
  return path.join(root, 'bin/java');
}

export interface Maven {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The mvn on PATH, or Debian's, run by `java`. @throws LedgerflowError LF_PLATFORM_UNSUPPORTED */
export async function obtainMaven(context: ObtainContext, java: string): Promise<Maven> {
  const onPath = findOnPath('mvn');
  // The mvn script takes Java from JAVA_HOME, else from PATH.
  const env = { ...hostEnvironment(), JAVA_HOME: path.dirname(path.dirname(java)) };
  if (onPath !== undefined) return { command: onPath, env: findOnPath('java') === undefined ? env : hostEnvironment() };
  const root = path.join(context.cache, 'maven');
  const command = path.join(root, 'usr/share/maven/bin/mvn');
  if (!existsSync(command)) {
    if (!aptUsable())
      throw new LedgerflowError('LF_PLATFORM_UNSUPPORTED', 'mvn (Apache Maven) is not on PATH, so Kafka cannot be obtained');
    await buildInto(root, async (temporary) => {
      const { packages } = context.lock.mavenClient;
      await unpackDebian(context, { part: 'Maven', packages, keep: MAVEN_KEEP, sizeMb: 10 }, temporary);
      rmSync(path.join(temporary, '.apt'), { recursive: true });
    });
  }
  return { command, env: { ...env, MAVEN_HOME: path.join(root, 'usr/share/maven'), MAVEN_SKIP_RC: 'true' } };
}
