// Puts together what the supervisor recorded and what the processor says into the one object of `ledgerflow status --json`.

import { isRunning, readRunFile, type RunFile } from '../../infra/native/run-file.ts';
import { messageOf } from '../../infra/runtime/errors.ts';
import type { Config } from '../../infra/runtime/settings.ts';
import { processorStatusSchema, type ProcessorStatus, type State, type Status } from '../../infra/runtime/status.ts';

const REQUEST_DEADLINE_MS = 3_000;

/** What the processor answered, or why it did not. */
export type ProcessorAnswer = { readonly report: ProcessorStatus } | { readonly problem: string };

export interface Findings {
  readonly run: RunFile | undefined;
  /** The supervisor that wrote the record lives. */
  readonly live: boolean;
  readonly answer: ProcessorAnswer;
}

/** The status of the run in `config.home`. Never throws because something is down: that is what it tells. */
export async function readStatus(config: Config): Promise<Status> {
  const run = readRunFile(config.home);
  if (!isRunning(run)) return mergeStatus(config.home, { run, live: false, answer: { problem: 'not running' } });
  const url = run.endpoints.metrics?.url;
  const answer = url === undefined ? { problem: 'the processor has not been started yet' } : await askProcessor(url);
  return mergeStatus(config.home, { run, live: true, answer });
}

async function askProcessor(url: string): Promise<ProcessorAnswer> {
  try {
    const response = await fetch(new URL('/status', url), { signal: AbortSignal.timeout(REQUEST_DEADLINE_MS) });
    return { report: processorStatusSchema.parse(await response.json()) };
  } catch (error) {
    return { problem: `the processor does not answer at ${url}: ${messageOf(error)}` };
  }
}

/** Pure: the object of the contract. Endpoints that were never known are null. */
export function mergeStatus(home: string, { run, live, answer }: Findings): Status {
  const report = live && 'report' in answer ? answer.report : null;
  const { mysql, kafka, connect, wire, metrics, bank, dashboards, recon, lake } = run?.endpoints ?? {};
  return {
    ...stateOf({ run, live, answer }),
    mysql: mysql ?? null,
    kafka: kafka ?? null,
    connect: connect ?? null,
    wire: wire ?? null,
    processor: { pid: report?.pid ?? (live ? (run?.parts['processor']?.pid ?? null) : null) },
    metrics: metrics ?? null,
    bank: bank ?? null,
    dashboards: dashboards ?? null,
    recon: recon ?? null,
    lake: lake ?? null,
    cut: { gtid: report?.commit?.gtid ?? null, committedAt: report?.commit?.committedAt ?? null },
    freshnessMs: report?.freshnessMs ?? null,
    parked: report?.parked ?? null,
    heldTables: report?.heldTables ?? [],
    eventsPerSecond: report?.eventsPerSecond ?? null,
    lagMessages: report?.lagMessages ?? null,
    commitId: report?.commit?.id ?? null,
    gold: report?.gold ?? null,
    snapshot: report?.snapshot ?? null,
    publication: report?.publication ?? null,
    verified: report?.verified ?? null,
    home,
  };
}

function stateOf({ run, live, answer }: Findings): { state: State; reason: string | null } {
  if (run === undefined) return { state: 'stopped', reason: 'nothing was ever started in this home folder' };
  if (!live) return { state: 'stopped', reason: run.failure ?? (run.state === 'stopped' ? null : 'the supervisor is gone without a word') };
  if ('report' in answer) return { state: answer.report.state, reason: answer.report.reason ?? run.failure ?? null };
  const expected = run.state === 'streaming' || run.state === 'degraded';
  return { state: expected ? 'degraded' : run.state, reason: run.failure ?? answer.problem };
}
