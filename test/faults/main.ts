// npm run faults [-- --seed S] [--only NAME …] [--resume] [--state FOLDER] [--merge FILE …] [--list]: every fault of the catalogue on a real
// stack, one line each. Results are kept in FOLDER (faults/ in LEDGERFLOW_HOME); --resume runs what is missing or was violated, --merge
// takes results of another run (and runs nothing without --resume); both write the table docs/faults.md of all there are.
// Ends with the code 1 when anything was violated.

import { cpSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { loadConfig } from '../../infra/runtime/config.ts';
import { messageOf } from '../../infra/runtime/errors.ts';
import { Random } from '../../stream/processor/cut/testing/random.ts';
import { violations as oracle } from '../support/oracle.ts';
import { commandFaults } from './command-faults.ts';
import { diskFaults, mountMissing } from './disk-faults.ts';
import type { Fault } from './fault.ts';
import { KILL_SERIES, killSeriesRow, PROOF_SERIES, proofSeriesRow } from './kills/rows.ts';
import { networkFaults } from './network-faults.ts';
import { processFaults } from './process-faults.ts';
import { RunState } from './run-state.ts';
import { sourceFaults } from './source-faults.ts';
import { FaultStack } from './stack.ts';
import { tableText, type FaultRow } from './table.ts';

const TABLE_FILE = path.resolve(import.meta.dirname, '../../docs/faults.md');
const SERIES = [...KILL_SERIES, ...PROOF_SERIES];
const KILLS_AT_ONCE = 2;
const SERIES_KILLS = 24;
const SETTINGS = {
  LEDGERFLOW_SEGMENT_ROWS: '2000',
  LEDGERFLOW_FOLD_ROWS: '500',
  LEDGERFLOW_PUBLISH_INTERVAL_MS: '3000',
  LEDGERFLOW_DISK_RESERVE_MB: '24',
  LEDGERFLOW_WIRE_STATEMENT_TIMEOUT_MS: '300000', // the judge reads whole tables
  LEDGERFLOW_WIRE_ROWS_MAX: '5000000',
};

const HELP = `npm run faults [-- OPTION …]: every fault of the catalogue on a real stack, one line each; hours for all of them
  --list             their names
  --only NAME        this fault, whatever is known of it; results of others stay; may be repeated
  --seed N           what decides places and moments (default: 1)
  --resume           those that are missing or were violated
  --state FOLDER     where results are kept (default: faults/ in the home folder)
  --merge FILE       takes results of another run; may be repeated`;

type Row = Omit<FaultRow, 'commit' | 'endedAt'>;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function runFault(fault: Fault, stack: FaultStack, random: Random): Promise<Row> {
  const started = performance.now();
  const row = (found: Pick<Row, 'detected' | 'recoveryMs' | 'violations'>): Row => ({
    ...{ name: fault.name, injected: fault.injected, ...found, tookMs: performance.now() - started },
  });
  try {
    const { detected, recoveryMs, violations = [] } = await fault.run({ stack, random, short: false });
    return row({ detected, recoveryMs, violations: [...violations, ...(await oracle(stack.pipeline))] });
  } catch (error) {
    return row({ detected: '', recoveryMs: null, violations: [messageOf(error)] });
  }
}

function report({ name, violations, recoveryMs, tookMs, detected }: Row): void {
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
      resume: { type: 'boolean', default: false },
      state: { type: 'string' },
      merge: { type: 'string', multiple: true, default: [] },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const seed = Number(values.seed);
  const missing = mountMissing();
  const faults = [
    ...processFaults(SERIES_KILLS),
    ...commandFaults(),
    ...networkFaults(),
    ...(missing === null ? diskFaults() : []),
    ...sourceFaults(),
  ];
  const names = [...SERIES, ...faults.map(({ name }) => name)];
  if (values.list) {
    process.stdout.write(`${names.join('\n')}\n`);
    return 0;
  }
  const justMerges = values.merge.length > 0 && !values.resume;
  const together = values.resume || values.merge.length > 0;
  const state = new RunState(values.state ?? path.join(loadConfig().home, 'faults'), seed, together || values.only.length > 0);
  for (const file of values.merge) state.merge(file);
  const wanted = (name: string): boolean =>
    !justMerges && (values.only.length === 0 || values.only.some((part) => name.includes(part))) && !(values.resume && state.isDone(name));
  const keep = (row: Row): void => {
    state.keep(row);
    report(row);
  };
  await runSeries(SERIES.filter(wanted), seed, keep);
  await onStack(
    faults.filter(({ name }) => wanted(name)),
    seed,
    keep,
  );
  if (missing !== null) say(`skipped disk-full-…: ${missing}`);
  const rows = names.flatMap((name) => state.rows.filter((row) => row.name === name));
  const left = names.filter((name) => !rows.some((row) => row.name === name));
  const skipped = [...(missing === null ? [] : [`disk-full-store, disk-full-lake (${missing})`]), ...left];
  if (values.only.length === 0 || together) await writeTable(tableText({ seed, rows, skipped }));
  if (left.length > 0) say(`${left.length} faults have not been run yet: --resume runs them`);
  return rows.some(({ violations }) => violations.length > 0) ? 1 : 0;
}

/** A machine under load may not start everything in time: once more. */
async function openStack(): Promise<FaultStack> {
  return await FaultStack.open({ env: SETTINGS }).catch((error: unknown) => {
    say(`the stack did not start, once more: ${messageOf(error).slice(0, 300)}`);
    return FaultStack.open({ env: SETTINGS });
  });
}

async function writeTable(text: string): Promise<void> {
  writeFileSync(TABLE_FILE, await format(text, { ...(await resolveConfig(TABLE_FILE)), parser: 'markdown' }));
}

/** Kills in processes without servers, a few series at once. */
async function runSeries(names: readonly string[], seed: number, keep: (row: Row) => void): Promise<void> {
  const left = [...names];
  const lane = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift())
      keep(await (PROOF_SERIES.includes(name) ? proofSeriesRow : killSeriesRow)(name, seed, say));
  };
  await Promise.all(Array.from({ length: KILLS_AT_ONCE }, lane));
}

/** All on one stack; a fault that it did not get over ends it, and the next one begins with a new one. */
async function onStack(faults: readonly Fault[], seed: number, keep: (row: Row) => void): Promise<void> {
  const random = new Random(seed);
  let stack: FaultStack | null = null;
  for (const fault of faults) {
    stack ??= await openStack();
    const row = await runFault(fault, stack, random);
    keep(row);
    if (row.violations.length === 0) continue;
    const kept = path.join(tmpdir(), `ledgerflow-faults-${fault.name}`);
    cpSync(path.join(stack.home, 'logs'), kept, { recursive: true });
    say(`       logs: ${kept}`);
    await stack[Symbol.asyncDispose]();
    stack = null;
  }
  await stack?.[Symbol.asyncDispose]();
}

process.exitCode = await main();
