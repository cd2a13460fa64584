// npm run faults [-- --seed S] [--only NAME …] [--json FILE] [--kills N] [--resume]: every fault of the catalogue on a real stack, one line each, and the
// table docs/faults.md. Ends with the code 1 when anything was violated.

import { readFileSync, writeFileSync, existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../infra/runtime/errors.ts';
import { violations as oracle } from '../support/oracle.ts';
import { diskFaults, mountMissing } from './disk-faults.ts';
import type { Fault } from './fault.ts';
import { killSeries } from './kills/series.ts';
import { networkFaults } from './network-faults.ts';
import { processFaults } from './process-faults.ts';
import { Random } from './random.ts';
import { commitOf, tableText, type FaultRow } from './table.ts';
import { sourceFaults } from './source-faults.ts';
import { FaultStack } from './stack.ts';

const STATE_FILE = path.join(tmpdir(), 'ledgerflow-faults.json');
const TABLE_FILE = path.resolve(import.meta.dirname, '../../docs/faults.md');
const KILLS = 210;
const SERIES_KILLS = 24;
const KILL_LANES = 2;
const TRANSACTIONS = 4_000;
const SETTINGS = {
  LEDGERFLOW_SEGMENT_ROWS: '2000',
  LEDGERFLOW_FOLD_ROWS: '500',
  LEDGERFLOW_PUBLISH_INTERVAL_MS: '3000',
  LEDGERFLOW_DISK_RESERVE_MB: '24',
};

interface Run {
  readonly seed: number;
  readonly commit: string;
  readonly startedAt: string;
  readonly rows: FaultRow[];
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Kills in a process without servers: hundreds. */
async function childKills(seed: number, kills: number): Promise<FaultRow> {
  const started = performance.now();
  const lane = (n: number): ReturnType<typeof killSeries> =>
    killSeries({
      seed: seed + n,
      kills: Math.ceil(kills / KILL_LANES),
      transactions: TRANSACTIONS,
      tell: (text) => say(`  lane ${n}: ${text}`),
    });
  const results = await Promise.all(Array.from({ length: KILL_LANES }, (_, n) => lane(n)));
  const done = results.reduce((sum, result) => sum + result.kills, 0);
  const places = new Set(results.flatMap((result) => [...result.killsPerPoint.keys()]));
  const openMs = results.flatMap((result) => result.openMs).sort((a, b) => a - b);
  return {
    name: 'kill-at-places',
    injected: `${done} kills of store, pipeline, gold and publisher over recorded messages, at ${places.size} named places`,
    detected: `${results.reduce((sum, { recordings }) => sum + recordings, 0)} recordings processed to their end, equal to one without kills`,
    recoveryMs: openMs[Math.floor(openMs.length / 2)] ?? null,
    violations: results.flatMap((result) => result.violations),
    tookMs: performance.now() - started,
  };
}

async function runFault(fault: Fault, stack: FaultStack, random: Random): Promise<FaultRow> {
  const started = performance.now();
  const row = (found: Pick<FaultRow, 'detected' | 'recoveryMs' | 'violations'>): FaultRow => ({
    ...{ name: fault.name, injected: fault.injected, ...found, tookMs: performance.now() - started },
  });
  try {
    const { detected, recoveryMs, violations = [] } = await fault.run({ stack, random, short: false });
    return row({ detected, recoveryMs, violations: [...violations, ...(await oracle(stack.pipeline))] });
  } catch (error) {
    return row({ detected: '', recoveryMs: null, violations: [messageOf(error)] });
  }
}

function report({ name, violations, recoveryMs, tookMs, detected }: FaultRow): void {
  const verdict = violations.length === 0 ? 'ok  ' : 'FAIL';
  const recovery = recoveryMs === null ? '' : `, recovered in ${(recoveryMs / 1_000).toFixed(1)} s`;
  say(`${verdict} ${name.padEnd(34)} ${(tookMs / 1_000).toFixed(0).padStart(4)} s${recovery}: ${detected.slice(0, 110)}`);
  for (const violation of violations.slice(0, 4)) say(`       ${violation.slice(0, 400)}`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      kills: { type: 'string', default: String(KILLS) },
      resume: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  const seed = Number(values.seed);
  const missing = mountMissing();
  const faults = [...processFaults(SERIES_KILLS), ...networkFaults(), ...(missing === null ? diskFaults() : []), ...sourceFaults()];
  const wanted = (name: string): boolean => values.only.length === 0 || values.only.some((part) => name.includes(part));
  const chosen = faults.filter(({ name }) => wanted(name));
  if (values.list) {
    process.stdout.write(`${['kill-at-places', ...faults.map(({ name }) => name)].join('\n')}\n`);
    return 0;
  }
  const run = begin(seed, values.resume);
  const done = new Set(run.rows.map(({ name }) => name));
  const keep = (row: FaultRow): void => {
    run.rows.push(row);
    report(row);
    writeFileSync(STATE_FILE, JSON.stringify(run));
  };
  if (wanted('kill-at-places') && !done.has('kill-at-places')) keep(await childKills(seed, Number(values.kills)));
  const left = chosen.filter(({ name }) => !done.has(name));
  if (left.length > 0) await onStack(left, seed, keep);
  if (missing !== null) say(`skipped disk-full-…: ${missing}`);
  const skipped = [
    ...(missing === null ? [] : diskFaults().map(({ name }) => `${name}: ${missing}`)),
    ...faults.filter(({ name }) => !run.rows.some((row) => row.name === name)).map(({ name }) => `${name}: not run`),
  ];
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(run, null, 2)}\n`);
  if (values.only.length === 0) {
    writeFileSync(TABLE_FILE, tableText({ ...run, skipped }));
    rmSync(STATE_FILE);
  }
  return run.rows.some(({ violations }) => violations.length > 0) ? 1 : 0;
}

function begin(seed: number, resume: boolean): Run {
  const commit = commitOf();
  if (resume && existsSync(STATE_FILE)) {
    const saved = JSON.parse(readFileSync(STATE_FILE, 'utf8')) as Run;
    if (saved.seed === seed) return saved;
  }
  return { seed, commit, startedAt: new Date().toISOString(), rows: [] };
}

/** All on one stack; a fault that it did not get over ends it, and the next one begins with a new one. */
async function onStack(faults: readonly Fault[], seed: number, keep: (row: FaultRow) => void): Promise<void> {
  const random = new Random(seed);
  let stack: FaultStack | null = null;
  for (const fault of faults) {
    stack ??= await FaultStack.open({ env: SETTINGS });
    const row = await runFault(fault, stack, random);
    keep(row);
    if (row.violations.length === 0) continue;
    await stack[Symbol.asyncDispose]();
    stack = null;
  }
  await stack?.[Symbol.asyncDispose]();
}

process.exitCode = await main();
