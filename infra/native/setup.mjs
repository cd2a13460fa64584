// Runs before `npm start` and `npm test`, with nothing but Node: installs the dependencies when package-lock.json asks for others,
// then fetches the native parts. Does nothing, and quickly, when all is there.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const ATTEMPTS_MAX = 3;
const FIRST_DELAY_MS = 2_000;

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`LedgerFlow needs Node 20.19 or newer, this is ${process.versions.node}.`);

if (!dependenciesInstalled()) installDependencies();
const setup = spawnSync(process.execPath, [path.join(ROOT, 'cli', 'ledgerflow.mjs'), 'setup', '--quiet'], { stdio: 'inherit' });
process.exit(setup.status ?? 1);

/** npm keeps its own record of what it installed: node_modules/.package-lock.json. */
function dependenciesInstalled() {
  const record = path.join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = packagesOf(record);
  const wanted = packagesOf(path.join(ROOT, 'package-lock.json'));
  return Object.entries(wanted).every(([name, entry]) => {
    if (name === '') return true;
    const found = installed[name];
    return found === undefined ? entry.optional === true : found.version === entry.version && found.integrity === entry.integrity;
  });
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

function installDependencies() {
  console.log('Installing the dependencies (npm ci) …');
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const started = Date.now();
    if (npm('ci', '--no-audit', '--no-fund', '--include=dev').status === 0) {
      console.log(`Dependencies installed in ${Math.round((Date.now() - started) / 1000)} s`);
      return;
    }
    if (attempt === ATTEMPTS_MAX) break;
    const delayMs = FIRST_DELAY_MS * 2 ** (attempt - 1);
    console.log(`npm ci failed, trying again in ${delayMs / 1000} s`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
  }
  fail('npm ci failed three times: see its messages above; check the network and the npm registry setting.');
}

/** Under `npm start` npm names its own program; elsewhere it is on PATH. */
function npm(...args) {
  const program = process.env.npm_execpath;
  if (program?.endsWith('.js')) return spawnSync(process.execPath, [program, ...args], { cwd: ROOT, stdio: 'inherit' });
  return spawnSync('npm', args, { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32' });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
