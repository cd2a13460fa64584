// The kill series of `npm run faults`: each visits every named place once, so that a run can be ended and resumed between two.

import type { FaultRow } from '../table.ts';
import { PROOF_OPERATIONS, proofSeries } from './proof/series.ts';
import { killSeries, SERIES_POINTS } from './series.ts';

const SERIES = 5;
const KILLS_PER_SERIES = 42;
const TRANSACTIONS = 4_000;

/** Together at least 200 kills. */
export const KILL_SERIES: readonly string[] = Array.from({ length: SERIES }, (_, n) => `kill-at-places-${n + 1}`);

/** @param name one of KILL_SERIES */
export async function killSeriesRow(
  name: string,
  seed: number,
  say: (text: string) => void,
): Promise<Omit<FaultRow, 'commit' | 'endedAt'>> {
  const started = performance.now();
  const result = await killSeries({
    ...{ seed: seed * SERIES + KILL_SERIES.indexOf(name), kills: KILLS_PER_SERIES, transactions: TRANSACTIONS },
    tell: (text) => say(`  ${name}: ${text}`),
  });
  const openMs = [...result.openMs].sort((a, b) => a - b);
  const places = `${result.killsPerPoint.size} of ${SERIES_POINTS.length} named places`;
  return {
    name,
    injected: `${result.kills} kills of store, pipeline, gold and publisher over recorded messages, at ${places}`,
    detected: `${result.recordings} recordings processed to their end, equal to one without kills`,
    recoveryMs: openMs[Math.floor(openMs.length / 2)] ?? null,
    violations: result.violations,
    tookMs: performance.now() - started,
  };
}

const PROOFS = 3;
const KILLS_PER_OPERATION = 4;

/** Kills of what commands ask for; each of them kills every operation. */
export const PROOF_SERIES: readonly string[] = Array.from({ length: PROOFS }, (_, n) => `kill-at-places-proof-${n + 1}`);

/** @param name one of PROOF_SERIES */
export async function proofSeriesRow(
  name: string,
  seed: number,
  say: (text: string) => void,
): Promise<Omit<FaultRow, 'commit' | 'endedAt'>> {
  const started = performance.now();
  const result = await proofSeries({
    ...{ seed: seed * PROOFS + PROOF_SERIES.indexOf(name), kills: KILLS_PER_OPERATION, operations: PROOF_OPERATIONS },
    tell: (text) => say(`  ${name}: ${text}`),
  });
  return {
    name,
    injected: `${result.kills} kills of ${PROOF_OPERATIONS.join(', ')}, at ${result.places.size} places of theirs`,
    detected: `${result.ended} asked for again and done, equal to ones without kills`,
    recoveryMs: null,
    violations: result.violations,
    tookMs: performance.now() - started,
  };
}
