// Ends what a killed supervisor left behind: exactly the processes it recorded, newest first.

import { readRunFile, writeRunFile, type RunFile } from './run-file.ts';
import { endProcess, type EndedBy } from './process-id.ts';

export interface EndedPart {
  readonly name: string;
  readonly pid: number;
  readonly by: EndedBy;
}

/** Ends the parts of `run`, in the reverse order of their start. Processes with another start time are never touched. */
export async function endParts(run: RunFile, deadlineMs: number): Promise<EndedPart[]> {
  const ended: EndedPart[] = [];
  for (const [name, record] of Object.entries(run.parts).toReversed()) {
    const by = await endProcess(record, deadlineMs);
    if (by !== 'absent') ended.push({ name, pid: record.pid, by });
  }
  return ended;
}

/** Cleans up after the run recorded in `home`, whose supervisor is known to be gone. */
export async function cleanStaleRun(home: string, deadlineMs: number): Promise<EndedPart[]> {
  const run = readRunFile(home);
  if (run === undefined || run.state === 'stopped') return [];
  const ended = await endParts(run, deadlineMs);
  writeRunFile(home, { ...run, state: 'stopped', parts: {} });
  return ended;
}
