// <home>/run.json: what runs and where. Written by the supervisor only; read by the CLI, `down`, the tests and the next start.
// It holds passwords, so it is readable by its owner alone.

import path from 'node:path';
import { LedgerflowError } from '../runtime/errors.ts';
import { readIfExists, writeFileAtomic } from './files.ts';
import { isAlive, type ProcessId } from './process-id.ts';

export type RunState = 'starting' | 'snapshot' | 'streaming' | 'degraded' | 'stopped';

export interface PartRecord extends ProcessId {
  readonly port: number | null;
  readonly logFile: string;
  readonly restarts: number;
}

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface Endpoints {
  /** The login for ordinary clients (user `bank`). */
  readonly mysql: Login;
  readonly kafka: { readonly brokers: string };
  readonly connect: { readonly url: string; readonly connector: string };
  readonly wire: Login;
  readonly metrics: { readonly url: string };
  /** The bank API. */
  readonly bank: { readonly url: string };
  /** The web dashboards. */
  readonly dashboards: { readonly url: string };
  /** The reconciliation API, in the processor's process. */
  readonly recon: { readonly url: string };
  readonly lake: { readonly catalog: string; readonly data: string };
}

export interface RunFile {
  readonly version: 1;
  readonly state: RunState;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly supervisor: ProcessId;
  readonly parts: Readonly<Record<string, PartRecord>>;
  /** Filled as the parts come up; complete from `snapshot` on. */
  readonly endpoints: Partial<Endpoints>;
  /** Why the last start failed or what degraded it; absent when all is well. */
  readonly failure?: string;
}

export function runFilePath(home: string): string {
  return path.join(home, 'run.json');
}

/** The record of the current or last run, or undefined when nothing was ever started in `home`. */
export function readRunFile(home: string): RunFile | undefined {
  const file = runFilePath(home);
  const text = readIfExists(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as RunFile;
  } catch (error) {
    throw new LedgerflowError('LF_RUN_FILE', 'run.json cannot be read', { where: file, cause: error });
  }
}

export function writeRunFile(home: string, run: RunFile): void {
  writeFileAtomic(runFilePath(home), `${JSON.stringify(run, null, 2)}\n`, 0o600);
}

/** True while the supervisor that wrote the record lives. */
export function isRunning(run: RunFile | undefined): run is RunFile {
  return run !== undefined && run.state !== 'stopped' && isAlive(run.supervisor);
}

/** The live run of `home`. @throws LedgerflowError LF_NOT_RUNNING */
export function requireRunning(home: string): RunFile {
  const run = readRunFile(home);
  if (isRunning(run)) return run;
  throw new LedgerflowError('LF_NOT_RUNNING', 'LedgerFlow is not running here', { where: home });
}
