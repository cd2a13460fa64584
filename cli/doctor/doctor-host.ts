// The doctor's look at this machine: Node, Java, disk, ports, native parts, extension, clock. Nothing needs to run.

import { existsSync, mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder } from '../../infra/native/obtain/cache.ts';
import { findDucklake } from '../../infra/native/obtain/ducklake.ts';
import { findJava, javaVersion } from '../../infra/native/obtain/java.ts';
import { readPartsLock } from '../../infra/native/obtain/lock-file.ts';
import { cachedMysql } from '../../infra/native/obtain/mysql.ts';
import { isPortFree } from '../../infra/native/ports.ts';
import { isRunning, readRunFile } from '../../infra/native/run-file.ts';
import { SETTINGS, type Config, type SettingName } from '../../infra/runtime/settings.ts';
import { fine, guarded, wrong, type Check } from './doctor-check.ts';

const DISK_FREE_GB_MIN = 2;
const NODE_MIN = [20, 19] as const;
/** Earlier than this the clock is certainly wrong (this file was written later). */
const CLOCK_MIN = Date.UTC(2026, 0, 1);

export async function hostChecks(config: Config): Promise<Check[]> {
  const looks: [string, () => Promise<Check[]>][] = [
    ['node', () => Promise.resolve([nodeCheck()])],
    ['java', () => javaCheck(config)],
    ['disk', () => diskChecks(config)],
    ['mysql program', () => Promise.resolve(mysqlProgramCheck(config))],
    ['ducklake extension', () => Promise.resolve([ducklakeCheck(config)])],
    ['clock', () => Promise.resolve([clockCheck()])],
    ['ports', () => portChecks(config)],
  ];
  const found: Check[] = [];
  for (const [name, look] of looks) found.push(...(await guarded(name, look)));
  return found;
}

function nodeCheck(): Check {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const ok = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return ok ? fine('node', node) : wrong('node', node, `Install Node ${NODE_MIN.join('.')} or newer.`);
}

async function javaCheck(config: Config): Promise<Check[]> {
  if (config.kafkaBrokers !== undefined && config.connectUrl !== undefined)
    return [fine('java', 'not needed: Kafka and Connect are given by the settings')];
  const { minimum } = readPartsLock().java;
  const java = await findJava(cacheFolder(config.cache), minimum);
  if (java === undefined) return [wrong('java', `no Java ${minimum} or newer`, 'Run `ledgerflow setup`, install a JRE, or set JAVA_HOME.')];
  return [fine('java', `${(await javaVersion(java)) ?? 'unknown version'} (${java})`)];
}

async function diskChecks(config: Config): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [name, folder] of [
    ['disk of the home folder', config.home] as const,
    ['disk of the cache', cacheFolder(config.cache)] as const,
  ]) {
    mkdirSync(folder, { recursive: true });
    const { bavail, bsize } = await statfs(folder);
    const free = (bavail * bsize) / 1e9;
    const text = `${free.toFixed(1)} GB free at ${folder}`;
    checks.push(free >= DISK_FREE_GB_MIN ? fine(name, text) : wrong(name, text, `Free at least ${DISK_FREE_GB_MIN} GB.`));
  }
  return checks;
}

function mysqlProgramCheck(config: Config): Check[] {
  if (config.mysqlUrl !== undefined) return [fine('mysql program', 'not needed: LEDGERFLOW_MYSQL_URL names a server')];
  const program = cachedMysql(cacheFolder(config.cache));
  if (program !== undefined) return [fine('mysql program', `${program.version} (${program.mysqld})`)];
  return [wrong('mysql program', 'not obtained yet', 'Run `ledgerflow setup`.')];
}

function ducklakeCheck(config: Config): Check {
  const file = findDucklake(cacheFolder(config.cache), readPartsLock(), config.ducklakeExtensionPath);
  if (file !== undefined) return fine('ducklake extension', path.basename(path.dirname(file)));
  return wrong('ducklake extension', 'not there, so the lake is not published', 'Run `ledgerflow setup`, or set DUCKLAKE_EXTENSION_PATH.');
}

function clockCheck(): Check {
  const now = new Date();
  if (now.getTime() >= CLOCK_MIN) return fine('clock', now.toISOString());
  return wrong('clock', now.toISOString(), 'Set the clock: freshness and daily tables depend on it.');
}

/** When it runs, its ports are in use by itself and stand in `ledgerflow status`. */
async function portChecks(config: Config): Promise<Check[]> {
  if (existsSync(config.home) && isRunning(readRunFile(config.home))) return [fine('ports', 'in use by the LedgerFlow that runs here')];
  const names: SettingName[] = ['mysqlPort', 'kafkaPort', 'connectPort', 'wirePort', 'metricsPort', 'bankPort', 'dashboardsPort'];
  const checks: Check[] = [];
  for (const name of names) {
    const port = config[name] as number;
    const free = await isPortFree(port);
    checks.push(fine(SETTINGS[name].env, free ? `${port} is free` : `${port} is in use, the next free port will be taken`));
  }
  return checks;
}
